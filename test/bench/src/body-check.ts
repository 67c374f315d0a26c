import type { ExpectedBody, Judged, Verdict } from './expected-body.ts'

/** Compares one body with the one that is expected, piece by piece as it comes. */
export class BodyCheck {
  readonly #expected: ExpectedBody
  readonly #likely: Judged
  #matched = 0
  /** From the first byte on that differs. */
  #different: Buffer[] | undefined

  constructor(expected: ExpectedBody) {
    this.#expected = expected
    this.#likely = expected.likely
  }

  take(piece: Buffer): void {
    const { bytes } = this.#likely
    const end = this.#matched + piece.length
    if (!this.#different && end <= bytes.length && bytes.compare(piece, 0, piece.length, this.#matched, end) === 0) this.#matched = end
    else (this.#different ??= []).push(Buffer.from(piece))
  }

  verdict(): Verdict {
    const { bytes, verdict } = this.#likely
    return !this.#different && this.#matched === bytes.length ? verdict : this.#expected.judge(this.#body())
  }

  text(): string {
    return this.#body().toString()
  }

  #body(): Buffer {
    return Buffer.concat([this.#likely.bytes.subarray(0, this.#matched), ...(this.#different ?? [])])
  }
}
