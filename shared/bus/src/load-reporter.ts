import type { ListeningClock } from './clock.ts'
import { encodeJson } from './codec.ts'
import type { Transport } from './transport.ts'
import type { LoadReport } from './worker-table.ts'

const EVERY_MS = 250
const CHANGE = 0.12

/** Tells callers how busy one worker is: four times a second, and at once when its load changed by an eighth of its capacity. */
export class LoadReporter {
  readonly #transport: Transport
  readonly #clock: ListeningClock
  readonly #subject: string
  readonly #capacity: number
  #last = { at: Number.NEGATIVE_INFINITY, inFlight: 0 }
  #draining = false

  constructor(options: { transport: Transport; clock: ListeningClock; subject: string; capacity: number }) {
    this.#transport = options.transport
    this.#clock = options.clock
    this.#subject = options.subject
    this.#capacity = options.capacity
  }

  sweep(inFlight: number): void {
    const changed = Math.abs(inFlight - this.#last.inFlight) > CHANGE * this.#capacity
    if (changed || this.#clock.now - this.#last.at >= EVERY_MS) this.report(inFlight, this.#draining)
  }

  report(inFlight: number, draining: boolean): void {
    this.#last = { at: this.#clock.now, inFlight }
    this.#draining = draining
    const report: LoadReport = { inFlight, capacity: this.#capacity, draining }
    if (this.#transport.connected) this.#transport.publish(this.#subject, encodeJson(report))
  }
}
