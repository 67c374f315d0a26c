import type { Bus } from '@gomodel/bus'
import { cacheInvalidated, type CacheSelection, type CacheSelector, exactInvalidate, semanticInvalidate } from '@gomodel/contracts'
import type { Invalidations } from '@gomodel/service'
import type { Layers } from './cache-question.ts'
import type { IngressMetrics } from './observe.ts'

/** What the invalidator uses of its server. */
export interface InvalidatorParts {
  readonly bus: Bus
  readonly layers: Layers
  readonly invalidations: Invalidations
  readonly metrics: IngressMetrics
}

/** How many answers there were in one layer. */
export interface Counts {
  readonly matched: number
  readonly removed: number
  /** Only of an entry that was wrong for some question. */
  readonly limited?: number
}

export type Layer = 'exact' | 'semantic'

/** What became of answers in both caches, and which of them could not be asked. */
export interface Invalidated {
  readonly exact: Counts
  readonly semantic: Counts
  readonly unavailable: readonly Layer[]
}

const NOTHING: Counts = { matched: 0, removed: 0 }
const CONTRACTS = { exact: exactInvalidate, semantic: semanticInvalidate } as const

/** Sees to it that cached answers are given no more, by any layer, at any ingress. */
export class Invalidator {
  readonly #parts: InvalidatorParts

  constructor(parts: InvalidatorParts) {
    this.#parts = parts
  }

  /** Never rejects. `dryRun` only counts. */
  async invalidate(selector: CacheSelector, which: CacheSelection, { dryRun = false } = {}): Promise<Invalidated> {
    const { bus, invalidations } = this.#parts
    if (!dryRun) {
      const at = Date.now()
      // In this order: whoever stores or finds an old answer from now on knows that it is one, and nothing has to be looked for twice.
      invalidations.note(which, at)
      bus.emit(cacheInvalidated, { which, at })
      await bus.flush()
    }
    return this.inLayers(selector, async layer => (await bus.ask(CONTRACTS[layer], { which, dryRun })).reply)
  }

  /** Asks each layer that is switched on. */
  async inLayers(selector: CacheSelector, ask: (layer: Layer) => Promise<Counts>): Promise<Invalidated> {
    const { layers, metrics } = this.#parts
    const unavailable: Layer[] = []
    const asked = async (layer: Layer): Promise<Counts> => {
      try {
        const counts = layers[layer] ? await ask(layer) : NOTHING
        metrics.invalidated(layer, selector, counts.removed)
        return counts
      } catch {
        unavailable.push(layer)
        return NOTHING
      }
    }
    const [exact, semantic] = await Promise.all([asked('exact'), asked('semantic')])
    return { exact, semantic, unavailable }
  }
}
