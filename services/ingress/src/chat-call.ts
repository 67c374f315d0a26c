import type { Answer, Bus } from '@gomodel/bus'
import { GatewayError, generate, type ChatRequest, type EndOf, type HeadOf } from '@gomodel/contracts'
import type { Span, Tracing } from '@gomodel/service'
import type { Target } from './catalog.ts'
import type { IngressMetrics } from './observe.ts'

export type Generated = Answer<HeadOf<typeof generate>, EndOf<typeof generate>>

/** What a call needs of the process it lives in. */
export interface CallParts {
  readonly bus: Bus
  readonly tracing: Tracing
  readonly metrics: IngressMetrics
}

/** One chat request on its way to a worker. */
export interface ChatAsked {
  readonly requestId: string
  readonly chat: ChatRequest
  readonly target: Target
  readonly body: Buffer
  readonly signal: AbortSignal
  /** The span of the whole request. */
  readonly span: Span
  /** Milliseconds since the request arrived. */
  readonly elapsedMs: () => number
}

/** The call of a worker for one chat request, watched from the dispatch to the last byte. */
export class ChatCall {
  readonly #parts: CallParts
  readonly #asked: ChatAsked
  readonly #span: Span
  #firstMs = 0

  constructor(parts: CallParts, asked: ChatAsked) {
    const { target, span } = asked
    this.#parts = parts
    this.#asked = asked
    this.#span = parts.tracing.span('dispatch', { kind: 'client', parent: span.trace, attributes: { 'gateway.provider.instance': target.instance, 'gen_ai.request.model': target.model } })
  }

  /** Resolves with the first content. */
  async open(): Promise<Generated> {
    const { requestId, chat, target, body, signal, elapsedMs } = this.#asked
    const request = {
      requestId,
      endpoint: 'chat' as const,
      model: target.model,
      stream: chat.stream === true,
      includeUsage: chat.stream_options?.include_usage === true,
    }
    const answer = await this.#parts.bus.exchange(generate, request, { to: target.instance, body, signal, trace: this.#span.trace })
    this.#firstMs = elapsedMs()
    this.#span.event('first content')
    return answer
  }

  /** The last byte was read: the answer is complete. */
  ended({ end }: Generated): void {
    const { target, chat, elapsedMs } = this.#asked
    const { metrics } = this.#parts
    const stream = chat.stream === true
    if (stream) metrics.firstToken(target.instance, this.#firstMs / 1000)
    if (end?.upstream) metrics.added(target.instance, Math.max(0, stream ? this.#firstMs - end.upstream.firstMs : elapsedMs() - end.upstream.totalMs) / 1000)
    this.#span.end()
  }

  failed(thrown: unknown): void {
    this.#span.end(GatewayError.from(thrown))
  }
}
