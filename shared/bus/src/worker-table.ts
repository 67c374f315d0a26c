import { type Static, Type } from 'typebox'
import type { ListeningClock } from './clock.ts'

/** What a worker says of itself. */
export const LoadReport = Type.Object({ inFlight: Type.Number({ minimum: 0 }), capacity: Type.Number({ exclusiveMinimum: 0 }), draining: Type.Boolean() })
export type LoadReport = Readonly<Static<typeof LoadReport>>

interface KnownWorker {
  readonly key: string
  readonly worker: string
  report: LoadReport
  heardAt: number
  /** Sent by us since its last report. */
  sent: number
}

const SILENCE_MS = 1500

/** The workers that gossip their load, and the choice among them: the less loaded of two picked at random. */
export class WorkerTable {
  readonly #clock: ListeningClock
  readonly #workers = new Map<string, KnownWorker>()

  constructor(clock: ListeningClock) {
    this.#clock = clock
  }

  heard(key: string, worker: string, report: LoadReport): void {
    const known = this.#workers.get(worker)
    if (known) Object.assign(known, { report, heardAt: this.#clock.now, sent: 0 })
    else this.#workers.set(worker, { key, worker, report, heardAt: this.#clock.now, sent: 0 })
  }

  forget(worker: string): void {
    this.#workers.delete(worker)
  }

  /** A worker of the pool that takes work and is not excluded, or undefined. */
  choose(key: string, excluded: ReadonlySet<string>): string | undefined {
    const able = this.#able(key).filter(known => !excluded.has(known.worker))
    if (able.length === 0) return undefined
    const at = Math.floor(Math.random() * able.length)
    const first = able[at]!
    // Another one, if there is one: drawn twice, the busiest would still get its share by being compared with itself.
    const second = able[(at + 1 + Math.floor(Math.random() * (able.length - 1))) % able.length]!
    const chosen = load(second) < load(first) ? second : first
    chosen.sent++
    return chosen.worker
  }

  /** The pool has a worker that takes work and is not excluded. */
  others(key: string, excluded: ReadonlySet<string>): boolean {
    return this.#able(key).some(known => !excluded.has(known.worker))
  }

  /** How many workers of the pool take work. */
  count(key: string): number {
    return this.#able(key).length
  }

  /** Forgets the ones that fell silent. */
  expire(): void {
    for (const known of this.#workers.values()) if (this.#clock.now - known.heardAt > SILENCE_MS) this.#workers.delete(known.worker)
  }

  #able(key: string): KnownWorker[] {
    return this.#workers.values().filter(known => known.key === key && !known.report.draining).toArray()
  }
}

const load = (known: KnownWorker) => (known.report.inFlight + known.sent) / known.report.capacity
