import type { Handler, Transport, TransportStatus, TransportSubscription } from '../src/transport.ts'

/** One message on its way out. */
export interface Outgoing {
  readonly subject: string
  readonly data: Buffer
  readonly reply: string | undefined
}

/** A transport that loses what a test chooses of all that it is given to publish. */
export class LossyTransport implements Transport {
  readonly sharesWrites = true
  readonly #inner: Transport
  /** True for a message that is to be lost. */
  loses: (message: Outgoing) => boolean = () => false
  lost = 0

  constructor(inner: Transport) {
    this.#inner = inner
  }

  get connected(): boolean {
    return this.#inner.connected
  }

  get maxPayload(): number {
    return this.#inner.maxPayload
  }

  publish(subject: string, data: Uint8Array, reply?: string): void {
    if (this.loses({ subject, data: Buffer.from(data), reply })) this.lost++
    else this.#inner.publish(subject, data, reply)
  }

  subscribe(subject: string, handler: Handler, queue?: string): TransportSubscription {
    return this.#inner.subscribe(subject, handler, queue)
  }

  flush(): Promise<void> {
    return this.#inner.flush()
  }

  onStatus(listener: (status: TransportStatus) => void): void {
    this.#inner.onStatus(listener)
  }

  close(): Promise<void> {
    return this.#inner.close()
  }
}
