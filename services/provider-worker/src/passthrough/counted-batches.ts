const REMEMBERED = 10_000

/** Batches whose cost was counted by this process, the latest ten thousand: results may be fetched again and again. */
export class CountedBatches {
  readonly #ids = new Set<string>()

  /** Whether this is the first time; from now on it is not. */
  first(id: string): boolean {
    if (this.#ids.has(id)) return false
    this.#ids.add(id)
    const [oldest] = this.#ids
    if (this.#ids.size > REMEMBERED && oldest !== undefined) this.#ids.delete(oldest)
    return true
  }
}
