import { GatewayError } from '@gomodel/contracts'
import type { Msg, NatsConnection, PermissionViolationError, Subscription } from 'nats'
import type { Handler, Transport, TransportStatus, TransportSubscription } from './transport.ts'
import { connectionOptions } from './nats-options.ts'
import { StatusListeners } from './status-listeners.ts'

interface Route {
  readonly pattern: string
  readonly queue: string | undefined
  readonly handler: Handler
  live: Subscription | undefined
}

const REDIAL_MS = 100
const STALE_GRACE_MS = 300
const NO_DATA = Buffer.alloc(0)

/**
 * A NATS server or cluster as transport. It supervises the client library: a connection that ends for any reason is replaced and every
 * subscription moves over, and a stale connection is not waited for (its own disconnect can hang on an unflushed write).
 */
export class NatsTransport implements Transport {
  readonly sharesWrites = true
  readonly #servers: string
  readonly #name: string
  readonly #routes = new Set<Route>()
  readonly #listeners = new StatusListeners()
  readonly #flushing = new Set<() => void>()
  #connection: NatsConnection | undefined
  #connected = false
  #closing = false
  #maxPayload = 1024 * 1024
  #redial: NodeJS.Timeout | undefined

  /** Starts dialling at once and for ever; `connected` says when there is a server. */
  constructor(servers: string, name: string) {
    this.#servers = servers
    this.#name = name
    void this.#dial()
  }

  get connected(): boolean {
    // The client closes before it says so, and from then on its publish throws.
    return this.#connected && this.#connection?.isClosed() === false
  }

  get maxPayload(): number {
    return this.#maxPayload
  }

  publish(subject: string, data: Uint8Array, reply?: string): void {
    // The client would take it and throw it away at its next dial.
    if (!this.connected || !this.#connection) throw new GatewayError('unavailable', 'the bus is away', { retryAfterMs: 1000 })
    if (data.length > this.#maxPayload) throw new GatewayError('payload_too_large', `a message of ${data.length} bytes is over the bus limit of ${this.#maxPayload}`)
    this.#connection.publish(subject, data, reply ? { reply } : undefined)
  }

  subscribe(pattern: string, handler: Handler, queue?: string): TransportSubscription {
    const route: Route = { pattern, queue, handler, live: undefined }
    this.#routes.add(route)
    this.#attach(route)
    return {
      unsubscribe: () => {
        this.#routes.delete(route)
        // What the server sent before it took note still arrives; an unsubscribed one would swallow it.
        if (this.#connection?.isClosed() === false) route.live?.drain().catch(() => {})
      },
    }
  }

  async flush(): Promise<void> {
    if (!this.connected) return
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#flushing.add(resolve)
    this.#connection?.flush().then(resolve, resolve)
    await promise
    this.#flushing.delete(resolve)
  }

  onStatus(listener: (status: TransportStatus) => void): void {
    this.#listeners.add(listener)
  }

  async close(): Promise<void> {
    if (this.#closing) return
    await this.flush()
    this.#closing = true
    this.#down()
    clearTimeout(this.#redial)
    await this.#connection?.close()
    this.#listeners.tell({ kind: 'closed' })
  }

  async #dial(): Promise<void> {
    if (this.#closing) return
    try {
      // Loaded here: a process on a bus of its own needs none of it.
      const { connect } = await import('nats')
      if (this.#closing) return
      const connection = await connect(connectionOptions(this.#servers, this.#name))
      if (this.#closing) return void connection.close()
      this.#connection = connection
      for (const route of this.#routes) this.#attach(route)
      void this.#watch(connection)
      this.#up()
      await connection.closed()
    } catch (error) {
      this.#listeners.tell({ kind: 'unreachable', reason: error instanceof Error ? error.message : 'unknown' })
    }
    this.#down()
    if (!this.#closing) this.#redial = setTimeout(() => void this.#dial(), REDIAL_MS)
  }

  async #watch(connection: NatsConnection): Promise<void> {
    let stale: NodeJS.Timeout | undefined
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        clearTimeout(stale)
        this.#down()
      } else if (status.type === 'reconnect') this.#up()
      else if (status.type === 'staleConnection') {
        stale = setTimeout(() => void connection.close(), STALE_GRACE_MS)
      } else if (status.type === 'error' && isPermissionViolation(status.error)) {
        const { operation, subject } = status.error
        this.#listeners.tell({ kind: 'denied', operation, subject })
      }
    }
    clearTimeout(stale)
  }

  #attach(route: Route): void {
    if (!this.#connection || this.#connection.isClosed()) return
    route.live = this.#connection.subscribe(route.pattern, {
      ...(route.queue !== undefined && { queue: route.queue }),
      callback: (error, message) => {
        if (!error) this.#deliver(route, message)
      },
    })
  }

  /** An exception that reaches the client's read loop would kill the loop and leave the connection deaf. */
  #deliver(route: Route, message: Msg): void {
    try {
      const { data, reply } = message
      const empty = data.length === 0
      route.handler({
        subject: message.subject,
        data: empty ? NO_DATA : Buffer.from(data.buffer, data.byteOffset, data.length),
        reply: reply ?? '',
        noResponders: empty && message.headers?.code === 503,
      })
    } catch (error) {
      this.#listeners.tell({ kind: 'handler_failed', subject: message.subject, error })
    }
  }

  #up(): void {
    this.#maxPayload = this.#connection?.info?.max_payload ?? this.#maxPayload
    if (this.#connected) return
    this.#connected = true
    this.#listeners.tell({ kind: 'connected' })
  }

  #down(): void {
    if (!this.#connected) return
    this.#connected = false
    // A connection that is closed while it is stale leaves them pending.
    for (const settle of this.#flushing) settle()
    this.#listeners.tell({ kind: 'disconnected' })
  }
}

const isPermissionViolation = (error: Error): error is PermissionViolationError => error.name === 'PermissionViolationError'
