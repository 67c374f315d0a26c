import type { Event } from '@gomodel/contracts'
import { encodeJson } from './codec.ts'

const MOST = 100

interface Waiting {
  readonly subject: string
  readonly values: unknown[]
  readonly timer: NodeJS.Timeout
}

/** Facts that wait a moment for others of their kind: a message for each would cost its sender and the server as much as the rest of a small request. */
export class GatheredEvents {
  readonly #publish: (subject: string, message: Buffer) => void
  readonly #waiting = new Map<string, Waiting>()

  constructor(publish: (subject: string, message: Buffer) => void) {
    this.#publish = publish
  }

  add({ gatheredMs }: Event, subject: string, value: unknown): void {
    let waiting = this.#waiting.get(subject)
    if (!waiting) {
      waiting = { subject, values: [], timer: setTimeout(() => this.#leave(subject), gatheredMs) }
      this.#waiting.set(subject, waiting)
    }
    waiting.values.push(value)
    if (waiting.values.length === MOST) this.#leave(subject)
  }

  /** Those that wait leave now. */
  flush(): void {
    for (const subject of this.#waiting.keys()) this.#leave(subject)
  }

  #leave(subject: string): void {
    const waiting = this.#waiting.get(subject)
    if (!waiting) return
    this.#waiting.delete(subject)
    clearTimeout(waiting.timer)
    this.#publish(subject, encodeJson(waiting.values))
  }
}
