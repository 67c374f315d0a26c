import type { Answer, Bus } from '@gomodel/bus'
import { GatewayError, generate, type Endpoint, type EndOf, type HeadOf } from '@gomodel/contracts'
import type { Span, Tracing } from '@gomodel/service'
import type { Client } from './client.ts'
import type { Asked } from './endpoints/endpoint.ts'
import type { IngressMetrics } from './observe.ts'
import type { Outcome } from './outcome.ts'
import type { Candidate, Route, Router } from './routing/router.ts'

export type Generated = Answer<HeadOf<typeof generate>, EndOf<typeof generate>>

/** What a call needs of the process it lives in. */
export interface CallParts {
  readonly bus: Bus
  readonly router: Router
  readonly tracing: Tracing
  readonly metrics: IngressMetrics
}

/** One request on its way to a worker. */
export interface ModelRequest extends Asked {
  readonly requestId: string
  readonly endpoint: Endpoint
  /** Whose request it is: nobody else sees what is kept of it. */
  readonly tenant: string
  readonly route: Route
  readonly body: Buffer
  /** Refuse what cannot be passed on as it is. */
  readonly strict: boolean
  /** The earlier response whose items the body was joined with. */
  readonly continues?: string
  /** Headers of the client that belong to its dialect. */
  readonly headers: Readonly<Record<string, string>>
  readonly client: Client
  /** The span of the whole request. */
  readonly span: Span
  /** Milliseconds since the request arrived. */
  readonly elapsedMs: () => number
}

/** The call of a worker for one request, watched from the dispatch to the last byte; what cannot be had at one target is asked of the next. */
export class ModelCall {
  readonly #parts: CallParts
  readonly #asked: ModelRequest
  readonly #signal: AbortSignal
  #span: Span | undefined
  #release: (() => void) | undefined
  #firstMs = 0
  /** What those took that were asked in vain. */
  #lostMs = 0
  readonly #outcome: Outcome

  /** `signal` ends it. */
  constructor(parts: CallParts, asked: ModelRequest, { outcome, signal }: { outcome: Outcome; signal: AbortSignal }) {
    this.#parts = parts
    this.#asked = asked
    this.#signal = signal
    this.#outcome = outcome
  }

  /** Who answers; before that, who is asked. */
  get candidate(): Candidate {
    return this.#outcome.candidate
  }

  /** Resolves with the first content. */
  async open(): Promise<Generated> {
    const { route, span, elapsedMs } = this.#asked
    const { router, metrics } = this.#parts
    const candidates = router.inOrder(route)
    for (const [place, candidate] of candidates.entries()) {
      this.#outcome.candidate = candidate
      const askedAt = elapsedMs()
      try {
        return await this.#ask(candidate)
      } catch (thrown) {
        this.failed(thrown)
        const next = candidates[place + 1]
        if (!next || this.#signal.aborted || !mayBeHadElsewhere(thrown)) throw thrown
        this.#lostMs += elapsedMs() - askedAt
        metrics.fellBack(candidate.instance, next.instance)
        span.event('fallback')
      }
    }
    throw new GatewayError('internal', 'internal error', { cause: new Error('a route without candidates') })
  }

  async #ask(candidate: Candidate): Promise<Generated> {
    const { requestId, endpoint, model, stream, includeUsage, strict, headers, continues, body, span, elapsedMs } = this.#asked
    const { bus, router, tracing, metrics } = this.#parts
    router.requireServed(candidate)
    this.#span = tracing.span('dispatch', {
      kind: 'client',
      parent: span.trace,
      ...(tracing.enabled && { attributes: { 'gateway.provider.instance': candidate.instance, 'gen_ai.request.model': model, 'gateway.fallback': candidate.fallback } }),
    })
    this.#release = router.busy(candidate)
    const request = {
      requestId,
      endpoint,
      model: candidate.model,
      stream,
      includeUsage,
      ...(strict && { strict }),
      ...(hasAny(headers) && { headers }),
      ...(continues !== undefined && { continues }),
    }
    const answer = await bus.exchange(generate, request, { to: candidate.instance, body, signal: this.#signal, trace: this.#span.trace })
    this.#firstMs = elapsedMs()
    // Now, for whatever becomes of the rest: streams that break or are left had their first content too.
    if (stream) metrics.firstToken(candidate.instance, this.#firstMs / 1000)
    this.#span.event('first content')
    return answer
  }

  /** The last byte was read: the answer is complete. */
  ended({ end }: Generated): void {
    const { stream, elapsedMs } = this.#asked
    const { metrics } = this.#parts
    const { instance } = this.candidate
    if (end?.upstream) {
      const { firstMs, totalMs, lostMs = 0 } = end.upstream
      const ofOthers = this.#lostMs + lostMs + (stream ? firstMs : totalMs)
      metrics.added(instance, Math.max(0, (stream ? this.#firstMs : elapsedMs()) - ofOthers) / 1000)
    }
    this.#release?.()
    this.#span?.end()
  }

  /** Good for being told more than once of one failure. */
  failed(thrown: unknown): void {
    this.#release?.()
    this.#span?.end(GatewayError.from(thrown))
    this.#release = undefined
    this.#span = undefined
  }
}

/** Nothing reached the client, and another target may do what this one could not. */
function mayBeHadElsewhere(thrown: unknown): boolean {
  const error = GatewayError.from(thrown)
  // A model that the provider itself does not know is as good as a provider that is away.
  return error.retry !== 'never' || (error.code === 'model_not_found' && error.details.provider !== undefined)
}

function hasAny(headers: Readonly<Record<string, string>>): boolean {
  for (const _ in headers) return true
  return false
}
