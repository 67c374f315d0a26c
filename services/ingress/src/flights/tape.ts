import { Collector, type CollectorBudget } from '../collector.ts'

// How far the slowest may be behind of an answer that is too large to be kept whole.
const MAX_LAG_BYTES = 1024 * 1024

/** An answer as far as it came, for readers who are at different places in it. What is too large to be kept whole is kept only for those who read it now. */
export class Tape {
  #collector: Collector | undefined
  /** Everything from `#from` on that is not with the collector. */
  #pieces: Uint8Array[] = []
  #from = 0
  #length = 0

  /** Without a budget nothing is kept for later readers. */
  constructor(budget: CollectorBudget | undefined) {
    this.#collector = budget && new Collector(budget)
  }

  /** Everything that came; undefined when it was too much to keep. */
  get whole(): Buffer | undefined {
    return this.#collector?.bytes
  }

  /** Somebody may still begin at the beginning. */
  get fromBeginning(): boolean {
    return this.#from === 0 && (this.#collector !== undefined || this.#length === 0)
  }

  /** `whole`: nothing follows. */
  add(bytes: Uint8Array, whole = false): void {
    this.#length += bytes.length
    if (this.#collector?.add(bytes, whole)) return
    if (this.#collector) this.#overflow(this.#collector)
    this.#pieces.push(bytes)
    while (this.#length - this.#from > MAX_LAG_BYTES && this.#pieces.length > 1) this.#dropFirst()
  }

  /** What comes behind a place; nothing when that is yet to come, and `gone` when it was dropped. */
  behind(place: number): Uint8Array | 'gone' | undefined {
    if (place >= this.#length) return undefined
    if (this.#collector) return this.#collector.kept.subarray(place)
    if (place < this.#from) return 'gone'
    let at = this.#from
    for (const piece of this.#pieces) {
      if (place < at + piece.length) return place === at ? piece : piece.subarray(place - at)
      at += piece.length
    }
    return undefined
  }

  /** Nobody is before this place any more. What can be kept whole is kept for those to come. */
  passed(place: () => number): void {
    if (this.#collector) return
    const least = place()
    while (this.#pieces.length > 0 && this.#from + this.#pieces[0]!.length <= least) this.#dropFirst()
  }

  release(): void {
    this.#collector?.release()
    this.#pieces = []
    this.#from = this.#length
  }

  #overflow(collector: Collector): void {
    if (collector.kept.length > 0) this.#pieces.push(collector.kept)
    collector.release()
    this.#collector = undefined
  }

  #dropFirst(): void {
    this.#from += this.#pieces.shift()!.length
  }
}
