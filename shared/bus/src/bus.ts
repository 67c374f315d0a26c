import type { Ask, EndOf, Event, EventOf, Exchange, HeadOf, RequestOf } from '@gomodel/contracts'
import type { Static, TSchema } from 'typebox'
import { Caller } from './caller.ts'
import { ListeningClock } from './clock.ts'
import { decodeJson } from './codec.ts'
import { Departures } from './departures.ts'
import { Echo } from './echo.ts'
import { Events } from './events.ts'
import { encodeControl, KIND } from './frames.ts'
import { Inbox } from './inbox.ts'
import { Questions } from './questions.ts'
import { NearCaller } from './near-caller.ts'
import { NearExchangeServer } from './near-server.ts'
import { NearQuestions } from './near-questions.ts'
import { ExchangeServer } from './server.ts'
import { StatusListeners } from './status-listeners.ts'
import { allLoads } from './subjects.ts'
import { Tally } from './tally.ts'
import type { Message, Transport, TransportStatus, TransportSubscription } from './transport.ts'
import { MANY } from './turn.ts'
import type { Answer, Answering, AskOptions, BusCounts, Call, ExchangeOptions, Reply, Served, ServeOptions, Subscribed } from './types.ts'
import { WindowPool } from './windows.ts'
import { LoadReport, WorkerTable } from './worker-table.ts'

const SWEEP_MS = 50

interface Swept {
  sweep(): void
  reconnected(): void
}

/** The bus speaks contracts in three verbs: `ask` (one question, one answer), `exchange` (one request, a streamed answer), `emit` (a fact). */
export class Bus {
  readonly #transport: Transport
  readonly #clock = new ListeningClock(SWEEP_MS)
  readonly #windows = new WindowPool()
  readonly #tally = new Tally()
  readonly #table = new WorkerTable(this.#clock)
  readonly #inbox: Inbox
  readonly #departures: Departures
  readonly #caller: Caller
  readonly #questions: Questions
  /** Who exchanges and asks: by messages, or within the process. */
  readonly #exchanges: Caller | NearCaller
  readonly #asks: Questions | NearQuestions
  readonly #echo: Echo
  readonly #events: Events
  /** Told what the transport does not know. */
  readonly #listeners = new StatusListeners()
  readonly #swept = new Set<Swept>()
  readonly #served = new Set<Served>()
  readonly #ticker: NodeJS.Timeout

