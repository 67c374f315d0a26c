import type { Trace } from '@gomodel/bus'
import { GatewayError } from '@gomodel/contracts'
import type { Span } from '@gomodel/service'
import type { InstanceMetrics, Outcome } from './observe.ts'
import { ProviderError } from './provider.ts'

/** One call of a provider as it is seen from outside: how long it takes, how it ends, and its place in the trace. */
export class WatchedAttempt {
  readonly #span: Span
  readonly #metrics: InstanceMetrics
  readonly #streamed: boolean
  readonly #sentAt = performance.now()
  #firstMs: number | undefined
  #totalMs: number | undefined
  /** Of the last piece; undefined when the next one was held up by us. */
  #pieceAt: number | undefined

  constructor(options: { span: Span; metrics: InstanceMetrics; streamed: boolean }) {
    this.#span = options.span
    this.#metrics = options.metrics
    this.#streamed = options.streamed
  }

  /** What the provider is told. */
  get trace(): Trace {
    return this.#span.trace
  }

  /** From sending the request, in milliseconds: to the first content and to the end. */
  get times(): { firstMs: number; totalMs: number } {
    const totalMs = this.#totalMs ?? this.#elapsed()
    return { firstMs: this.#firstMs ?? totalMs, totalMs }
  }

  headed(status: number): void {
    this.#span.set({ 'http.response.status_code': status })
  }

  /** The first content is there; of a whole answer that is all of it. */
  begun(): void {
    this.#firstMs = this.#elapsed()
    if (!this.#streamed) return
    this.#metrics.firstToken(this.#firstMs)
    this.#span.event('gen_ai.first_token')
  }

  /** The first of a stream's content is there, or more of it. */
  piece(): void {
    const now = performance.now()
    if (this.#pieceAt !== undefined) this.#metrics.gap(now - this.#pieceAt)
    this.#pieceAt = now
  }

  /** The caller takes more again: how long the next piece took says nothing of the provider. */
  resumed(): void {
    this.#pieceAt = undefined
  }

  /** The provider has said all. */
  over(): void {
    this.#totalMs = this.#elapsed()
  }

  succeeded(): void {
    this.#metrics.answered(this.times.totalMs)
    this.#metrics.requested('ok')
    this.#span.end()
  }

  failed(thrown: unknown): void {
    this.#metrics.requested(outcomeOf(thrown))
    this.#span.end(GatewayError.from(thrown))
  }

  #elapsed(): number {
    return performance.now() - this.#sentAt
  }
}

function outcomeOf(thrown: unknown): Outcome {
  if (thrown instanceof ProviderError) return thrown.failure
  return thrown instanceof GatewayError && thrown.code === 'provider_failed' ? 'protocol' : 'internal'
}
