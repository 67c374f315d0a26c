import type { CacheSelector } from '@gomodel/contracts'
import { Counter, Histogram, type Registry } from 'prom-client'

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
  const registers = [registry]
  const requests = new Counter({ name: 'gateway_requests_total', help: 'Requests by route and status.', labelNames: ['route', 'status'], registers })
  const seconds = new Histogram({ name: 'gateway_request_seconds', help: 'Time from the request to the end of its answer.', labelNames: ['route'], buckets: [0.005, 0.02, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 120], registers })
  const firstToken = new Histogram({ name: 'gateway_first_token_seconds', help: 'Time from the request to the first content of a streamed answer.', labelNames: ['provider'], buckets: [0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60], registers })
  const added = new Histogram({
    name: 'gateway_added_seconds',
    help: 'What the gateway adds to the time of the provider: to the first content of a stream, to the end of a whole answer.',
    labelNames: ['provider'],
    buckets: [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2],
    registers,
  })
  const fallbacks = new Counter({ name: 'gateway_fallbacks_total', help: 'Requests that one instance could not answer and another was asked.', labelNames: ['from', 'to'], registers })
  const lookups = new Counter({ name: 'gateway_cache_lookups_total', help: 'Looks into the response caches by layer and verdict.', labelNames: ['layer', 'verdict'], registers })
  const kept = new Counter({ name: 'gateway_responses_kept_total', help: 'Responses that were to be kept, by what became of them: stored, too_large, unavailable.', labelNames: ['verdict'], registers })
  const invalidated = new Counter({ name: 'gateway_cache_invalidated_total', help: 'Cached answers that an operator invalidated, by layer and by what selected them: entry, tag, model, tenant, everything.', labelNames: ['layer', 'selector'], registers })
  const flights = new Counter({ name: 'gateway_flights_total', help: 'Requests that the exact cache had no answer for: a leader gets it, a follower shares what an equal request gets at the same time.', labelNames: ['role'], registers })
  const requestsOf = remembered((route: string, status: number) => requests.labels(route, String(status)))
  const secondsOf = remembered((route: string) => seconds.labels(route))
  const firstTokenOf = remembered((provider: string) => firstToken.labels(provider))
  const addedOf = remembered((provider: string) => added.labels(provider))
  const flightsOf = remembered((role: 'leader' | 'follower') => flights.labels(role))
  const lookupsOf = remembered((layer: string, verdict: CacheVerdict) => lookups.labels(layer, verdict))
  return {
    answered: (route, status, took) => {
      requestsOf(route, status).inc()
      secondsOf(route).observe(took)
    },
    firstToken: (provider, took) => firstTokenOf(provider).observe(took),
    added: (provider, took) => addedOf(provider).observe(took),
    cacheLookup: (layer, verdict) => lookupsOf(layer, verdict).inc(),
    flight: role => flightsOf(role).inc(),
    invalidated: (layer, selector, removed) => invalidated.inc({ layer, selector }, removed),
    responseKept: verdict => kept.inc({ verdict }),
    fellBack: (from, to) => fallbacks.inc({ from, to }),
  }
}

/** One child of a metric for each set of label values, made once: the library looks it up by hashing all of them. */
function remembered<T, L extends (string | number)[]>(child: (...labels: L) => T): (...labels: L) => T {
  const children = new Map<string, T>()
  return (...labels) => {
    const key = labels.join(' ')
    let known = children.get(key)
    if (known === undefined) {
      known = child(...labels)
      children.set(key, known)
    }
    return known
  }
}
