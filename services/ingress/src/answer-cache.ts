import type { Bus } from '@gomodel/bus'
import { exactLookup, exactStore, type CachedAnswer, type Change } from '@gomodel/contracts'
import type { Span, Tracing } from '@gomodel/service'
import type { CacheControl } from './cache-control.ts'
import { Collector, CollectorBudget } from './collector.ts'
import type { GenerateEndpoint } from './endpoints/endpoint.ts'
import type { Generated } from './model-call.ts'
import type { IngressMetrics } from './observe.ts'

/** What one stored answer is to its caller. */
export interface Hit {
  readonly bytes: Buffer
  readonly provider: string
  readonly changes: readonly Change[] | undefined
  readonly ageSeconds: number
}

/** One request before the caches. */
export interface CacheQuestion {
  /** Undefined when the request has no canonical form: it can be neither found nor kept. */
  readonly key: string | undefined
  readonly control: CacheControl
  readonly wanted: { readonly stream: boolean; readonly includeUsage: boolean }
  /** How a stored answer takes the form that is wanted. */
  readonly replay: NonNullable<GenerateEndpoint['replay']>
  readonly span: Span
}

// An answer and what stands beside it must fit into one bus message of 1 MB.
const MAX_ENTRY_BYTES = 768 * 1024
const MAX_COLLECTED_BYTES = 64 * 1024 * 1024

/** The response caches as the ingress sees them. They fail open: one that is away, slow or talks nonsense is a miss and a metric. */
export class AnswerCache {
  readonly #bus: Bus
  readonly #tracing: Tracing
  readonly #metrics: IngressMetrics
  readonly #budget = new CollectorBudget({ maxEntryBytes: MAX_ENTRY_BYTES, maxTotalBytes: MAX_COLLECTED_BYTES })

  constructor(parts: { bus: Bus; tracing: Tracing; metrics: IngressMetrics }) {
    this.#bus = parts.bus
    this.#tracing = parts.tracing
    this.#metrics = parts.metrics
  }

  async find(question: CacheQuestion): Promise<Hit | undefined> {
    const { key, control, span } = question
    if (key === undefined || !control.read) {
      this.#metrics.cacheLookup('exact', 'bypass')
      return undefined
    }
    const lookup = this.#tracing.span('exact-cache lookup', { kind: 'client', parent: span.trace })
    const found = await this.#lookup(key, question, lookup)
    const verdict = typeof found === 'string' ? found : 'hit'
    this.#metrics.cacheLookup('exact', verdict)
    lookup.set({ 'gateway.cache.verdict': verdict })
    lookup.end()
    return typeof found === 'string' ? undefined : found
  }

  async #lookup(key: string, { control, wanted, replay }: CacheQuestion, { trace }: Span): Promise<Hit | 'miss' | 'unavailable'> {
    try {
      const { reply, body } = await this.#bus.ask(exactLookup, { key }, { trace })
      if (!reply.answer) return 'miss'
      const ageSeconds = Math.max(0, Math.floor((Date.now() - reply.answer.storedAt) / 1000))
      const bytes = ageSeconds <= control.maxAgeSeconds ? replay(reply.answer, body, wanted) : undefined
      return bytes ? { bytes, provider: reply.answer.provider, changes: reply.answer.changes, ageSeconds } : 'miss'
    } catch {
      return 'unavailable'
    }
  }

  /** Takes a copy of what passes; undefined when this answer is not to be kept. */
  collector({ key, control }: CacheQuestion): Collector | undefined {
    return key !== undefined && control.write ? new Collector(this.#budget) : undefined
  }

  /** Sends a complete answer with a natural end to the store, and waits for nothing. */
  keep({ key, control, wanted, span }: CacheQuestion, { head, end }: Generated, bytes: Uint8Array): void {
    if (key === undefined || !control.write || !end?.natural || bytes.length > MAX_ENTRY_BYTES) return
    const { usage, nativeUsage } = end
    const answer: CachedAnswer = { provider: head.provider, form: wanted.stream ? 'stream' : 'whole', storedAt: Date.now(), ...(head.changes && { changes: head.changes }), ...(usage && { usage }), ...(nativeUsage && { nativeUsage }) }
    const store = this.#tracing.span('exact-cache store', { kind: 'producer', parent: span.trace })
    this.#bus.tell(exactStore, { key, answer }, { body: bytes, trace: store.trace })
    store.end()
  }
}
