import type { Bus } from '@gomodel/bus'
import { type CachedAnswer, semanticLookup, semanticStore, type SemanticQuestion } from '@gomodel/contracts'
import type { Span, Tracing } from '@gomodel/service'
import type { ExactQuestion } from '../cache-key.ts'
import type { GenerateEndpoint } from '../endpoints/endpoint.ts'
import type { CacheVerdict, IngressMetrics } from '../observe.ts'
import { isShort, type TurnLimits } from './last-turn.ts'
import { partitionOf } from './partition.ts'
import type { CacheWishes } from './wishes.ts'

/** Undefined where it is not known to be eligible. */
export type Eligible = SemanticQuestion | undefined

/** What was found by meaning. */
export interface SemanticHit {
  readonly answer: CachedAnswer
  readonly body: Uint8Array
  readonly entry: string | undefined
  readonly similarity: number | undefined
}

/** What is kept of one answer. */
export interface SemanticKept {
  readonly question: SemanticQuestion
  /** Its key in the exact cache. */
  readonly entry: string
  readonly tenant: string
  readonly model: string
  readonly wishes: CacheWishes
  readonly answer: CachedAnswer
  readonly bytes: Uint8Array
  readonly tookMs: number
  readonly span: Span
}

/** The semantic cache as the ingress sees it. It fails open: one that is away, slow or talks nonsense is a miss and a metric. */
export class SemanticCache {
  readonly #bus: Bus
  readonly #tracing: Tracing
  readonly #metrics: IngressMetrics
  readonly #limits: TurnLimits

  constructor(parts: { bus: Bus; tracing: Tracing; metrics: IngressMetrics; limits: TurnLimits }) {
    this.#bus = parts.bus
    this.#tracing = parts.tracing
    this.#metrics = parts.metrics
    this.#limits = parts.limits
  }

  /** The request as a question of meaning; undefined when its answer depends on more than that. */
  question({ lastTurn }: Pick<GenerateEndpoint, 'lastTurn'>, asked: ExactQuestion): Eligible {
    const eligible = lastTurn && this.#read(lastTurn, asked)
    if (!eligible) this.#metrics.cacheLookup('semantic', 'bypass')
    return eligible
  }

  /** `maxAgeSeconds` bounds the age of what may answer. */
  async find(question: SemanticQuestion, { wishes, maxAgeSeconds, span }: { wishes: CacheWishes; maxAgeSeconds: number; span: Span }): Promise<SemanticHit | undefined> {
    const lookup = this.#tracing.span('semantic-cache lookup', { kind: 'client', parent: span.trace })
    let verdict: CacheVerdict = 'unavailable'
    try {
      const { reply, body } = await this.#bus.ask(
        semanticLookup,
        { question, ...(wishes.threshold !== undefined && { threshold: wishes.threshold }), ...(Number.isFinite(maxAgeSeconds) && { maxAgeSeconds }) },
        { trace: lookup.trace },
      )
      verdict = reply.answer ? 'hit' : 'miss'
      return reply.answer && { answer: reply.answer, body, entry: reply.entry, similarity: reply.similarity }
    } catch {
      return undefined
    } finally {
      this.#metrics.cacheLookup('semantic', verdict)
      lookup.set({ 'gateway.cache.verdict': verdict })
      lookup.end()
    }
  }

  /** Sends a complete answer to the store, and waits for nothing. */
  keep({ question, entry, tenant, model, wishes, answer, bytes, tookMs, span }: SemanticKept): void {
    const store = this.#tracing.span('semantic-cache store', { kind: 'producer', parent: span.trace })
    const { ttlSeconds, tags } = wishes
    this.#bus.tell(semanticStore, { question, tenant, model, tags: [...tags], entry, ...(ttlSeconds !== undefined && { ttlSeconds }), answer, tookMs }, { body: bytes, trace: store.trace })
    store.end()
  }

  #read(lastTurn: NonNullable<GenerateEndpoint['lastTurn']>, asked: ExactQuestion): Eligible {
    const request = JSON.parse(asked.bytes.toString()) as Readonly<Record<string, unknown>>
    const turn = lastTurn(request)
    if (!turn || !isShort(request, turn, this.#limits)) return undefined
    const partition = partitionOf(asked, turn)
    return partition === undefined ? undefined : { partition, text: turn.text }
  }
}
