import { GatewayError, type EndOf, type Exchange, type HeadOf, type RequestOf } from '@gomodel/contracts'
import { Attempt, type AttemptHost, decoders } from './attempt.ts'
import { PATIENCE_MS, type ListeningClock } from './clock.ts'
import { closed, left, nobody } from './calling.ts'
import { decodeError } from './codec.ts'
import type { Departures } from './departures.ts'
import { decodeState, isStream, KIND } from './frames.ts'
import type { Inbox } from './inbox.ts'
import { opening } from './opening.ts'
import { PassingMap } from './passing-map.ts'
import { Peer, type PeerHost } from './peer.ts'
import { bodySender } from './sender.ts'
import { anySubject, directSubject, randomToken, upSubject } from './subjects.ts'
import type { Tally } from './tally.ts'
import type { Message, Transport } from './transport.ts'
import type { Answer, ExchangeOptions } from './types.ts'
import type { WindowPool } from './windows.ts'
import type { WorkerTable } from './worker-table.ts'

const ACCEPT_MS = 250
const FROZEN_MS = 2000
const MAX_UNDIRECTED = 3
const IN_VAIN_MS = 1000
/** Of a body's frame beside its content, and more. */
const BODY_ENVELOPE_BYTES = 4 * 1024

interface Running {
  readonly attempt: Attempt
  readonly subject: string
  readonly service: string
  readonly pool: string
  readonly excluded: ReadonlySet<string>
  /** Lets go of the caller's signal. */
  readonly unhook: () => void
}

/** The calling side of every exchange of one process: dispatch, retry on another worker, liveness, resume, cancel. */
export class Caller {
  readonly #transport: Transport
  readonly #inbox: Inbox
  readonly #clock: ListeningClock
  readonly #windows: WindowPool
  readonly #table: WorkerTable
  readonly #tally: Tally
  readonly #running = new PassingMap<string, Running>()
  readonly #peers = new Map<string, Peer>()
  readonly #departures: Departures
  #awaySince: number | undefined
  #closed = false

  constructor(options: { transport: Transport; inbox: Inbox; clock: ListeningClock; windows: WindowPool; table: WorkerTable; tally: Tally; departures: Departures }) {
    this.#transport = options.transport
    this.#inbox = options.inbox
    this.#clock = options.clock
    this.#windows = options.windows
    this.#table = options.table
    this.#tally = options.tally
    this.#departures = options.departures
  }

  get inFlight(): number {
    return this.#running.size
  }

  /** Resolves with the first content; until then a worker that is gone, frozen or refuses is replaced by another of its pool. */
  async exchange<C extends Exchange>(contract: C, request: RequestOf<C>, options: ExchangeOptions): Promise<Answer<HeadOf<C>, EndOf<C>>> {
    const key = `${contract.name}.${options.to}`
    const tried = new Set<string>()
    // Made only when it is needed: an error's stack costs as much as the rest of the dispatch.
    let last: GatewayError | undefined
    const since = this.#clock.now
    for (let undirected = 0; ; ) {
      if (this.#closed) throw closed()
      if (options.signal?.aborted) throw left()
      const worker = this.#table.choose(key, tried)
      // Whom nobody knows is asked through the queue group, but not once more after one of them was waited for in vain.
      if (worker === undefined && ((last && last.code !== 'unavailable') || undirected++ === MAX_UNDIRECTED || this.#clock.now - since > IN_VAIN_MS)) throw last ?? nobody(options.to)
      if (last) this.#tally.retries++
      const attempt = this.#send(contract, request, options, { worker, excluded: tried })
      try {
        return (await attempt.started) as Answer<HeadOf<C>, EndOf<C>>
      } catch (thrown) {
        last = GatewayError.from(thrown)
        if (last.retry !== 'worker' || (options.once && attempt.lost)) throw last
        if (attempt.worker !== '') tried.add(attempt.worker)
      }
    }
  }

  #send<C extends Exchange>(contract: C, request: RequestOf<C>, options: ExchangeOptions, to: { worker: string | undefined; excluded: ReadonlySet<string> }): Attempt {
    const { to: pool, body, trace, signal } = options
    // Before anything is taken: a name may be none that a subject can hold.
    const subject = to.worker === undefined ? anySubject(contract.name, pool) : directSubject(contract.name, pool, to.worker)
    const peer = to.worker === undefined ? undefined : this.#peer(contract.name, pool, to.worker)
    const window = peer?.full ? undefined : this.#windows.take()
    if (!window) throw new GatewayError('overloaded', 'too many answers are in flight', { retryAfterMs: 1000 })
    const id = randomToken()
    const { maxPayload } = this.#transport
    const open = opening({ granted: window.granted, body, trace, request, maxPayload })
    const attempt = new Attempt({
      id,
      worker: to.worker ?? '',
      window,
      body: open.inline ? undefined : bodySender(id, body, maxPayload - BODY_ENVELOPE_BYTES),
      sentAt: this.#clock.now,
      host: this.#host,
      decode: decoders(contract),
    })
    const abort = () => this.#abandon(attempt, left())
    signal?.addEventListener('abort', abort, { once: true })
    this.#running.set(id, { attempt, subject, service: contract.name, pool, excluded: to.excluded, unhook: () => signal?.removeEventListener('abort', abort) })
    this.#inbox.on(id, message => this.#arrived(attempt, message))
    peer?.add(attempt)
    this.#departures.send({ subject, message: open.message, reply: this.#inbox.subject(id), wanted: () => !attempt.over, left: () => (attempt.opened = true), failed: error => attempt.fail(error) })
    return attempt
  }

  readonly #host: AttemptHost = {
    credit: attempt => this.#peers.get(attempt.worker)?.credit(attempt),
    cancel: attempt => this.#peers.get(attempt.worker)?.cancel(attempt),
    finished: attempt => {
      this.#running.get(attempt.id)?.unhook()
      this.#running.delete(attempt.id)
      this.#inbox.off(attempt.id)
      const peer = this.#peers.get(attempt.worker)
      peer?.attempts.delete(attempt.id)
      if (attempt.receiver.ended) peer?.acknowledge(attempt)
    },
  }

  #arrived(attempt: Attempt, message: Message): void {
    const running = this.#running.get(attempt.id)
    if (!running) return
    if (message.noResponders) {
      if (attempt.accepted) return
      this.#table.forget(attempt.worker)
      return attempt.fail(nobody(running.pool))
    }
    const { data } = message
    const kind = data[0]
    attempt.accepted = true
    if (attempt.worker === '' && message.reply !== '') {
      attempt.worker = message.reply.slice(message.reply.lastIndexOf('.') + 1)
      this.#peer(running.service, running.pool, attempt.worker).add(attempt)
    }
    const peer = this.#peers.get(attempt.worker)
    if (isStream(data)) this.#streamed(attempt, data)
    else if (kind === KIND.accept) {
      attempt.body?.acknowledge(0, data.readDoubleLE(1))
      peer?.sendBody(attempt)
    } else if (kind === KIND.reject) attempt.fail(decodeError(data.subarray(1)))
    else if (kind === KIND.state) {
      for (const entry of decodeState(data)) attempt.body?.acknowledge(entry.ack, entry.granted)
      peer?.sendBody(attempt)
    } else if (kind === KIND.resume) peer?.sendBody(attempt, data.readUInt32LE(1))
  }

