import type { EndOf, Exchange, GatewayError, HeadOf, RequestOf } from '@gomodel/contracts'
import { checked } from './codec.ts'
import type { Desk, NearServer } from './desk.ts'
import { NearCall } from './near-call.ts'
import type { NearExchange } from './near-exchange.ts'
import { busy, DEFAULT_CAPACITY, shuttingDown, tooLarge } from './serving.ts'
import { randomToken } from './subjects.ts'
import type { Call, Served, ServeOptions } from './types.ts'

/** The serving side of one exchange for one pool, within a process. */
export class NearExchangeServer<C extends Exchange> implements Served, NearServer {
  readonly worker = randomToken()
  readonly contract: C
  readonly #capacity: number
  readonly #handler: (call: Call<RequestOf<C>, HeadOf<C>>) => Promise<EndOf<C>>
  readonly #leave: () => void
  readonly #drained = Promise.withResolvers<void>()
  #inFlight = 0
  /** Calls whose answer is awaited. */
  #open = 0
  #draining = false

  constructor({ contract, serve, handler, desk }: { contract: C; serve: ServeOptions; handler: (call: Call<RequestOf<C>, HeadOf<C>>) => Promise<EndOf<C>>; desk: Desk }) {
    this.contract = contract
    this.#capacity = serve.capacity ?? DEFAULT_CAPACITY
    this.#handler = handler
    this.#leave = desk.servers.add(`${contract.name}.${serve.to}`, this)
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get load(): number | undefined {
    return this.#draining ? undefined : this.#inFlight / this.#capacity
  }

  get drained(): Promise<void> {
    return this.#drained.promise
  }

  admit(exchange: NearExchange): GatewayError | undefined {
    if (this.#draining) return shuttingDown()
    if (this.#inFlight >= this.#capacity) return busy()
    const refused = tooLarge(exchange.body.length)
    if (!refused) void this.#run(exchange)
    return refused
  }

  drain(): Promise<void> {
    this.#draining = true
    this.#leave()
    this.#settle()
    return this.drained
  }

  async #run(exchange: NearExchange): Promise<void> {
    this.#inFlight++
    this.#open++
    // Work that was cancelled may take its time: nobody waits for its answer.
    exchange.onOver(this.#answered)
    try {
      checked(this.contract.request, exchange.request, `a request of ${this.contract.name}`)
      exchange.finish(await this.#handler(new NearCall<RequestOf<C>, HeadOf<C>>(exchange)))
    } catch (thrown) {
      exchange.fail(thrown)
    } finally {
      this.#inFlight--
    }
  }

  readonly #answered = (): void => {
    this.#open--
    this.#settle()
  }

  #settle(): void {
    if (this.#draining && this.#open === 0) this.#drained.resolve()
  }
}
