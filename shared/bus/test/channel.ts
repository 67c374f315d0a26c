import * as fc from 'fast-check'

/** What becomes of one message on its way: how many copies arrive, and after how many steps each. */
export type Fate = readonly number[]

/** Mostly on time, sometimes late (and so out of order), twice or never. */
export const fates = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Fate>([1]) },
    { weight: 2, arbitrary: fc.tuple(fc.integer({ min: 2, max: 40 })) },
    { weight: 2, arbitrary: fc.constant<Fate>([]) },
    { weight: 1, arbitrary: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 60 })) },
  ),
  { maxLength: 400 },
)

/** A way that loses, doubles, delays and reorders as it is told, and is in order once it was told everything. */
export class Channel<T> {
  readonly #fates: Iterator<Fate>
  #underway: { at: number; message: T }[] = []

  constructor(told: readonly Fate[]) {
    this.#fates = told.values()
  }

  send(message: T, now: number): void {
    for (const delay of this.#fates.next().value ?? [1]) this.#underway.push({ at: now + delay, message })
  }

  arrived(now: number): T[] {
    const due = this.#underway.filter(sent => sent.at <= now).sort((a, b) => a.at - b.at)
    this.#underway = this.#underway.filter(sent => sent.at > now)
    return due.map(sent => sent.message)
  }
}
