import type { Transport } from './transport.ts'

const EVERY_MS = 200
const LATE_MS = 600

/**
 * Tells a silent peer from a silent bus: the server itself is asked for a sign of life all the time. While that is late, nobody's silence
 * proves anything, and a server that stands still for some seconds breaks no stream.
 */
export class Echo {
  readonly #transport: Transport
  #heardAt = performance.now()
  #askedAt: number | undefined

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** To be called every few dozen milliseconds; true while the bus carries what is said. */
  sweep(): boolean {
    const now = performance.now()
    if (!this.#transport.connected) {
      this.#heardAt = now
      this.#askedAt = undefined
      return false
    }
    if (this.#askedAt === undefined && now - this.#heardAt >= EVERY_MS) void this.#ask(now)
    return now - this.#heardAt < LATE_MS
  }

  async #ask(at: number): Promise<void> {
    this.#askedAt = at
    await this.#transport.flush()
    if (this.#askedAt !== at) return
    this.#askedAt = undefined
    this.#heardAt = performance.now()
  }
}
