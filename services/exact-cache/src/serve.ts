import type { Subscribed } from '@gomodel/bus'
import { exactLookup, exactStore } from '@gomodel/contracts'
import type { ServiceContext } from '@gomodel/service'
import { exactCacheMetrics } from './observe.ts'
import type { settings } from './settings.ts'
import type { Store } from './store.ts'

const MISS = { reply: {} }

/** Answers what is asked of a store, from now on. */
export function serve(store: Store, context: Pick<ServiceContext<typeof settings>, 'settings' | 'bus' | 'metrics' | 'tracing'>): Subscribed[] {
  const { settings: given, bus, tracing } = context
  const { lookups, stores, lookupSeconds } = exactCacheMetrics(context.metrics)

  const looking = bus.serve(exactLookup, async ({ request: { key }, trace }) => {
    const startedAt = performance.now()
    const span = tracing.span('exact-cache lookup', { kind: 'server', parent: trace })
    const found = await store.find(key)
    const verdict = typeof found === 'string' ? found : 'hit'
    lookups.inc({ verdict })
    lookupSeconds.observe((performance.now() - startedAt) / 1000)
    span.set({ 'gateway.cache.verdict': verdict })
    span.end()
    return typeof found === 'string' ? MISS : { reply: { answer: found.answer }, body: found.body }
  })

  const storing = bus.serve(exactStore, async ({ request: { key, answer }, body, trace }) => {
    const span = tracing.span('exact-cache store', { kind: 'server', parent: trace })
    const verdict = body.length > given.maxEntryBytes ? 'too_large' : (await store.keep(key, { answer, body })) ? 'stored' : 'unavailable'
    stores.inc({ verdict })
    span.set({ 'gateway.cache.verdict': verdict })
    span.end()
    return { reply: { stored: verdict === 'stored' } }
  })

  return [looking, storing]
}
