import type { Bus, Subscribed } from '@gomodel/bus'
import { cacheInvalidated, type CacheSelection, selectionsOf, type Selectable, wordOfSelection } from '@gomodel/contracts'

/** Longer than any answer is under way. */
const REMEMBERED_MS = 3_600_000

/** What was invalidated lately: an answer that a model was asked for before that is neither kept nor given any more, whoever still has it. */
export class Invalidations {
  readonly #moments = new Map<string, number>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  /** Takes note from now on of what others tell. */
  hear(bus: Bus): Subscribed {
    return bus.on(cacheInvalidated, ({ which, at }) => this.note(which, at))
  }

  /** `at` in milliseconds since 1970, by the clock of whoever tells it; what began before it is heard here counts as older, too. */
  note(which: CacheSelection, at: number): void {
    const now = this.#now()
    for (const [word, moment] of this.#moments) {
      if (moment + REMEMBERED_MS > now) break
      this.#moments.delete(word)
    }
    const word = wordOfSelection(which)
    // The latest last.
    this.#moments.delete(word)
    this.#moments.set(word, Math.max(at, now))
  }

  /** Whether an answer was invalidated after a model was asked for it. */
  outdated(answer: Selectable): boolean {
    if (this.#moments.size === 0) return false
    const { origin, storedAt } = answer.answer
    const since = origin?.since ?? storedAt
    return selectionsOf(answer).some(word => since <= (this.#moments.get(word) ?? -Infinity))
  }
}
