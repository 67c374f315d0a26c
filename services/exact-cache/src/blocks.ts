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
  write(bytes: Buffer): number {
    const first = this.#chain(bytes.length)
    let at = 0
    for (const run of this.#runs(first, bytes.length)) at += bytes.copy(run, 0, at)
    return first
  }

  /** A copy of the first `length` bytes under a name. */
  read(first: number, length: number): Buffer {
    return Buffer.concat(this.#runs(first, length), length)
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

  /** A chain of blocks with room for so many bytes. */
  #chain(length: number): number {
    let first = NONE
    let last = NONE
    for (let room = 0; room < length; room += BLOCK_BYTES) {
      const block = this.#take()
      if (last === NONE) first = block
      else this.#follow(last, block)
      last = block
    }
    return first
  }

  /** The memory of a chain; blocks that are neighbours, as those of a chain mostly are, are one piece. */
  #runs(first: number, length: number): Buffer[] {
    const runs: Buffer[] = []
    let block = first
    for (let left = length; left > 0; ) {
      const start = offsetOf(block)
      const segment = this.#segment(block)
      let bytes = BLOCK_BYTES
      let next = this.#after(block)
      while (bytes < left && next === block + 1 && this.#segment(next) === segment) {
        bytes += BLOCK_BYTES
        block = next
        next = this.#after(block)
      }
      runs.push(segment.subarray(start, start + Math.min(bytes, left)))
      left -= bytes
      block = next
    }
    return runs
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
