import type { Bus } from '@gomodel/bus'
import { semanticLimit } from '@gomodel/contracts'
import type { Logger } from '@gomodel/service'
import type { FastifyInstance } from 'fastify'
import { type InvalidationRequest, readInvalidation } from '../admin/read-invalidation.ts'
import type { Invalidated, Invalidator } from '../invalidator.ts'

/** What the route uses of its server. */
export interface CacheRouteParts {
  readonly bus: Bus
  readonly invalidator: Invalidator
  readonly log: Pick<Logger, 'info'>
}

/** `POST /admin/api/v1/cache/invalidate`: answers that were wrong are given no more, by any layer, at any ingress; one that was wrong for some question only is given to nearer ones. */
export function cacheRoutes(app: FastifyInstance, { bus, invalidator, log }: CacheRouteParts): void {
  app.post('/admin/api/v1/cache/invalidate', async request => {
    const asked = readInvalidation(request.body instanceof Buffer ? request.body : Buffer.alloc(0))
    const { selector, dryRun, wrongAt, reason } = asked
    const { exact, semantic, unavailable } = await done(asked)
    log.info({ requestId: request.id, selector, exact, semantic, dryRun, unavailable, ...(reason !== undefined && { reason }), ...(wrongAt !== undefined && { wrongAt }) }, dryRun ? 'cached answers counted' : wrongAt === undefined ? 'cached answers invalidated' : 'cached answers limited')
    return { exact, semantic, dry_run: dryRun, unavailable }
  })

  function done({ selector, which, wrongAt, dryRun }: InvalidationRequest): Promise<Invalidated> {
    if (wrongAt === undefined || !('entry' in which)) return invalidator.invalidate(selector, which, { dryRun })
    // What is only limited is right for its own question, in whichever cache it is.
    return invalidator.inLayers(selector, async layer => (layer === 'exact' ? { matched: 0, removed: 0 } : (await bus.ask(semanticLimit, { ...which, wrongAt, dryRun })).reply))
  }
}
