import { type EndOf, type Exchange, type HeadOf, type RequestOf } from '@gomodel/contracts'
import { PATIENCE_MS, type ListeningClock } from './clock.ts'
import { checked, encodeError } from './codec.ts'
import { attemptOf, BODY_OFFSET, decodeState, decodeStream, decodeWithJson, encodeAccept, encodeBodyResume, encodeState, KIND, UNKNOWN, valueOf, type StateEntry } from './frames.ts'
import { LoadReporter } from './load-reporter.ts'
import { OpenEnvelope } from './open-envelope.ts'
import { Outbox } from './outbox.ts'
import { PassingMap } from './passing-map.ts'
import { ServedCall } from './served-call.ts'
import { busy, DEFAULT_CAPACITY, shuttingDown, tooLarge } from './serving.ts'
import { anySubject, directSubject, loadSubject, QUEUE, randomToken, TOKEN_LENGTH, upSubject } from './subjects.ts'
import type { Tally } from './tally.ts'
import { MANY } from './turn.ts'
import type { Message, Transport, TransportSubscription } from './transport.ts'
import type { Call, Served, ServeOptions } from './types.ts'
import type { WindowPool } from './windows.ts'

const FRAME_BYTES = 64 * 1024
const ENVELOPE_BYTES = 1024
const ALL_BODIES = 256 * 1024 * 1024
const CALLER_SILENCE_MS = 5000

/** The serving side of one exchange for one pool: admission, the answers' frames, resends, and the end of what nobody waits for. */
export class ExchangeServer<C extends Exchange> implements Served {
  readonly worker = randomToken()
  readonly #contract: C
  readonly #capacity: number
  readonly #handler: (call: Call<RequestOf<C>, HeadOf<C>>) => Promise<EndOf<C>>
  readonly #transport: Transport
  readonly #clock: ListeningClock
  readonly #windows: WindowPool
  readonly #tally: Tally
  readonly #load: LoadReporter
  readonly #up: string
  readonly #dispatch: TransportSubscription[]
  readonly #control: TransportSubscription
  readonly #calls = new PassingMap<string, ServedCall>()
  readonly #callers = new Map<string, number>()
  readonly #outbox: Outbox
  #inFlight = 0
  #bodyBytes = 0
  #awaySince: number | undefined
  #draining = false
  /** The bus took note that we are draining: no new work can come any more. */
  #flushed = false
  readonly #drained = Promise.withResolvers<void>()

