import type { Reply, Subscribed } from '@gomodel/bus'
import { exactInvalidate, exactLease, exactLookup, exactStore, GatewayError, type ReplyOf } from '@gomodel/contracts'
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

  // Answered at once where nothing has to be waited for: a store in this process.
  const looking = bus.serve(exactLookup, ({ request: { key, lead, instead }, trace }) => {
    const startedAt = performance.now()
    const span = tracing.span('exact-cache lookup', { kind: 'server', parent: trace })
    const find = () => (lead ? store.findOrLead(key, { lead, instead }) : store.find(key))
    const said = (found: Found | Led): Reply<ReplyOf<typeof exactLookup>> => {
      const verdict = verdictOf(found)
      lookups.of(verdict).inc()
      lookupSeconds.of().observe((performance.now() - startedAt) / 1000)
      span.set({ 'gateway.cache.verdict': verdict })
      span.end()
      return replyTo(found)
    }
    const found = find()
    return found instanceof Promise || isOutdated(found, key) ? current(found, key, find).then(said) : said(found)
  })

  const storing = bus.serve(exactStore, async ({ request: { key, answer, lead }, body, trace }) => {
    const span = tracing.span('exact-cache store', { kind: 'consumer', parent: trace })
    // Both on their way at once, in this order: who is not told of a leader any more finds the answer.
    const keeping = body.length > given.maxEntryBytes ? 'too_large' : keep(key, { answer, body })
    const [verdict] = await Promise.all([keeping, lead && store.renew([{ key, lead }], false)])
    stores.of(verdict).inc()
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

  async function current(first: Found | Led | Promise<Found | Led>, key: string, find: () => Found | Led | Promise<Found | Led>): Promise<Found | Led> {
    const found = await first
    if (!isOutdated(found, key)) return found
    await store.invalidate({ entry: key }, false)
    const again = await find()
    return isOutdated(again, key) ? 'miss' : again
  }

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

function replyTo(found: Found | Led): Reply<ReplyOf<typeof exactLookup>> {
  if (found === 'lead') return LEAD
  if (typeof found === 'string') return MISS
  return 'leader' in found ? { reply: { leader: found.leader } } : { reply: { answer: found.answer }, body: found.body }
}

function verdictOf(found: Found | Led): 'hit' | 'miss' | 'unavailable' {
  if (found === 'unavailable') return 'unavailable'
  return typeof found === 'string' || 'leader' in found ? 'miss' : 'hit'
}
