import { QuickCounter, QuickHistogram } from '@gomodel/service'
import { Gauge, type Registry } from 'prom-client'
import type { MemoryStore } from './memory-store.ts'

/** What the exact cache counts. */
export interface ExactCacheMetrics {
  readonly lookups: QuickCounter
  readonly stores: QuickCounter
  readonly lookupSeconds: QuickHistogram
}

export function exactCacheMetrics(registry: Registry): ExactCacheMetrics {
  return {
    lookups: new QuickCounter({ name: 'gateway_exact_cache_lookups_total', help: 'Lookups by what was found: hit, miss, unavailable.', labelNames: ['verdict'], registry }),
    stores: new QuickCounter({ name: 'gateway_exact_cache_stores_total', help: 'Answers by what became of them: stored, too_large, unavailable, or outdated by an invalidation.', labelNames: ['verdict'], registry }),
    lookupSeconds: new QuickHistogram({ name: 'gateway_exact_cache_lookup_seconds', help: 'Time to find an answer, or that there is none.', buckets: [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05], registry }),
  }
}

/** What the answers in memory take. */
export function memoryMetrics(registry: Registry, store: MemoryStore): void {
  const bridge = (name: string, help: string, read: () => number) =>
    new Gauge({ name, help, registers: [registry], collect() { this.set(read()) } })
  bridge('gateway_exact_cache_memory_bytes', 'Memory that the answers take.', () => store.bytes)
  bridge('gateway_exact_cache_memory_entries', 'Answers in memory.', () => store.entries)
}
