/** Every piece of memory is a number of these. */
export const BLOCK_BYTES = 512

const BLOCKS_PER_SEGMENT = 2048
const NONE = -1

/**
 * Bytes outside the collected heap, in chains of small blocks that are used over and over. Entries that live in the heap are copied and marked by the
 * collector for as long as they are kept, and make it run: under requests that are each kept, standalone did 2,640 a second and had 400 MB with
 * them, 2,840 and 330 MB with these (`npm run bench -- --lanes json64 --systems standalone`, both versions in turn).
 */
export class Blocks {
  readonly #segments: Buffer[] = []
  /** By block: the one that follows it in its chain, or among the free ones. */
  readonly #next: Int32Array[] = []
  #free = NONE

  /** What it took of the process's memory, used or not: as much as it ever needed. */
  get reservedBytes(): number {
    return this.#segments.length * BLOCKS_PER_SEGMENT * BLOCK_BYTES
  }

  /** Takes bytes in; the result names them. */
  write(pieces: readonly Uint8Array[]): number {
    let first = NONE
    let block = NONE
    let room = 0
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; ) {
        if (room === 0) {
          const fresh = this.#take()
          if (block === NONE) first = fresh
          else this.#follow(block, fresh)
          block = fresh
          room = BLOCK_BYTES
        }
        const bytes = Math.min(room, piece.length - at)
        this.#segment(block).set(piece.subarray(at, at + bytes), offsetOf(block) + BLOCK_BYTES - room)
        at += bytes
        room -= bytes
      }
    }
    return first
  }

  /** A copy of the first `length` bytes under a name. */
  read(first: number, length: number): Buffer {
    const copy = Buffer.allocUnsafe(length)
    let block = first
    for (let at = 0; at < length; at += BLOCK_BYTES) {
      const from = offsetOf(block)
      this.#segment(block).copy(copy, at, from, from + Math.min(BLOCK_BYTES, length - at))
      block = this.#after(block)
    }
    return copy
  }

  /** Gives the blocks under a name back. */
  free(first: number): void {
    if (first === NONE) return
    let last = first
    for (let next = this.#after(last); next !== NONE; next = this.#after(last)) last = next
    this.#follow(last, this.#free)
    this.#free = first
  }

  /** Gives all memory back. */
  clear(): void {
    this.#segments.length = 0
    this.#next.length = 0
    this.#free = NONE
  }

  #take(): number {
    if (this.#free === NONE) this.#grow()
    const block = this.#free
    this.#free = this.#after(block)
    this.#follow(block, NONE)
    return block
  }

  #grow(): void {
    const start = this.#segments.length * BLOCKS_PER_SEGMENT
    this.#segments.push(Buffer.allocUnsafeSlow(BLOCKS_PER_SEGMENT * BLOCK_BYTES))
    this.#next.push(Int32Array.from({ length: BLOCKS_PER_SEGMENT }, (_, index) => (index + 1 < BLOCKS_PER_SEGMENT ? start + index + 1 : NONE)))
    this.#free = start
  }

  #segment(block: number): Buffer {
    return this.#segments[Math.floor(block / BLOCKS_PER_SEGMENT)]!
  }

  #after(block: number): number {
    return this.#next[Math.floor(block / BLOCKS_PER_SEGMENT)]![block % BLOCKS_PER_SEGMENT]!
  }

  #follow(block: number, next: number): void {
    this.#next[Math.floor(block / BLOCKS_PER_SEGMENT)]![block % BLOCKS_PER_SEGMENT] = next
  }
}

const offsetOf = (block: number): number => (block % BLOCKS_PER_SEGMENT) * BLOCK_BYTES
