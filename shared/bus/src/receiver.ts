import type { StreamFrame } from './frames.ts'

/** At no less than 50 ms each that is five seconds at least in which the peer was heard and what it was asked for did not come. */
const MOST_ASKED = 100

/**
 * The receiving end of one stream: lets each frame through once and in order. A gap is answered by asking for everything from the first
 * missing frame; what came after it is dropped and comes again. Pure: it decides and sends nothing.
 */
export class Receiver {
  readonly #resendEveryMs: number
  #ack = 0
  #askedAt = Number.NEGATIVE_INFINITY
  /** Times that the next frame was asked for. */
  #asked = 0
  #ended = false
  duplicates = 0

  constructor(resendEveryMs = 50) {
    this.#resendEveryMs = resendEveryMs
  }

  /** The last frame received in order. */
  get ack(): number {
    return this.#ack
  }

  get ended(): boolean {
    return this.#ended
  }

  /** The next frame was asked for again and again, and will not come. */
  get stuck(): boolean {
    return this.#asked >= MOST_ASKED
  }

  /** `deliver`: it is the next one. `gap`: ask for a resend from `ack + 1`. `drop`: seen before, or a resend is under way. */
  accept(frame: StreamFrame, now: number): 'deliver' | 'gap' | 'drop' {
    if (frame.seq <= this.#ack || this.#ended) {
      this.duplicates++
      return 'drop'
    }
    if (frame.seq > this.#ack + 1) return this.behind(frame.seq, now) ? 'gap' : 'drop'
    this.#ack = frame.seq
    this.#asked = 0
    this.#ended = frame.end !== undefined || frame.error !== undefined
    return 'deliver'
  }

  /** The sender says how far it is; true when something is missing and it is time to ask for it. */
  behind(last: number, now: number): boolean {
    if (last <= this.#ack || this.#ended || now - this.#askedAt < this.#resendEveryMs) return false
    this.#askedAt = now
    this.#asked++
    return true
  }
}