  constructor(options: { contract: C; serve: ServeOptions; handler: (call: Call<RequestOf<C>, HeadOf<C>>) => Promise<EndOf<C>>; transport: Transport; clock: ListeningClock; windows: WindowPool; tally: Tally }) {
    const { contract, serve, transport } = options
    this.#contract = contract
    this.#capacity = serve.capacity ?? DEFAULT_CAPACITY
    this.#handler = options.handler
    this.#transport = transport
    this.#clock = options.clock
    this.#windows = options.windows
    this.#tally = options.tally
    this.#outbox = new Outbox({ transport, tally: options.tally, unsendable: call => this.#drop(call), busy: () => this.#calls.size > MANY })
    this.#load = new LoadReporter({ transport, clock: options.clock, subject: loadSubject(contract.name, serve.to, this.worker), capacity: this.#capacity })
    this.#up = upSubject(contract.name, serve.to, this.worker)
    this.#control = transport.subscribe(this.#up, message => this.#controlled(message))
    this.#dispatch = [
      transport.subscribe(directSubject(contract.name, serve.to, this.worker), message => this.#opened(message, true)),
      transport.subscribe(anySubject(contract.name, serve.to), message => this.#opened(message, false), QUEUE),
    ]
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Resolves when all that was to be finished is, after `drain`. */
  get drained(): Promise<void> {
    return this.#drained.promise
  }

  async drain(): Promise<void> {
    if (this.#draining) return this.drained
    this.#draining = true
    this.#load.report(this.#inFlight, true)
    for (const subscription of this.#dispatch) subscription.unsubscribe()
    await this.#transport.flush()
    this.#flushed = true
    this.#settle()
    await this.drained
    this.#control.unsubscribe()
  }

  /** To be called every few dozen milliseconds. */
  sweep(): void {
    if (!this.#transport.connected) return this.#waitForBus()
    this.#awaySince = undefined
    const now = this.#clock.now
    for (const call of this.#calls.values()) if (!call.accepted) this.#accept(call)
    for (const [caller, heardAt] of this.#callers) {
      if (now - heardAt <= CALLER_SILENCE_MS) continue
      this.#callers.delete(caller)
      for (const call of this.#calls.values()) if (callerOf(call.inbox) === caller) this.#drop(call)
    }
    this.#load.sweep(this.#inFlight)
  }

  /** By now every caller has given up. */
  #waitForBus(): void {
    this.#awaySince ??= performance.now()
    if (performance.now() - this.#awaySince > PATIENCE_MS) for (const call of this.#calls.values()) this.#drop(call)
  }

  /** What was sent before the connection broke may be lost: everything unacknowledged leaves once more, before anything new. */
  reconnected(): void {
    for (const caller of this.#callers.keys()) this.#callers.set(caller, this.#clock.now)
    for (const call of this.#calls.values()) {
      for (const frame of call.sender.resend(1)) this.#outbox.send(call, frame)
      this.#outbox.touch(call)
    }
    this.#outbox.flush()
  }

  #opened(message: Message, direct: boolean): void {
    const id = message.reply.slice(message.reply.lastIndexOf('.') + 1)
    if (id.length !== TOKEN_LENGTH || this.#calls.has(id)) return
    try {
      this.#admit(id, message, direct)
    } catch (thrown) {
      this.#transport.publish(message.reply, Buffer.concat([Buffer.of(KIND.reject), encodeError(thrown)]), direct ? undefined : this.#up)
    }
  }

  #admit(id: string, message: Message, direct: boolean): void {
    const { json, raw } = decodeWithJson(message.data)
    const open = checked(OpenEnvelope, json, `the opening of ${this.#contract.name}`)
    this.#refuse(open.bodyLength)
    const window = open.inline ? undefined : this.#windows.take()
    if (!open.inline && !window) throw busy()
    const call = new ServedCall({
      id,
      from: direct ? undefined : this.#up,
      request: open.request,
      trace: open.trace,
      inbox: message.reply,
      granted: open.granted,
      maxFrame: Math.min(FRAME_BYTES, this.#transport.maxPayload - ENVELOPE_BYTES),
      body: open.inline ? raw : undefined,
      bodyLength: open.bodyLength,
      window,
      changed: changed => {
        if (this.#calls.has(changed.id)) this.#outbox.touch(changed)
      },
    })
    this.#calls.set(id, call)
    this.#callers.set(callerOf(call.inbox), this.#clock.now)
    if (!direct || window) this.#accept(call)
    void this.#run(call, open.bodyLength)
  }

  #refuse(bodyLength: number): void {
    if (this.#draining) throw shuttingDown()
    const refused = tooLarge(bodyLength)
    if (refused) throw refused
    if (this.#inFlight >= this.#capacity || this.#bodyBytes + bodyLength > ALL_BODIES) throw busy()
  }

  async #run(call: ServedCall, bodyLength: number): Promise<void> {
    this.#inFlight++
    this.#bodyBytes += bodyLength
    try {
      checked(this.#contract.request, call.request, `a request of ${this.#contract.name}`)
      const end = await this.#handler(call as ServedCall<RequestOf<C>, HeadOf<C>>)
      call.finish(checked(this.#contract.end, end, `the end of ${this.#contract.name}`))
    } catch (thrown) {
      call.fail(thrown)
    } finally {
      this.#inFlight--
      this.#bodyBytes -= bodyLength
    }
  }

  #accept(call: ServedCall): void {
    call.accepted = true
    this.#outbox.send(call, encodeAccept(call.window?.granted ?? 0))
  }

  #controlled(message: Message): void {
    const { data } = message
    // A caller that vanished: its silence will tell.
    if (message.noResponders) return
    if (data[0] === KIND.state) return this.#reconcile(decodeState(data), message.reply)
    const call = this.#calls.get(attemptOf(data))
    if (!call) return
    this.#callers.set(callerOf(call.inbox), this.#clock.now)
    if (data[0] === KIND.cancel) this.#drop(call)
    else if (data[0] === KIND.resume) for (const frame of call.sender.resend(valueOf(data))) this.#outbox.send(call, frame)
    else if (data[0] === KIND.body) this.#bodyFrame(call, data)
  }

  #bodyFrame(call: ServedCall, data: Buffer): void {
    this.#tally.framesIn++
    const frame = decodeStream(data, BODY_OFFSET)
    const verdict = call.receiver.accept(frame, this.#clock.now)
    if (verdict === 'gap') this.#askResend(call)
    if (verdict === 'deliver' && call.takeBody(frame)) this.#outbox.send(call, encodeState([this.#entry(call)]))
  }

  readonly #askResend = (call: ServedCall) => (call.receiver.stuck ? call.failBody('does not come, however often it is asked for') : this.#outbox.send(call, encodeBodyResume(call.receiver.ack + 1)))

  /** With a reply subject it is a probe: it lists all that its sender waits for, so what is missing in it is over. */
  #reconcile(entries: StateEntry[], reply: string): void {
    const answers: StateEntry[] = []
    for (const entry of entries) {
      const call = this.#calls.get(entry.attempt)
      if (!call) {
        answers.push({ attempt: entry.attempt, ack: UNKNOWN, granted: 0, last: 0 })
        continue
      }
      call.missedProbes = 0
      call.acknowledge(entry.ack, entry.granted)
      if (call.receiver.behind(entry.last, this.#clock.now)) this.#askResend(call)
      if (call.sender.settled) this.#drop(call)
      else this.#outbox.touch(call)
      answers.push(this.#entry(call))
    }
    if (reply === '') return
    const caller = callerOf(reply)
    this.#callers.set(caller, this.#clock.now)
    const listed = new Set(entries.map(entry => entry.attempt))
    for (const call of this.#calls.values()) {
      // Once may be an acceptance that is still on its way to the caller.
      if (callerOf(call.inbox) === caller && !listed.has(call.id) && call.missedProbes++ > 0) this.#drop(call)
    }
    this.#transport.publish(reply, encodeState(answers))
  }

  #entry(call: ServedCall): StateEntry {
    return { attempt: call.id, ack: call.receiver.ack, granted: call.window?.granted ?? 0, last: call.sender.last }
  }

  #drop(call: ServedCall): void {
    this.#calls.delete(call.id)
    this.#outbox.forget(call)
    if (call.running) call.cancel()
    this.#settle()
  }

  #settle(): void {
    if (this.#flushed && this.#calls.size === 0) this.#drained.resolve()
  }
}

const callerOf = (inbox: string) => inbox.slice(0, inbox.lastIndexOf('.'))
