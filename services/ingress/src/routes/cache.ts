import type { Bus } from '@gomodel/bus'
import { cacheInvalidated, exactInvalidate, semanticInvalidate } from '@gomodel/contracts'
import type { Invalidations, Logger } from '@gomodel/service'
import type { FastifyInstance } from 'fastify'
import { type InvalidationRequest, readInvalidation } from '../admin/read-invalidation.ts'
import type { Layers } from '../cache-question.ts'
import type { IngressMetrics } from '../observe.ts'

/** What the route uses of its server. */
export interface CacheRouteParts {
  readonly bus: Bus
  readonly layers: Layers
  readonly invalidations: Invalidations
  readonly metrics: IngressMetrics
  readonly log: Pick<Logger, 'info'>
}

interface Counts {
  readonly matched: number
  readonly removed: number
}

const NOTHING: Counts = { matched: 0, removed: 0 }
const CONTRACTS = { exact: exactInvalidate, semantic: semanticInvalidate } as const

/** `POST /admin/api/v1/cache/invalidate`: answers that were wrong are given no more, by any layer, at any ingress. */
export function cacheRoutes(app: FastifyInstance, { bus, layers, invalidations, metrics, log }: CacheRouteParts): void {
  app.post('/admin/api/v1/cache/invalidate', async request => {
    const asked = readInvalidation(request.body instanceof Buffer ? request.body : Buffer.alloc(0))
    const { selector, which, dryRun, reason } = asked
    if (!dryRun) {
      const at = Date.now()
      // In this order: whoever stores or finds an old answer from now on knows that it is one, and nothing has to be looked for twice.
      invalidations.note(which, at)
      bus.emit(cacheInvalidated, { which, at })
      await bus.flush()
    }
    const unavailable: string[] = []
    const inLayer = async (layer: 'exact' | 'semantic'): Promise<Counts> => {
      const counts = layers[layer] ? await ask(layer, asked) : NOTHING
      if (!counts) unavailable.push(layer)
      else metrics.invalidated(layer, selector, counts.removed)
      return counts ?? NOTHING
    }
    const [exact, semantic] = await Promise.all([inLayer('exact'), inLayer('semantic')])
    log.info({ requestId: request.id, selector, exact, semantic, dryRun, unavailable, ...(reason !== undefined && { reason }) }, dryRun ? 'cached answers counted' : 'cached answers invalidated')
    return { exact, semantic, dry_run: dryRun, unavailable }
  })

  async function ask(layer: 'exact' | 'semantic', { which, dryRun }: InvalidationRequest): Promise<Counts | undefined> {
    try {
      const { reply } = await bus.ask(CONTRACTS[layer], { which, dryRun })
      return reply
    } catch {
      return undefined
    }
  }
}
