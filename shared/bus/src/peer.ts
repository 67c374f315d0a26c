import type { Attempt } from './attempt.ts'
import type { ListeningClock } from './clock.ts'
import { decodeState, encodeControl, encodeState, KIND, UNKNOWN, type StateEntry } from './frames.ts'
import type { Inbox } from './inbox.ts'
import type { Transport } from './transport.ts'

const PROBE_EVERY_MS = 300
const REPROBE_MS = 50
const FROZEN_MS = 1500
const GONE_MS = 500
const GONE_AFTER_RECONNECT_MS = 3000

/**
 * A worker with which this caller has exchanges. One probe for all of them says whether it lives and how far each stream is: no responder
 * for half a second means it is gone, no answer for one and a half means it is frozen.
 */
export class Peer {
  readonly worker: string
  readonly up: string
  readonly attempts = new Map<string, Attempt>()
  readonly #transport: Transport
  readonly #inbox: Inbox
  readonly #clock: ListeningClock
  readonly #token: string
  #acks: StateEntry[] = []
  readonly #credits = new Set<Attempt>()
  #scheduled = false
  #probedAt = Number.NEGATIVE_INFINITY
  #heardAt: number
  #goneSince: number | undefined
  #reconnectedAt = Number.NEGATIVE_INFINITY

  constructor(options: { worker: string; up: string; transport: Transport; inbox: Inbox; clock: ListeningClock; lost: (attempt: Attempt) => void; resume: (attempt: Attempt, last: number) => void }) {
    this.worker = options.worker
    this.up = options.up
    this.#transport = options.transport
    this.#inbox = options.inbox
    this.#clock = options.clock
    this.#heardAt = options.clock.now
    this.#token = `~${options.worker}`
    this.#inbox.on(this.#token, message => {
      if (message.noResponders) {
        this.#goneSince ??= this.#clock.now
        return
      }
      this.heard()
      for (const entry of decodeState(message.data)) {
        const attempt = this.attempts.get(entry.attempt)
        if (!attempt) continue
        if (entry.ack === UNKNOWN) options.lost(attempt)
        else {
          attempt.accepted = true
          attempt.body?.acknowledge(entry.ack, entry.granted)
          options.resume(attempt, entry.last)
        }
      }
    })
  }

  get idle(): boolean {
    return this.attempts.size === 0 && this.#acks.length === 0 && this.#clock.now - this.#probedAt > FROZEN_MS
  }

  /** Any sign of life. */
  heard(): void {
    this.#heardAt = this.#clock.now
    this.#goneSince = undefined
  }

  add(attempt: Attempt): void {
    if (this.attempts.size === 0) {
      this.heard()
      this.#probedAt = this.#clock.now
    }
    this.attempts.set(attempt.id, attempt)
  }

  /** The stream was received to its end: the worker may drop what it keeps for a resend. These wait for the next message to it. */
  acknowledge(attempt: Attempt): void {
    this.#acks.push(entryOf(attempt))
  }

  /** The attempt has new credit for its worker; all that accrue in a tick leave in one message. */
  credit(attempt: Attempt): void {
    this.#credits.add(attempt)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.flush())
  }

  flush(): void {
    this.#scheduled = false
    if (!this.#transport.connected || (this.#credits.size === 0 && this.#acks.length === 0)) return
    const entries = [...this.#acks, ...[...this.#credits].map(entryOf)]
    this.#acks = []
    this.#credits.clear()
    this.#transport.publish(this.up, encodeState(entries))
  }

  cancel(attempt: Attempt): void {
    if (this.#transport.connected) this.#transport.publish(this.up, encodeControl(KIND.cancel, attempt.id))
  }

  /** To be called every few dozen milliseconds; says what became of the worker. */
  sweep(): 'alive' | 'gone' | 'frozen' {
    this.flush()
    if (this.attempts.size === 0) return 'alive'
    const now = this.#clock.now
    if (this.#goneSince !== undefined) {
      const patience = now - this.#reconnectedAt < GONE_AFTER_RECONNECT_MS ? GONE_AFTER_RECONNECT_MS : GONE_MS
      if (now - this.#goneSince > patience) return 'gone'
    }
    if (now - this.#probedAt >= (this.#goneSince === undefined ? PROBE_EVERY_MS : REPROBE_MS)) this.probe()
    return this.#goneSince === undefined && now - this.#heardAt > FROZEN_MS ? 'frozen' : 'alive'
  }

  /** Lists every exchange with this worker; what is not on the list is over for us. */
  probe(): void {
    if (!this.#transport.connected) return
    this.#probedAt = this.#clock.now
    this.#transport.publish(this.up, encodeState([...this.attempts.values()].map(entryOf)), this.#inbox.subject(this.#token))
  }

  /** After a broken connection each side needs a moment to come back: silence proves nothing now. */
  reconnected(): void {
    this.#reconnectedAt = this.#clock.now
    this.heard()
    if (this.attempts.size > 0) this.probe()
  }

  close(): void {
    this.#inbox.off(this.#token)
  }
}

const entryOf = (attempt: Attempt): StateEntry => ({
  attempt: attempt.id,
  ack: attempt.receiver.ack,
  granted: attempt.window.granted,
  last: attempt.body?.last ?? 0,
})
