import type { Subscribed } from '@gomodel/bus'
import { inputTokens, outputTokens, semanticInvalidate, semanticLimit, type SemanticVerdict, semanticLookup, semanticStore } from '@gomodel/contracts'
import type { Invalidations, ServiceContext } from '@gomodel/service'
import type { Found, SemanticLayer } from './layer.ts'
import { semanticMetrics } from './observe.ts'
import type { settings } from './settings.ts'

const THIRTY_DAYS_MS = 30 * 24 * 3_600_000
// What is wrong with an embedder or a store is said once in this time, however many questions it costs.
const SAID_EVERY_MS = 30_000

/** Answers what is asked of the layer, from now on. */
export function serve(layer: SemanticLayer, invalidations: Invalidations, { settings: given, bus, log, metrics: registry, tracing }: ServiceContext<typeof settings>): Subscribed[] {
  const metrics = semanticMetrics(registry)
  const longestMs = given.ttlMs || THIRTY_DAYS_MS
  let saidAt = -Infinity
  const failed = (thrown: unknown, what: string): void => {
    const now = performance.now()
    if (now - saidAt < SAID_EVERY_MS) return
    saidAt = now
    log.warn({ err: thrown }, what)
  }

  const looking = bus.serve(semanticLookup, async ({ request: { question, threshold, maxAgeSeconds }, trace }) => {
    const startedAt = performance.now()
    const span = tracing.span('semantic-cache lookup', { kind: 'server', parent: trace })
    const seconds = (): number => (performance.now() - startedAt) / 1000
    try {
      const found = await layer.find({ question, threshold, maxAgeMs: (maxAgeSeconds ?? Infinity) * 1000, trace: span.trace })
      for (const guard of found.vetoes) metrics.vetoed(guard)
      const verdict = verdictOf(found, given.mode)
      metrics.looked(verdict, seconds())
      span.set({ 'gateway.cache.verdict': verdict })
      if (verdict !== 'hit' || !found.hit) return { reply: { verdict } }
      const { meta, body, score } = found.hit
      const { usage } = meta.answer
      metrics.saved({ tokens: usage ? inputTokens(usage) + outputTokens(usage) : 0, milliseconds: meta.tookMs, usd: usage?.costUsd ?? 0 })
      return { reply: { verdict, answer: meta.answer, similarity: score, ...(meta.entry !== undefined && { entry: meta.entry }) }, body }
    } catch (thrown) {
      metrics.looked('unavailable', seconds())
      failed(thrown, 'the semantic cache cannot look: every question is a miss')
      throw thrown
    } finally {
      span.end()
    }
  })

  const storing = bus.serve(semanticStore, async ({ request: { question, tenant, model, tags, entry, ttlSeconds, answer, tookMs }, body, trace }) => {
    const span = tracing.span('semantic-cache store', { kind: 'consumer', parent: trace })
    const said = (verdict: 'stored' | 'outdated' | 'unavailable'): void => {
      metrics.stored(verdict)
      span.set({ 'gateway.cache.verdict': verdict })
      span.end()
    }
    try {
      const ttlMs = Math.min(longestMs, (ttlSeconds ?? Infinity) * 1000)
      const stored = await layer.keep({ question, tenant, model, tags, entry, ttlMs, answer, tookMs, body: Buffer.from(body), trace: span.trace })
      said(stored ? 'stored' : 'outdated')
      return { reply: { stored } }
    } catch (thrown) {
      said('unavailable')
      failed(thrown, 'the semantic cache cannot keep answers')
      return { reply: { stored: false } }
    }
  })

  const invalidating = bus.serve(semanticInvalidate, async ({ request: { which, dryRun } }) => {
    if (!dryRun) invalidations.note(which, Date.now())
    const matched = await layer.invalidate(which, dryRun)
    return { reply: { matched, removed: dryRun ? 0 : matched } }
  })

  const limiting = bus.serve(semanticLimit, async ({ request: { entry, wrongAt, dryRun } }) => ({ reply: await layer.limit({ entry, wrongAt }, dryRun) }))

  return [looking, storing, invalidating, limiting, invalidations.hear(bus)]
}

function verdictOf({ hit, vetoes, near }: Found, mode: 'static' | 'strict' | 'shadow'): SemanticVerdict {
  if (hit) return mode === 'shadow' ? 'shadow' : 'hit'
  if (vetoes.length > 0) return 'vetoed'
  return near ? 'near' : 'miss'
}