  #streamed(attempt: Attempt, data: Buffer): void {
    this.#tally.framesIn++
    const frame = attempt.read(data)
    const peer = this.#peers.get(attempt.worker)
    const verdict = attempt.receiver.accept(frame, this.#clock.now)
    if (verdict === 'deliver') {
      peer?.heard()
      attempt.take(frame)
    } else if (verdict === 'gap') peer?.askResend(attempt)
  }

  #peer(service: string, pool: string, worker: string): Peer {
    let peer = this.#peers.get(worker)
    if (!peer) {
      const up = upSubject(service, pool, worker)
      peer = new Peer({ worker, up, transport: this.#transport, inbox: this.#inbox, clock: this.#clock, host: this.#peerHost, tally: this.#tally })
      this.#peers.set(worker, peer)
    }
    return peer
  }

  readonly #peerHost: PeerHost = {
    lost: attempt => this.#lost(attempt, 'lost track of the request'),
    stuck: attempt => this.#lost(attempt, 'does not send what it is asked for'),
    unsendable: (attempt, thrown) => this.#abandon(attempt, GatewayError.from(thrown)),
  }

  #lost(attempt: Attempt, what: string): void {
    const provider = this.#running.get(attempt.id)?.pool
    attempt.lost = true
    this.#abandon(attempt, attempt.hasStarted
      ? new GatewayError('stream_broken', `the worker ${what} in the middle of the answer`, { provider })
      : new GatewayError('unavailable', `the worker ${what}`, { provider, retryAfterMs: 1000 }))
  }

  /** The old attempt is cancelled first, always: whoever tries next must not pay twice. */
  #abandon(attempt: Attempt, error: GatewayError): void {
    if (attempt.over) return
    this.#host.cancel(attempt)
    attempt.fail(error)
  }

  /** To be called every few dozen milliseconds. */
  sweep(): void {
    if (!this.#transport.connected) return this.#waitForBus()
    this.#awaySince = undefined
    for (const peer of this.#peers.values()) {
      const verdict = peer.sweep()
      if (verdict !== 'alive') {
        this.#table.forget(peer.worker)
        for (const attempt of peer.attempts.values()) this.#lost(attempt, verdict === 'gone' ? 'is gone' : 'does not answer')
      } else if (peer.idle) {
        peer.close()
        this.#peers.delete(peer.worker)
      }
    }
    for (const running of this.#running.values()) if (!running.attempt.accepted) this.#overdue(running)
  }

  #overdue({ attempt, service, pool, excluded }: Running): void {
    const age = this.#clock.now - attempt.sentAt
    const others = age > ACCEPT_MS && this.#table.others(`${service}.${pool}`, new Set([...excluded, attempt.worker]))
    if (!others && age <= FROZEN_MS) return
    // Until its next report others are asked first.
    this.#table.forget(attempt.worker)
    this.#lost(attempt, 'does not answer')
  }

  #waitForBus(): void {
    this.#awaySince ??= performance.now()
    if (performance.now() - this.#awaySince < PATIENCE_MS) return
    for (const { attempt } of this.#running.values()) this.#lost(attempt, 'is out of reach')
  }

  reconnected(): void {
    for (const peer of this.#peers.values()) peer.reconnected()
  }

  /** The participant leaves: nobody here waits any more, and no worker waits five seconds to hear that all was read. */
  close(): void {
    this.#closed = true
    for (const { attempt } of this.#running.values()) this.#abandon(attempt, left())
    for (const peer of this.#peers.values()) peer.flush()
  }

  /** The server refused a publish: whoever waits for an answer to it would wait in vain. */
  denied(subject: string): void {
    for (const { attempt, subject: to } of this.#running.values()) {
      if (to === subject || this.#peers.get(attempt.worker)?.up === subject) attempt.fail(new GatewayError('internal', 'internal error', { cause: new Error(`the bus denies publishing to ${subject}`) }))
    }
  }
}
