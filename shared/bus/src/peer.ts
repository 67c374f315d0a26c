import type { Attempt } from './attempt.ts'
import type { ListeningClock } from './clock.ts'
import { decodeState, encodeControl, encodeState, ENTRY_BYTES, KIND, UNKNOWN, type StateEntry } from './frames.ts'
import type { Inbox } from './inbox.ts'
import { PassingMap } from './passing-map.ts'
import type { Tally } from './tally.ts'
import type { Transport } from './transport.ts'

const PROBE_EVERY_MS = 150
const REPROBE_MS = 50
const FROZEN_MS = 1500
const GONE_MS = 500
const GONE_AFTER_RECONNECT_MS = 3000
const PROBES_OWED = 2

/** What a peer asks of the one who calls. */
export interface PeerHost {
  /** The worker does not know this exchange. */
  lost(attempt: Attempt): void
  /** The worker does not send the next frame, however often it is asked to. */
  stuck(attempt: Attempt): void
  /** A message of the request's body does not fit on the bus. */
  unsendable(attempt: Attempt, thrown: unknown): void
}

/**
 * A worker with which this caller has exchanges. One probe for all of them says whether it lives and how far each stream is: no responder
 * for half a second means it is gone, no answer for one and a half means it is frozen.
 */
export class Peer {
  readonly worker: string
  readonly up: string
  readonly attempts = new PassingMap<string, Attempt>()
  readonly #transport: Transport
  readonly #inbox: Inbox
  readonly #clock: ListeningClock
  readonly #token: string
  readonly #host: PeerHost
  readonly #tally: Tally
  #acks: StateEntry[] = []
  /** A new one for each flush: see PassingMap. */
  #credits = new Set<Attempt>()
  #scheduled = false
  #probedAt = Number.NEGATIVE_INFINITY
  #heardAt: number
  #goneSince: number | undefined
  /** Probes still to be made when nothing is awaited any more: two that do not list an exchange end it, should our last word on it be lost. */
  #owed = 0
  #reconnectedAt = Number.NEGATIVE_INFINITY

  constructor(options: { worker: string; up: string; transport: Transport; inbox: Inbox; clock: ListeningClock; host: PeerHost; tally: Tally }) {
    this.worker = options.worker
    this.up = options.up
    this.#transport = options.transport
    this.#inbox = options.inbox
    this.#clock = options.clock
    this.#host = options.host
    this.#tally = options.tally
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
        if (entry.ack === UNKNOWN) this.#host.lost(attempt)
        else {
          attempt.accepted = true
          attempt.body?.acknowledge(entry.ack, entry.granted)
          if (attempt.receiver.behind(entry.last, this.#clock.now)) this.askResend(attempt)
          this.sendBody(attempt)
        }
      }
    })
  }

  /** As many exchanges as one message can list. */
  get full(): boolean {
    return 2 * this.attempts.size * ENTRY_BYTES >= this.#transport.maxPayload
  }

  get idle(): boolean {
    return this.attempts.size === 0 && this.#acks.length === 0 && this.#owed === 0 && this.#clock.now - this.#probedAt > FROZEN_MS
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
    this.#owed = PROBES_OWED
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
    this.#credits = new Set()
    this.#tally.credits++
    this.#say(encodeState(entries))
  }

  cancel(attempt: Attempt): void {
    this.#owed = PROBES_OWED
    this.#say(encodeControl(KIND.cancel, attempt.id))
  }

  askResend(attempt: Attempt): void {
    if (attempt.receiver.stuck) return this.#host.stuck(attempt)
    if (!this.#transport.connected) return
    this.#tally.resumes++
    this.#say(encodeControl(KIND.resume, attempt.id, attempt.receiver.ack + 1))
  }

  /** What the request's body may send by now, or once more what was sent from a frame on. */
  sendBody(attempt: Attempt, resendFrom?: number): void {
    if (!attempt.body || !this.#transport.connected) return
    try {
      const frames = resendFrom === undefined ? attempt.body.take() : attempt.body.resend(resendFrom)
      this.#tally.framesOut += frames.length
      for (const frame of frames) this.#transport.publish(this.up, frame)
    } catch (thrown) {
      this.#host.unsendable(attempt, thrown)
    }
  }

  /** To be called every few dozen milliseconds; says what became of the worker. */
  sweep(): 'alive' | 'gone' | 'frozen' {
    this.flush()
    if (this.attempts.size === 0 && this.#owed === 0) return 'alive'
    const now = this.#clock.now
    // Of whom nothing is awaited nothing is given up: it may be back, and the probes that are owed may reach it.
    if (this.#goneSince !== undefined && this.attempts.size > 0) {
      const patience = now - this.#reconnectedAt < GONE_AFTER_RECONNECT_MS ? GONE_AFTER_RECONNECT_MS : GONE_MS
      if (now - this.#goneSince > patience) return 'gone'
    }
    if (now - this.#probedAt >= (this.#goneSince === undefined ? PROBE_EVERY_MS : REPROBE_MS)) this.probe()
    if (this.attempts.size === 0) return 'alive'
    return this.#goneSince === undefined && now - this.#heardAt > FROZEN_MS ? 'frozen' : 'alive'
  }

  /** Lists every exchange with this worker; what is not on the list is over for us. */
  probe(): void {
    if (!this.#transport.connected) return
    this.#probedAt = this.#clock.now
    this.#tally.credits++
    this.#owed = Math.max(0, this.#owed - 1)
    // What has not been opened yet the worker cannot know.
    const opened = this.attempts.values().filter(attempt => attempt.opened).toArray()
    this.#say(encodeState(opened.map(entryOf)), this.#inbox.subject(this.#token))
  }

  /** What cannot be said is as good as lost on the way: it is said again, or the silence that follows tells. Nobody who waits here is to be harmed. */
  #say(message: Buffer, reply?: string): void {
    if (!this.#transport.connected) return
    try {
      this.#transport.publish(this.up, message, reply)
    } catch {
      // Nothing to do: see above.
    }
  }

  /** After a broken connection each side needs a moment to come back: silence proves nothing now. */
  reconnected(): void {
    this.#reconnectedAt = this.#clock.now
    this.heard()
    this.#owed = PROBES_OWED
    this.probe()
    for (const attempt of this.attempts.values()) this.sendBody(attempt, 1)
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