  /** `name` stands in this participant's inbox subject, so that a server can tell services apart by permission. */
  constructor(transport: Transport, name: string) {
    this.#transport = transport
    this.#inbox = new Inbox(transport, name, message => this.#late(message))
    this.#departures = new Departures(transport, () => this.#caller.inFlight + this.#questions.open > MANY)
    this.#caller = new Caller({ transport, inbox: this.#inbox, clock: this.#clock, windows: this.#windows, table: this.#table, tally: this.#tally, departures: this.#departures })
    this.#questions = new Questions({ transport, inbox: this.#inbox, departures: this.#departures })
    const { near, maxPayload } = transport
    this.#exchanges = near ? new NearCaller({ desk: near.desk, windows: this.#windows, tally: this.#tally }) : this.#caller
    this.#asks = near ? new NearQuestions({ near, maxPayload, tally: this.#tally }) : this.#questions
    this.#events = new Events({ transport, dropped: (subject, error) => this.#listeners.tell({ kind: 'dropped', subject, error }) })
    this.#echo = new Echo(transport)
    this.#swept.add(this.#caller)
    transport.subscribe(allLoads, message => this.#heardLoad(message))
    transport.onStatus(status => this.#status(status))
    this.#ticker = setInterval(() => this.#sweep(), SWEEP_MS).unref()
  }

  get connected(): boolean {
    return this.#transport.connected
  }

  /** The bytes that one message may have now. */
  get maxPayload(): number {
    return this.#transport.maxPayload
  }

  get counts(): BusCounts {
    return { ...this.#tally, inFlight: this.#exchanges.inFlight, grantedBytes: this.#windows.grantedBytes }
  }

  onStatus(listener: (status: TransportStatus) => void): void {
    this.#transport.onStatus(listener)
    this.#listeners.add(listener)
  }

  /** Resolves when the server has taken note of every subscription made so far. */
  flush(): Promise<void> {
    return this.#transport.flush()
  }

  /** How many workers of a pool take work now. */
  workers(contract: Exchange, pool: string): number {
    const key = `${contract.name}.${pool}`
    return this.#transport.near?.desk.servers.under(key).filter(server => server.load !== undefined).length ?? this.#table.count(key)
  }

  /** Asks once and waits for the answer, no longer than the contract's deadline. Both may carry raw bytes, up to what one message holds. */
  ask<Q extends TSchema, A extends TSchema>(contract: Ask<Q, A>, request: Static<Q>, options: AskOptions = {}): Promise<Required<Reply<Static<A>>>> {
    return this.#asks.ask(contract, request, options)
  }

  /** Tells it to one of those who serve the contract and waits for nothing; whether anybody does is not known. */
  tell<Q extends TSchema>(contract: Ask<Q>, request: Static<Q>, options: AskOptions = {}): void {
    this.#asks.tell(contract, request, options)
  }

  /** Answers what is asked; several participants share the questions. */
  serve<Q extends TSchema, A extends TSchema>(contract: Ask<Q, A>, handler: Answering<Q, A>, to?: string): Subscribed {
    return this.#stoppable(this.#asks.serve(contract, handler, to))
  }

  /** Sends one request to a pool; resolves with the first content of the answer, or rejects while nothing was handed out. */
  exchange<C extends Exchange>(contract: C, request: RequestOf<C>, options: ExchangeOptions): Promise<Answer<HeadOf<C>, EndOf<C>>> {
    return this.#exchanges.exchange(contract, request, options)
  }

  /** Answers a pool's exchanges, together with every other participant that serves it. */
  serveExchange<C extends Exchange>(contract: C, serve: ServeOptions, handler: (call: Call<RequestOf<C>, HeadOf<C>>) => Promise<EndOf<C>>): Served {
    const { near } = this.#transport
    const server = near
      ? new NearExchangeServer({ contract, serve, handler, desk: near.desk })
      : new ExchangeServer({ contract, serve, handler, transport: this.#transport, clock: this.#clock, windows: this.#windows, tally: this.#tally })
    this.#served.add(server)
    if ('sweep' in server) this.#swept.add(server)
    void server.drained.then(() => this.#served.delete(server) && 'sweep' in server && this.#swept.delete(server))
    return server
  }

  /** Tells a fact to whoever listens now; nobody may. Dropped while the bus is away, and, with a word to `onStatus`, when no message can carry it. */
  emit<V extends TSchema>(contract: Event<V>, value: Static<V>, to?: string): void {
    this.#events.emit(contract, value, to)
  }

  /** Hears a fact; every participant that listens does. */
  on<V extends TSchema>(contract: Event<V>, handler: (value: EventOf<Event<V>>) => void, to?: string): Subscribed {
    return this.#stoppable(this.#events.on(contract, handler, to))
  }

  /** Finishes what is being served, then leaves the bus. */
  async close(): Promise<void> {
    await Promise.all([...this.#served].map(served => served.drain()))
    this.#exchanges.close()
    if (this.#asks instanceof NearQuestions) this.#asks.close()
    clearInterval(this.#ticker)
    this.#events.flush()
    await this.#transport.close()
  }

  #stoppable(subscription: TransportSubscription): Subscribed {
    return {
      stop: () => {
        subscription.unsubscribe()
        return this.#transport.flush()
      },
    }
  }

  #sweep(): void {
    this.#clock.tick(this.#echo.sweep())
    this.#table.expire()
    for (const swept of this.#swept) swept.sweep()
  }

  #heardLoad(message: Message): void {
    const [service = '', pool = '', worker = ''] = message.subject.split('.').slice(3)
    this.#table.heard(`${service}.${pool}`, worker, decodeJson(LoadReport, message.data, 'a load report'))
  }

  /** An answer to an attempt that was given up: its worker may not have heard so. */
  #late(message: Message): void {
    this.#tally.lateFrames++
    if (message.reply === '' || !this.connected) return
    const attempt = message.subject.slice(message.subject.lastIndexOf('.') + 1)
    this.#transport.publish(message.reply, encodeControl(KIND.cancel, attempt))
  }

  #status(status: TransportStatus): void {
    if (status.kind === 'connected') for (const swept of this.#swept) swept.reconnected()
    if (status.kind === 'denied' && status.operation === 'publish') this.#caller.denied(status.subject)
  }
}
