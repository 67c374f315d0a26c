import type { Bus } from '@gomodel/bus'
import { cacheInvalidated, exactInvalidate, semanticInvalidate, semanticLimit } from '@gomodel/contracts'
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
  /** Only of an entry that was wrong for some question. */
  readonly limited?: number
}

const NOTHING: Counts = { matched: 0, removed: 0 }
const CONTRACTS = { exact: exactInvalidate, semantic: semanticInvalidate } as const

/** `POST /admin/api/v1/cache/invalidate`: answers that were wrong are given no more, by any layer, at any ingress; one that was wrong for some question only is given to nearer ones. */
export function cacheRoutes(app: FastifyInstance, { bus, layers, invalidations, metrics, log }: CacheRouteParts): void {
  app.post('/admin/api/v1/cache/invalidate', async request => {
    const asked = readInvalidation(request.body instanceof Buffer ? request.body : Buffer.alloc(0))
    const { selector, which, wrongAt, dryRun, reason } = asked
    // What is only limited is right for its own question, in whichever cache it is.
    if (!dryRun && wrongAt === undefined) {
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
    log.info({ requestId: request.id, selector, exact, semantic, dryRun, unavailable, ...(reason !== undefined && { reason }), ...(wrongAt !== undefined && { wrongAt }) }, dryRun ? 'cached answers counted' : wrongAt === undefined ? 'cached answers invalidated' : 'cached answers limited')
    return { exact, semantic, dry_run: dryRun, unavailable }
  })

  async function ask(layer: 'exact' | 'semantic', { which, wrongAt, dryRun }: InvalidationRequest): Promise<Counts | undefined> {
    try {
      if (wrongAt !== undefined && 'entry' in which) return layer === 'exact' ? NOTHING : (await bus.ask(semanticLimit, { ...which, wrongAt, dryRun })).reply
      const { reply } = await bus.ask(CONTRACTS[layer], { which, dryRun })
      return reply
    } catch {
      return undefined
    }
  }
}
