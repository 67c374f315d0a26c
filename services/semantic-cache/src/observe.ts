import type { SemanticVerdict } from '@gomodel/contracts'
import { Counter, Histogram, type Registry } from 'prom-client'

/** What the semantic cache counts. */
export interface SemanticMetrics {
  /** `unavailable`: the embedder or the store failed. */
  looked(verdict: SemanticVerdict | 'unavailable', seconds: number): void
  vetoed(guard: string): void
  saved(what: { tokens: number; milliseconds: number; usd: number }): void
  /** `outdated`: it was invalidated meanwhile. */
  stored(verdict: 'stored' | 'unavailable' | 'outdated'): void
}

export function semanticMetrics(registry: Registry): SemanticMetrics {
  const registers = [registry]
  const lookups = new Counter({ name: 'gateway_semantic_cache_lookups_total', help: 'Looks into the semantic cache by verdict; near: just below the threshold; vetoed: near enough, but a guard takes it for another question; shadow: would have been a hit.', labelNames: ['verdict'], registers })
  const seconds = new Histogram({ name: 'gateway_semantic_cache_lookup_seconds', help: 'Time of a look, the embedding included.', buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1], registers })
  const vetoes = new Counter({ name: 'gateway_semantic_cache_vetoes_total', help: 'Candidates that a guard refused; limit: one that an operator limited to nearer questions.', labelNames: ['guard'], registers })
  const stores = new Counter({ name: 'gateway_semantic_cache_stores_total', help: 'Answers by whether they were kept; outdated: invalidated meanwhile.', labelNames: ['verdict'], registers })
  const tokens = new Counter({ name: 'gateway_semantic_cache_saved_tokens_total', help: 'Tokens that hits did not cost.', registers })
  const milliseconds = new Counter({ name: 'gateway_semantic_cache_saved_milliseconds_total', help: 'Time that hits did not take, as it was when their answers were made.', registers })
  const usd = new Counter({ name: 'gateway_semantic_cache_saved_usd_total', help: 'US dollars that hits did not cost, where the provider named its price.', registers })
  for (const verdict of ['hit', 'shadow', 'vetoed', 'near', 'miss', 'unavailable']) lookups.inc({ verdict }, 0)
  return {
    looked: (verdict, took) => {
      lookups.inc({ verdict })
      seconds.observe(took)
    },
    vetoed: guard => vetoes.inc({ guard }),
    saved: what => {
      tokens.inc(what.tokens)
      milliseconds.inc(what.milliseconds)
      usd.inc(what.usd)
    },
    stored: verdict => stores.inc({ verdict }),
  }
}
