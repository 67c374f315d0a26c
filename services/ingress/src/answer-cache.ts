import type { Bus } from '@gomodel/bus'
import { type CachedAnswer, type Change, exactLookup, exactStore, type Lead, type RequestOf } from '@gomodel/contracts'
import type { Invalidations, Span, Tracing } from '@gomodel/service'
import type { CacheControl } from './cache-control.ts'
import { CollectorBudget } from './collector.ts'
import type { GenerateEndpoint } from './endpoints/endpoint.ts'
import type { Source } from './flights/flight.ts'
import type { CacheVerdict, IngressMetrics } from './observe.ts'
import type { Eligible, SemanticCache } from './semantic/semantic-cache.ts'
import type { CacheWishes } from './semantic/wishes.ts'

/** What one stored answer is to its caller. */
export interface Hit {
  readonly bytes: Buffer
  readonly provider: string
  readonly changes: readonly Change[] | undefined
  readonly ageSeconds: number
  /** Found by the same words, or by the same meaning. */
  readonly layer: 'exact' | 'semantic'
  /** What names it where it is to be invalidated. */
  readonly entry: string | undefined
  /** How near its question is, where it was found by its meaning. */
  readonly similarity?: number | undefined
  /** What is told of its cost. */
  readonly nativeUsage: CachedAnswer['nativeUsage']
}

/** What one look into the exact cache says to all who wait for it: an answer; or who is getting it (`lead`: we are to). */
export type Looked = { readonly verdict: CacheVerdict } & (
  | { readonly kind: 'hit'; readonly answer: CachedAnswer; readonly body: Uint8Array }
  | { readonly kind: 'leader'; readonly leader: Lead }
  | { readonly kind: 'lead' }
)

/** One request before the caches. */
export interface CacheQuestion {
  /** Undefined when the request has no canonical form: it can be neither found nor kept. */
  readonly key: string | undefined
  readonly control: CacheControl
  readonly wishes: CacheWishes
  /** The request as a question of meaning; undefined when it is none. */
  readonly meaning: Eligible
  /** As it was asked for. */
  readonly model: string
  readonly tenant: string
  readonly wanted: { readonly stream: boolean; readonly includeUsage: boolean }
  /** The same for two requests with one key whose calls fail alike. */
  readonly manner: string
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
  readonly #semantic: SemanticCache | undefined
  readonly #invalidations: Invalidations
  /** For answers that are collected while they pass. */
  readonly budget = new CollectorBudget({ maxEntryBytes: MAX_ENTRY_BYTES, maxTotalBytes: MAX_COLLECTED_BYTES })

  constructor(parts: { bus: Bus; tracing: Tracing; metrics: IngressMetrics; semantic: SemanticCache | undefined; invalidations: Invalidations }) {
    this.#bus = parts.bus
    this.#tracing = parts.tracing
    this.#metrics = parts.metrics
    this.#semantic = parts.semantic
    this.#invalidations = parts.invalidations
  }

  /** Asks for the answer, and offers to get it if there is none; never rejects. */
  async look(key: string, { span, lead, instead }: { span: Span; lead: Lead; instead: Lead | undefined }): Promise<Looked> {
    const lookup = this.#tracing.span('exact-cache lookup', { kind: 'client', parent: span.trace })
    const looked = await this.#ask({ key, lead, ...(instead && { instead }) }, lookup)
    lookup.set({ 'gateway.cache.verdict': looked.verdict })
    lookup.end()
    return looked
  }

  async #ask(question: RequestOf<typeof exactLookup>, { trace }: Span): Promise<Looked> {
    try {
      const { reply, body } = await this.#bus.ask(exactLookup, question, { trace })
      if (reply.answer) return { kind: 'hit', verdict: 'hit', answer: reply.answer, body }
      if (reply.leader) return { kind: 'leader', verdict: 'miss', leader: reply.leader }
      if (reply.lead === true) return { kind: 'lead', verdict: 'miss' }
    } catch {
      // Told by the verdict.
    }
    // The cache, or what it keeps its answers in, is away, late or odd. One that is late takes note of the offer all the same, and sends others here.
    return { kind: 'lead', verdict: 'unavailable' }
  }

  /** The answer that was found, if it is what this client wants. */
  hit(looked: Looked, { key, control, wanted, replay }: CacheQuestion): Hit | undefined {
    if (looked.kind !== 'hit' || ageOf(looked.answer) > control.maxAgeSeconds) return undefined
    const bytes = replay(looked.answer, looked.body, wanted)
    return bytes && hitOf(looked.answer, bytes, { layer: 'exact', entry: key })
  }

  /** What was answered to the same in other words. */
  async findByMeaning({ meaning, control, wishes, wanted, replay, span }: CacheQuestion): Promise<Hit | undefined> {
    if (!meaning || !control.read || !wishes.semantic) return undefined
    const found = await this.#semantic?.find(meaning, { wishes, maxAgeSeconds: control.maxAgeSeconds, span })
    const bytes = found && replay(found.answer, found.body, wanted)
    return found && bytes && hitOf(found.answer, bytes, { layer: 'semantic', entry: found.entry, similarity: found.similarity })
  }

  /** One look of one request, as the metrics count it. */
  counted(verdict: CacheVerdict): void {
    this.#metrics.cacheLookup('exact', verdict)
  }

  /** Sends a complete answer with a natural end to the store, and waits for nothing. True when that gives the lead back. */
  keep(question: CacheQuestion, { head, end, since = 0 }: Source, { bytes, lead }: { bytes: Uint8Array; lead: Lead | undefined }): boolean {
    const { key, control, wishes, meaning, tenant, model, wanted, span } = question
    if (key === undefined || !control.write || !end?.natural || bytes.length > MAX_ENTRY_BYTES) return false
    const { usage, nativeUsage } = end
    const answer: CachedAnswer = { provider: head.provider, form: wanted.stream ? 'stream' : 'whole', origin: { tenant, models: modelsOf(model, head), tags: [...wishes.tags], since }, storedAt: Date.now(), ...(head.changes && { changes: head.changes }), ...(usage && { usage }), ...(nativeUsage && { nativeUsage }) }
    if (this.#invalidations.outdated({ entry: key, answer })) return false
    if (meaning && wishes.semantic) this.#semantic?.keep({ question: meaning, entry: key, tenant, model, wishes, answer, bytes, tookMs: end.upstream?.totalMs ?? 0, span })
    if (!wishes.exact) return false
    const store = this.#tracing.span('exact-cache store', { kind: 'producer', parent: span.trace })
    this.#bus.tell(exactStore, { key, answer, ...(lead && { lead }) }, { body: bytes, trace: store.trace })
    store.end()
    return true
  }
}

/** What a complete answer is kept as; undefined when it is not to be kept. */
export const keptAs = ({ key, control, wishes, meaning }: CacheQuestion): string | undefined => (control.write && (wishes.exact || (meaning && wishes.semantic)) ? key : undefined)

const ageOf = ({ storedAt }: CachedAnswer): number => Math.max(0, Math.floor((Date.now() - storedAt) / 1000))

/** What an operator may call the model. */
const modelsOf = (asked: string, { provider, model }: Source['head']): string[] => [...new Set([asked, `${provider}/${model}`, model])]

function hitOf(answer: CachedAnswer, bytes: Buffer, found: Pick<Hit, 'layer' | 'entry' | 'similarity'>): Hit {
  const { provider, changes, nativeUsage } = answer
  return { bytes, provider, changes, nativeUsage, ageSeconds: ageOf(answer), ...found }
}
