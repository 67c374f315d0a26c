const MOST = 100
const BRACKETS = 2
const COMMA = 1

interface Waiting {
  readonly values: string[]
  readonly timer: NodeJS.Timeout
  /** Of the message that they would make. */
  bytes: number
}

/** Facts that wait a moment for others of their kind: a message for each would cost its sender and the server as much as the rest of a small request. */
export class GatheredEvents {
  readonly #publish: (subject: string, message: Buffer) => void
  readonly #room: () => number
  readonly #waiting = new Map<string, Waiting>()

  /** `room`: the bytes that one message may have now. */
  constructor({ publish, room }: { publish: (subject: string, message: Buffer) => void; room: () => number }) {
    this.#publish = publish
    this.#room = room
  }

  add(gatheredMs: number, subject: string, value: unknown): void {
    const text = JSON.stringify(value)
    const bytes = COMMA + Buffer.byteLength(text)
    const before = this.#waiting.get(subject)
    // One that is too large by itself leaves alone too, so that nothing is lost with it.
    if (before && before.bytes + bytes > this.#room()) this.#leave(subject)
    let waiting = this.#waiting.get(subject)
    if (!waiting) {
      waiting = { values: [], timer: setTimeout(() => this.#leave(subject), gatheredMs), bytes: BRACKETS - COMMA }
      this.#waiting.set(subject, waiting)
    }
    waiting.values.push(text)
    waiting.bytes += bytes
    if (waiting.values.length === MOST || waiting.bytes >= this.#room()) this.#leave(subject)
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
    this.#publish(subject, Buffer.from(`[${waiting.values.join(',')}]`))
  }
}
