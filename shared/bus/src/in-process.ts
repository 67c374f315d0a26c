import { GatewayError } from '@gomodel/contracts'
import { Desk } from './desk.ts'
import type { Near } from './near.ts'
import { StatusListeners } from './status-listeners.ts'
import { matcher } from './subjects.ts'
import type { Handler, Message, Transport, TransportStatus, TransportSubscription } from './transport.ts'

interface Route {
  readonly pattern: string
  readonly matches: (subject: string) => boolean
  readonly queue: string | undefined
  readonly owner: InProcessTransport
  readonly handler: Handler
}

const DEFAULT_MAX_PAYLOAD = 1024 * 1024
const TURNS_WITHOUT_LOOP = 16

/** The broker of one process: what a NATS server is to many. */
export class InProcessBroker implements Near {
  readonly maxPayload: number
  readonly desk = new Desk()
  readonly #exact = new Map<string, Route[]>()
  #wild: Route[] = []
  /** Answers of `heard`, good until somebody comes or goes. */
  readonly #heard = new Map<string, boolean>()
  #queue: (() => void)[] = []
  #scheduled = false
  #turns = 0

  constructor(maxPayload = DEFAULT_MAX_PAYLOAD) {
    this.maxPayload = maxPayload
  }

  connect(): InProcessTransport {
    return new InProcessTransport(this)
  }

  add(route: Route): void {
    this.#heard.clear()
    if (!isWild(route.pattern)) this.#exact.set(route.pattern, [...(this.#exact.get(route.pattern) ?? []), route])
    else this.#wild = [...this.#wild, route]
  }

  remove(route: Route): void {
    this.#heard.clear()
    if (isWild(route.pattern)) {
      this.#wild = this.#wild.filter(other => other !== route)
      return
    }
    const left = (this.#exact.get(route.pattern) ?? []).filter(other => other !== route)
    if (left.length > 0) this.#exact.set(route.pattern, left)
    else this.#exact.delete(route.pattern)
  }

  /** Delivery is asynchronous, as over a socket: a publisher never runs a subscriber. */
  route(from: InProcessTransport, message: Message): void {
    this.later(() => {
      const receivers = this.#receivers(message.subject)
      for (const route of receivers) route.owner.deliver(route.handler, message)
      if (receivers.length === 0 && message.reply !== '') from.answerNobody(message.reply)
    })
  }

  /** Somebody listens to the subject, which is one of few. */
  heard(subject: string): boolean {
    let heard = this.#heard.get(subject)
    if (heard === undefined) {
      heard = this.#receivers(subject).length > 0
      this.#heard.set(subject, heard)
    }
    return heard
  }

  later(task: () => void): void {
    this.#queue.push(task)
    if (this.#scheduled) return
    this.#scheduled = true
    // At once after the current callback; but now and then the event loop has its turn, or two who only talk to each other would keep it from its sockets.
    if (++this.#turns % TURNS_WITHOUT_LOOP === 0) setImmediate(this.#deliver)
    else process.nextTick(this.#deliver)
  }

  readonly #deliver = (): void => {
    this.#scheduled = false
    const tasks = this.#queue
    this.#queue = []
    for (const run of tasks) run()
  }

  /** Everybody outside a queue group, and one of each group. */
  #receivers(subject: string): readonly Route[] {
    const exact = this.#exact.get(subject)
    const matching = exact ? [...exact] : []
    for (const route of this.#wild) if (route.matches(subject)) matching.push(route)
    if (matching.length < 2 || matching.every(route => route.queue === undefined)) return matching
    const plain = matching.filter(route => route.queue === undefined)
    const groups = Map.groupBy(matching.filter(route => route.queue !== undefined), route => route.queue)
    for (const members of groups.values()) plain.push(members[Math.floor(Math.random() * members.length)]!)
    return plain
  }
}

/** One participant's connection to the broker of its process. */
export class InProcessTransport implements Transport {
  readonly sharesWrites = false
  readonly #broker: InProcessBroker
  readonly #routes = new Set<Route>()
  readonly #listeners = new StatusListeners()
  #closed = false

  constructor(broker: InProcessBroker) {
    this.#broker = broker
  }

  get connected(): boolean {
    return !this.#closed
  }

  get maxPayload(): number {
    return this.#broker.maxPayload
  }

  get near(): Near {
    return this.#broker
  }

  publish(subject: string, data: Uint8Array, reply = ''): void {
    if (this.#closed) throw new GatewayError('unavailable', 'the bus is closed')
    if (data.length > this.maxPayload) throw new GatewayError('payload_too_large', `a message of ${data.length} bytes is over the bus limit of ${this.maxPayload}`)
    this.#broker.route(this, { subject, data: asBuffer(data), reply, noResponders: false })
  }

  subscribe(pattern: string, handler: Handler, queue?: string): TransportSubscription {
    const route = { pattern, matches: matcher(pattern), queue, owner: this, handler }
    this.#routes.add(route)
    this.#broker.add(route)
    return {
      unsubscribe: () => {
        this.#routes.delete(route)
        this.#broker.remove(route)
      },
    }
  }

  deliver(handler: Handler, message: Message): void {
    if (this.#closed) return
    try {
      handler(message)
    } catch (error) {
      this.#listeners.tell({ kind: 'handler_failed', subject: message.subject, error })
    }
  }

  answerNobody(reply: string): void {
    for (const route of [...this.#routes].filter(own => own.matches(reply))) {
      this.deliver(route.handler, { subject: reply, data: Buffer.alloc(0), reply: '', noResponders: true })
    }
  }

  flush(): Promise<void> {
    return new Promise(resolve => this.#broker.later(resolve))
  }

  onStatus(listener: (status: TransportStatus) => void): void {
    this.#listeners.add(listener)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    await this.flush()
    this.#closed = true
    for (const route of this.#routes) this.#broker.remove(route)
    this.#routes.clear()
    this.#listeners.tell({ kind: 'closed' })
  }
}

/** What is published is not changed any more: nothing need be copied. */
const asBuffer = (data: Uint8Array) => (data instanceof Buffer ? data : Buffer.from(data.buffer, data.byteOffset, data.byteLength))

const isWild = (pattern: string) => pattern.includes('*') || pattern.endsWith('>')
