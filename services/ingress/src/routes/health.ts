import type { Bus } from '@gomodel/bus'
import type { FastifyInstance } from 'fastify'
import type { Registry } from 'prom-client'
import type { Catalog } from '../catalog.ts'

/** Paths that need no key: whoever asks has none. */
export const PUBLIC_PATHS: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics', '/openapi.json', '/docs', '/docs/*'])

/** `/health`: the process is alive. `/ready`: it can serve, or what it lacks. `/metrics`: Prometheus. */
export function healthRoutes(app: FastifyInstance, state: { bus: Bus; catalog: Catalog; metrics: Registry | undefined }): void {
  const { bus, catalog, metrics } = state

  app.get('/health', async () => ({ status: 'ok' }))

  app.get('/ready', async (_, reply) => {
    const missing = [...(bus.connected ? [] : ['a connection to the bus']), ...(catalog.instances.length > 0 ? [] : ['a provider with a live worker'])]
    if (missing.length === 0) return { status: 'ready', providers: catalog.instances }
    return reply.status(503).header('retry-after', '1').send({ status: 'not ready', missing })
  })

  if (metrics) app.get('/metrics', async (_, reply) => reply.header('content-type', metrics.contentType).send(await metrics.metrics()))
}
