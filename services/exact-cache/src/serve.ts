import type { Subscribed } from '@gomodel/bus'
import { exactInvalidate, exactLease, exactLookup, exactStore, GatewayError } from '@gomodel/contracts'
import { Invalidations, type ServiceContext } from '@gomodel/service'
import { exactCacheMetrics } from './observe.ts'
import type { settings } from './settings.ts'
import type { Entry, Found, Store } from './store.ts'
import type { Led } from './leases.ts'

const MISS = { reply: {} }
const LEAD = { reply: { lead: true } }

/** Answers what is asked of a store, from now on. */
export function serve(store: Store, context: Pick<ServiceContext<typeof settings>, 'settings' | 'bus' | 'metrics' | 'tracing'>): Subscribed[] {
  const { settings: given, bus, tracing } = context
  const { lookups, stores, lookupSeconds } = exactCacheMetrics(context.metrics)
  const invalidations = new Invalidations()

  const looking = bus.serve(exactLookup, async ({ request: { key, lead, instead }, trace }) => {
    const startedAt = performance.now()
    const span = tracing.span('exact-cache lookup', { kind: 'server', parent: trace })
    const find = () => (lead ? store.findOrLead(key, { lead, instead }) : store.find(key))
    let found = await find()
    if (isOutdated(found, key)) {
      await store.invalidate({ entry: key }, false)
      found = await find()
      if (isOutdated(found, key)) found = 'miss'
    }
    const verdict = verdictOf(found)
    lookups.inc({ verdict })
    lookupSeconds.observe((performance.now() - startedAt) / 1000)
    span.set({ 'gateway.cache.verdict': verdict })
    span.end()
    if (found === 'lead') return LEAD
    if (typeof found === 'string') return MISS
    return 'leader' in found ? { reply: { leader: found.leader } } : { reply: { answer: found.answer }, body: found.body }
  })

  const storing = bus.serve(exactStore, async ({ request: { key, answer, lead }, body, trace }) => {
    const span = tracing.span('exact-cache store', { kind: 'server', parent: trace })
    const verdict = body.length > given.maxEntryBytes ? 'too_large' : await keep(key, { answer, body })
    stores.inc({ verdict })
    // In this order: who is not told of a leader any more finds the answer.
    if (lead) await store.renew([{ key, lead }], false)
    span.set({ 'gateway.cache.verdict': verdict })
    span.end()
    return { reply: { stored: verdict === 'stored' } }
  })

  const leasing = bus.serve(exactLease, async ({ request: { ingress, flights, held } }) => {
    const flying = flights.map(({ key, flight }) => ({ key, lead: { ingress, flight } }))
    return { reply: { known: await store.renew(flying, held) } }
  })

  const invalidating = bus.serve(exactInvalidate, async ({ request: { which, dryRun } }) => {
    if (!dryRun) invalidations.note(which, Date.now())
    const done = await store.invalidate(which, dryRun)
    if (!done) throw new GatewayError('unavailable', 'the exact cache cannot reach its answers')
    return { reply: done }
  })

  /** Stored before the invalidation was heard, by one who had not heard of it either. */
  function isOutdated(found: Found | Led, key: string): boolean {
    return typeof found !== 'string' && 'answer' in found && invalidations.outdated({ entry: key, answer: found.answer })
  }

  async function keep(key: string, entry: Entry): Promise<'stored' | 'unavailable' | 'outdated'> {
    if (isOutdated(entry, key)) return 'outdated'
    const stored = await store.keep(key, entry)
    // The walk through the answers may have been past its place.
    if (stored && isOutdated(entry, key)) await store.invalidate({ entry: key }, false)
    return stored ? 'stored' : 'unavailable'
  }

  return [looking, storing, leasing, invalidating, invalidations.hear(bus)]
}

function verdictOf(found: Found | Led): 'hit' | 'miss' | 'unavailable' {
  if (found === 'unavailable') return 'unavailable'
  return typeof found === 'string' || 'leader' in found ? 'miss' : 'hit'
}
