/** How long a running exchange outlives the bus that carries it. */
export const PATIENCE_MS = 15_000

/**
 * Milliseconds in which this process was truly listening. While its event loop stands still, messages that prove a peer alive lie unread
 * in the socket; this clock stands still too, so that nobody is declared dead by a process that did not listen.
 */
export class ListeningClock {
  readonly #stepMs: number
  #now = 0
  #last = performance.now()

  /** `tick` has to be called every `stepMs`. */
  constructor(stepMs: number) {
    this.#stepMs = stepMs
  }

  get now(): number {
    return this.#now
  }

  /** Advances by the time since the last tick, by no more than two steps; by nothing when `listening` is false. */
  tick(listening = true): number {
    const now = performance.now()
    if (listening) this.#now += Math.min(now - this.#last, 2 * this.#stepMs)
    this.#last = now
    return this.#now
  }
}
