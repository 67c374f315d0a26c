import type { CacheSelector } from '@gomodel/contracts'
import { QuickCounter, QuickHistogram } from '@gomodel/service'
import type { Registry } from 'prom-client'

/** What became of one look into the response caches. `unavailable`: the layer was away or slow, which is a miss for the caller. */
export type CacheVerdict = 'hit' | 'miss' | 'bypass' | 'unavailable'

/** What became of a response that was to be kept. */
export type KeepVerdict = 'stored' | 'too_large' | 'unavailable'

/** What the ingress counts. Labels are routes, statuses and provider instances, so that their number is bounded. */
export interface IngressMetrics {
  answered(route: string, status: number, seconds: number): void
  /** From the request to the first content of a streamed answer. */
  firstToken(provider: string, seconds: number): void
  /** What the gateway added to the time of the provider. */
  added(provider: string, seconds: number): void
  cacheLookup(layer: 'exact' | 'semantic', verdict: CacheVerdict): void
  /** A request that the cache had no answer for gets it (others may share it), or shares what another gets. */
  flight(role: 'leader' | 'follower'): void
  /** What one instance could not do was asked of another. */
  fellBack(from: string, to: string): void
  responseKept(verdict: KeepVerdict): void
  /** So many answers of one layer are gone, on the word of an operator. */
  invalidated(layer: 'exact' | 'semantic', selector: CacheSelector, removed: number): void
}

export function ingressMetrics(registry: Registry): IngressMetrics {
  const requests = new QuickCounter({ name: 'gateway_requests_total', help: 'Requests by route and status.', labelNames: ['route', 'status'], registry })
  const seconds = new QuickHistogram({ name: 'gateway_request_seconds', help: 'Time from the request to the end of its answer.', labelNames: ['route'], buckets: [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120], registry })
  const firstToken = new QuickHistogram({ name: 'gateway_first_token_seconds', help: 'Time from the request to the first content of a streamed answer.', labelNames: ['provider'], buckets: [0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60], registry })
  const added = new QuickHistogram({
    name: 'gateway_added_seconds',
    help: 'What the gateway adds to the time of the provider: to the first content of a stream, to the end of a whole answer.',
    labelNames: ['provider'],
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2],
    registry,
  })
  const fallbacks = new QuickCounter({ name: 'gateway_fallbacks_total', help: 'Requests that one instance could not answer and another was asked.', labelNames: ['from', 'to'], registry })
  const lookups = new QuickCounter({ name: 'gateway_cache_lookups_total', help: 'Looks into the response caches by layer and verdict.', labelNames: ['layer', 'verdict'], registry })
  const kept = new QuickCounter({ name: 'gateway_responses_kept_total', help: 'Responses that were to be kept, by what became of them: stored, too_large, unavailable.', labelNames: ['verdict'], registry })
  const invalidated = new QuickCounter({ name: 'gateway_cache_invalidated_total', help: 'Cached answers that were invalidated, by an operator or, as an entry, by a client that deleted its response; by layer and by what selected them: entry, tag, model, tenant, everything.', labelNames: ['layer', 'selector'], registry })
  const flights = new QuickCounter({ name: 'gateway_flights_total', help: 'Requests that the exact cache had no answer for: a leader gets it, a follower shares what an equal request gets at the same time.', labelNames: ['role'], registry })
  return {
    answered: (route, status, took) => {
      requests.of(route, String(status)).inc()
      seconds.of(route).observe(took)
    },
    firstToken: (provider, took) => firstToken.of(provider).observe(took),
    added: (provider, took) => added.of(provider).observe(took),
    cacheLookup: (layer, verdict) => lookups.of(layer, verdict).inc(),
    flight: role => flights.of(role).inc(),
    invalidated: (layer, selector, removed) => invalidated.of(layer, selector).inc(removed),
    responseKept: verdict => kept.of(verdict).inc(),
    fellBack: (from, to) => fallbacks.of(from, to).inc(),
  }
}
