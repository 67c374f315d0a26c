const BLOCK_BYTES = 4096

/**
 * Content that waits for its reader. What arrives is a view of the socket reads that it came in, half a megabyte under load, so a backlog of
 * small views would hold many times its own size: small pieces are copied, and copied together behind the first.
 */
export class Backlog {
  #chunks: Buffer[] = []
  /** Where the last chunk lies, when more can be put behind it. */
  #block: Buffer | undefined

  get empty(): boolean {
    return this.#chunks.length === 0
  }

  /** `expected`: its reader is there and will not let it wait. */
  push(bytes: Buffer, expected: boolean): void {
    const small = 4 * bytes.length < bytes.buffer.byteLength
    if (!small || this.#chunks.length === 0) {
      this.#block = undefined
      this.#chunks.push(small && !expected ? Buffer.from(bytes) : bytes)
      return
    }
    let filled = this.#block ? this.#chunks.at(-1)!.length : 0
    if (!this.#block || this.#block.length - filled < bytes.length) {
      this.#block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, bytes.length))
      this.#chunks.push(this.#block)
      filled = 0
    }
    this.#block.set(bytes, filled)
    this.#chunks[this.#chunks.length - 1] = this.#block.subarray(0, filled + bytes.length)
  }

  shift(): Buffer | undefined {
    const first = this.#chunks.shift()
    if (this.#chunks.length === 0) this.#block = undefined
    return first
  }

  /** Everything that waits, in one piece. */
  take(): Buffer | undefined {
    const all = this.#chunks
    if (all.length < 2) return this.shift()
    this.clear()
    return Buffer.concat(all)
  }

  clear(): void {
    this.#chunks = []
    this.#block = undefined
  }
}
