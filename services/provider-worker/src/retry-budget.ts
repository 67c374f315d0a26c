// An outage that fails every request may add a tenth to what is asked of the provider, not a multiple.
const EARNED_BY_REQUEST = 0.1
// So many may be made at once after a calm, so that one failure among few requests is still mended.
const SAVED_AT_MOST = 10

/** Bounds the further tries of one instance by its first ones. */
export class RetryBudget {
  #left = SAVED_AT_MOST

  /** A request is tried for the first time. */
  earn(): void {
    this.#left = Math.min(SAVED_AT_MOST, this.#left + EARNED_BY_REQUEST)
  }

  /** Whether one more try may be made; if so it is counted. */
  spend(): boolean {
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
