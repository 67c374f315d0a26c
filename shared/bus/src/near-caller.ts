import { GatewayError, type EndOf, type Exchange, type HeadOf, type RequestOf } from '@gomodel/contracts'
import { closed, left, nobody } from './calling.ts'
import type { Desk, NearServer } from './desk.ts'
import { NearExchange } from './near-exchange.ts'
import { PassingMap } from './passing-map.ts'
import type { Tally } from './tally.ts'
import type { Answer, ExchangeOptions } from './types.ts'
import type { WindowPool } from './windows.ts'

/** The calling side of exchanges with workers of the same process. */
export class NearCaller {
  readonly #desk: Desk
  readonly #windows: WindowPool
  readonly #tally: Tally
  readonly #running = new PassingMap<string, NearExchange>()
  #closed = false

  constructor({ desk, windows, tally }: { desk: Desk; windows: WindowPool; tally: Tally }) {
    this.#desk = desk
    this.#windows = windows
    this.#tally = tally
  }

  get inFlight(): number {
    return this.#running.size
  }

  /** Resolves with the first content; until then a worker that refuses is replaced by another of its pool. */
  async exchange<C extends Exchange>(contract: C, request: RequestOf<C>, options: ExchangeOptions): Promise<Answer<HeadOf<C>, EndOf<C>>> {
    if (this.#closed) throw closed()
    const { to, signal } = options
    let tried: Set<NearServer> | undefined
    // Made only when it is needed: an error's stack costs as much as the rest of the dispatch.
    let last: GatewayError | undefined
    for (;;) {
      if (signal?.aborted) throw left()
      const server = leastLoaded(this.#desk.servers.under(`${contract.name}.${to}`), tried)
      if (!server) throw last ?? nobody(to)
      if (last) this.#tally.retries++
      try {
        return (await this.#send(server, contract, request, options)) as Answer<HeadOf<C>, EndOf<C>>
      } catch (thrown) {
        last = GatewayError.from(thrown)
        if (last.retry !== 'worker') throw last
        tried = (tried ?? new Set()).add(server)
      }
    }
  }

  /** The participant leaves: nobody here waits any more. */
  close(): void {
    this.#closed = true
    for (const exchange of this.#running.values()) exchange.cancel()
  }

  #send(server: NearServer, contract: Exchange, request: unknown, { body, trace, signal }: ExchangeOptions): Promise<Answer<unknown, unknown>> {
    const window = this.#windows.take()
    if (!window) throw new GatewayError('overloaded', 'too many answers are in flight', { retryAfterMs: 1000 })
    const abort = () => exchange.cancel()
    const over = () => {
      this.#running.delete(exchange.id)
      signal?.removeEventListener('abort', abort)
    }
    const exchange = new NearExchange({ worker: server.worker, contract, request, body, trace, window, over })
    this.#running.set(exchange.id, exchange)
    signal?.addEventListener('abort', abort, { once: true })
    const refused = server.admit(exchange)
    if (refused) exchange.fail(refused)
    return exchange.started
  }
}

/** The least loaded of those that take work and were not tried; of equals another one each time. */
function leastLoaded(servers: readonly NearServer[], tried: ReadonlySet<NearServer> | undefined): NearServer | undefined {
  let best: NearServer | undefined
  let least = Number.POSITIVE_INFINITY
  const from = servers.length < 2 ? 0 : Math.floor(Math.random() * servers.length)
  for (let i = 0; i < servers.length; i++) {
    const server = servers[(from + i) % servers.length]!
    const { load } = server
    if (load === undefined || load >= least || tried?.has(server)) continue
    best = server
    least = load
  }
  return best
}
