import type { NearExchange } from './near-exchange.ts'
import type { Call, Trace } from './types.ts'

/** The worker's end of an exchange within its process. */
export class NearCall<Q = unknown, H = unknown> implements Call<Q, H> {
  readonly #exchange: NearExchange

  constructor(exchange: NearExchange) {
    this.#exchange = exchange
  }

  get id(): string {
    return this.#exchange.id
  }

  get request(): Q {
    return this.#exchange.request as Q
  }

  get trace(): Trace | undefined {
    return this.#exchange.trace
  }

  get signal(): AbortSignal {
    return this.#exchange.signal
  }

  body(): Promise<Uint8Array> {
    return Promise.resolve(this.#exchange.body)
  }

  head(head: H): void {
    this.#exchange.begin(head)
  }

  write(bytes: Uint8Array): boolean {
    return this.#exchange.write(bytes)
  }

  drained(): Promise<void> {
    return this.#exchange.drained()
  }
}
