import { isDeepStrictEqual } from 'node:util'

/** `exact`: the bytes that the upstream sent. `rewritten`: other bytes that say the same, whole. */
export type Verdict = 'exact' | 'rewritten' | 'wrong'

/** Compares one body with the one that is expected, piece by piece as it comes. */
export class BodyCheck {
  readonly #expected: Buffer
  readonly #stream: boolean
  #matched = 0
  /** From the first byte on that differs. */
  #different: Buffer[] | undefined

  constructor(expected: Buffer, stream: boolean) {
    this.#expected = expected
    this.#stream = stream
  }

  get bytes(): number {
    return this.#matched + (this.#different?.reduce((sum, piece) => sum + piece.length, 0) ?? 0)
  }

  take(piece: Buffer): void {
    const end = this.#matched + piece.length
    if (!this.#different && end <= this.#expected.length && this.#expected.compare(piece, 0, piece.length, this.#matched, end) === 0) this.#matched = end
    else (this.#different ??= []).push(Buffer.from(piece))
  }

  verdict(): Verdict {
    if (!this.#different && this.#matched === this.#expected.length) return 'exact'
    const said = this.#stream ? contentOf : parsed
    return isDeepStrictEqual(said(this.text()), said(this.#expected.toString())) ? 'rewritten' : 'wrong'
  }

  text(): string {
    return Buffer.concat([this.#expected.subarray(0, this.#matched), ...(this.#different ?? [])]).toString()
  }
}

interface Content {
  readonly text: string
  readonly finish: string | undefined
  readonly done: boolean
}

interface ChunkShape {
  readonly error?: unknown
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null }; readonly finish_reason?: string | null }[]
}

/** What a client makes of a stream: its deltas joined, its finish reason, and that it was ended. */
function contentOf(body: string): Content | undefined {
  let text = ''
  let finish: string | undefined
  let done = false
  for (const line of body.split(/\r?\n/)) {
    if (!line.startsWith('data:')) continue
    const data = line.slice(5).trim()
    if (done) return undefined
    if (data === '[DONE]') {
      done = true
      continue
    }
    const chunk = parsed(data) as ChunkShape | undefined
    if (!chunk || chunk.error) return undefined
    const choice = chunk.choices?.[0]
    text += choice?.delta?.content ?? ''
    finish = choice?.finish_reason ?? finish
  }
  return { text, finish, done }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
