import type { Trace } from '@gomodel/bus'
import { GatewayError, outputTokens, type EventOf, type attempted, type Usage } from '@gomodel/contracts'
import type { Span } from '@gomodel/service'
import type { InstanceMetrics, Outcome } from './observe.ts'
import { type End, ProviderError } from './provider.ts'
import { SpentEstimate } from './spent-estimate.ts'

/** What the books are told of one call when it is over. */
export type AttemptReport = Omit<EventOf<typeof attempted>, 'requestId' | 'attempt' | 'instance' | 'endpoint' | 'model'>

/** One call of a provider as it is seen from outside: how long it takes, how it ends, and its place in the trace. */
export class WatchedAttempt {
  readonly #span: Span
  readonly #metrics: InstanceMetrics
  readonly #streamed: boolean
  readonly #report: (report: AttemptReport) => void
  readonly #bodyLength: number
  readonly #startedAt = Date.now()
  readonly #sentAt = performance.now()
  readonly #estimate = new SpentEstimate()
  #headed = false
  #soFar: (() => End) | undefined
  #firstMs: number | undefined
  #totalMs: number | undefined
  /** Of the last piece; undefined when the next one was held up by us. */
  #pieceAt: number | undefined

  constructor(options: { span: Span; metrics: InstanceMetrics; streamed: boolean; bodyLength: number; report: (report: AttemptReport) => void }) {
    this.#span = options.span
    this.#metrics = options.metrics
    this.#streamed = options.streamed
    this.#bodyLength = options.bodyLength
    this.#report = options.report
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
    this.#headed = status < 300
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

  /** A stream is read from here on; `soFar` says what is known of it. */
  reading(soFar: () => End): void {
    this.#soFar = soFar
  }

  /** One event of the stream, by its data. */
  event(data: string): void {
    this.#estimate.event(data)
  }

  /** The caller takes more again: how long the next piece took says nothing of the provider. */
  resumed(): void {
    this.#pieceAt = undefined
  }

  /** The provider has said all. */
  over(): void {
    this.#totalMs = this.#elapsed()
  }

  succeeded(end: End): void {
    this.#metrics.answered(this.times.totalMs)
    this.#over('ok', end)
    this.#span.end()
  }

  failed(thrown: unknown): void {
    const outcome = outcomeOf(thrown)
    this.#over(outcome, this.#cut(outcome))
    this.#span.end(GatewayError.from(thrown))
  }

  /** What was spent on an answer that nobody got whole: the provider's last word on it, else a guess. Nothing when it never began. */
  #cut(outcome: Outcome): Partial<End> {
    const soFar = this.#soFar?.() ?? {}
    const working = this.#firstMs !== undefined || (this.#headed && outcome === 'cancelled')
    if (!working && !soFar.usage) return {}
    const estimated = this.#estimate.usage(this.#bodyLength)
    // Some say at the start what went in, and only at the end what came out.
    const usage: Usage = soFar.usage ? { ...soFar.usage, ...(outputTokens(soFar.usage) === 0 && { outputText: estimated.outputText }), source: 'partial' } : estimated
    return { ...soFar, usage }
  }

  #over(outcome: Outcome, { usage, finish }: Partial<End>): void {
    this.#totalMs ??= this.#elapsed()
    this.#metrics.requested(outcome)
    if (usage) this.#metrics.spent(usage)
    this.#report({
      startedAt: this.#startedAt,
      ...(this.#firstMs !== undefined && { firstMs: this.#firstMs }),
      totalMs: this.#totalMs,
      outcome,
      ...(usage && { usage }),
      ...(finish !== undefined && { finish }),
    })
  }

  #elapsed(): number {
    return performance.now() - this.#sentAt
  }
}

function outcomeOf(thrown: unknown): Outcome {
  if (thrown instanceof ProviderError) return thrown.failure
  return thrown instanceof GatewayError && thrown.code === 'provider_failed' ? 'protocol' : 'internal'
}
