import { createRequire } from 'node:module'
import { GatewayError, type Method } from '@gomodel/contracts'
import { TurnQueue } from '@gomodel/service'
import type * as undici from 'undici'
import { ProviderError } from './provider.ts'
import { type Patience, UpstreamAnswer } from './upstream-answer.ts'

// This part alone: all of the library takes 14 MB and 60 ms more at the start.
const Pool = createRequire(import.meta.url)('undici/lib/dispatcher/pool.js') as typeof undici.Pool

/** One HTTP request to a provider. */
export interface UpstreamRequest {
  readonly method: Method
  /** Below the base URL. */
  readonly path: string
  /** What stands before the path on the server, where that is not what the base URL says. */
  readonly basePath?: string | undefined
  /** Names and values in turn. */
  readonly headers: readonly string[]
  readonly body?: Uint8Array | undefined
}

/** The connections to one provider instance: the only HTTP that leaves the gateway. */
export class Upstream {
  readonly #name: string
  readonly #pool: undici.Pool
  readonly #basePath: string
  readonly #sends = new TurnQueue()

  constructor(name: string, baseUrl: string, connectTimeoutMs: number) {
    const url = new URL(baseUrl)
    this.#name = name
    this.#basePath = url.pathname.replace(/\/$/, '')
    this.#pool = new Pool(url.origin, {
      // As many connections as calls in flight; HTTP/2 would queue streams behind one socket and share its window among them.
      connections: null,
      allowH2: false,
      connect: { timeout: connectTimeoutMs },
      // A long answer is healthy: silence is judged by UpstreamAnswer, which knows when it was we who paused.
      headersTimeout: 0,
      bodyTimeout: 0,
    })
  }

  /** Sends a request; resolves with the answer once its head is there. Aborting the signal ends it at any point. */
  async send(request: UpstreamRequest, signal: AbortSignal, patience: Patience): Promise<UpstreamAnswer> {
    if (signal.aborted) throw new ProviderError('cancelled', 'cancelled', 'the caller is gone')
    const answer = new UpstreamAnswer(this.#name, signal, patience)
    const body = request.body ?? null
    this.#sends.run(() => this.#pool.dispatch({ method: request.method, path: (request.basePath ?? this.#basePath) + request.path, headers: [...request.headers], body }, answer))
    await answer.head
    return answer
  }

  /** Requests that wait for a connection. */
  get queued(): number {
    return this.#pool.stats.pending
  }

  /** Closes every connection at once. */
  async close(): Promise<void> {
    await this.#pool.destroy(new GatewayError('unavailable', 'this worker stops'))
  }
}
