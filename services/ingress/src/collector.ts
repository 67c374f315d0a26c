/** Memory that answers may take while they wait for their end; one budget for all of them. */
export class CollectorBudget {
  readonly maxEntryBytes: number
  #left: number

  constructor({ maxEntryBytes, maxTotalBytes }: { maxEntryBytes: number; maxTotalBytes: number }) {
    this.maxEntryBytes = maxEntryBytes
    this.#left = maxTotalBytes
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  give(bytes: number): void {
    this.#left += bytes
  }
}

const FIRST_BYTES = 2048
const NOTHING = Buffer.alloc(0)

/** Copies an answer while it passes by, so that a piece of it does not hold the whole message that it came in. */
export class Collector {
  readonly #budget: CollectorBudget
  /** An answer that came in one piece. */
  #only: Uint8Array | undefined
  #buffer: Buffer = NOTHING
  #length = 0
  #taken = 0
  #overflown = false

  constructor(budget: CollectorBudget) {
    this.#budget = budget
  }

  /** False when it was too much, now or before; then nothing more is added. `whole`: nothing follows, so that it is not copied. */
  add(bytes: Uint8Array, whole = false): boolean {
    if (this.#overflown) return false
    const length = this.#length + bytes.length
    if (whole && this.#length === 0 && this.#take(length)) {
      this.#only = bytes
      this.#length = length
      return true
    }
    if (length > this.#buffer.length && !this.#grow(length)) {
      this.#overflown = true
      return false
    }
    this.#buffer.set(bytes, this.#length)
    this.#length = length
    return true
  }

  /** What was added so far, all of it or not. Good until `release`. */
  get kept(): Buffer {
    if (!this.#only) return this.#buffer.subarray(0, this.#length)
    const { buffer, byteOffset, byteLength } = this.#only
    return Buffer.from(buffer, byteOffset, byteLength)
  }

  /** Everything that passed; undefined when it was too much to keep. Good until `release`. */
  get bytes(): Buffer | undefined {
    return this.#overflown ? undefined : this.kept
  }

  release(): void {
    this.#budget.give(this.#taken)
    this.#taken = 0
    this.#only = undefined
    this.#buffer = NOTHING
    this.#length = 0
  }

  #grow(length: number): boolean {
    if (length > this.#budget.maxEntryBytes) return false
    const size = Math.min(this.#budget.maxEntryBytes, Math.max(FIRST_BYTES, 2 ** Math.ceil(Math.log2(length))))
    if (!this.#take(size)) return false
    const larger = Buffer.allocUnsafeSlow(size)
    larger.set(this.kept)
    this.#only = undefined
    this.#buffer = larger
    return true
  }

  /** Has so many bytes of the budget from now on. */
  #take(bytes: number): boolean {
    if (bytes > this.#budget.maxEntryBytes || !this.#budget.take(bytes - this.#taken)) return false
    this.#taken = bytes
    return true
  }
}
