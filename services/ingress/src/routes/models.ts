import type { FastifyInstance } from 'fastify'
import type { Catalog } from '../catalog.ts'

/** `GET /v1/models` and `GET /v1/models/{id}`, ids being `instance/model`; a bare name is understood too. */
export function modelRoutes(app: FastifyInstance, catalog: Catalog): void {
  const describe = (id: string) => {
    const model = catalog.models.get(id)
    return model && { id, object: 'model', created: model.created, owned_by: model.ownedBy }
  }

  app.get('/v1/models', async () => ({ object: 'list', data: [...catalog.models.keys()].map(describe) }))

  app.get<{ Params: { '*': string } }>('/v1/models/*', async request => {
    const name = request.params['*']
    const known = describe(name)
    if (known) return known
    const target = catalog.resolve(name)
    catalog.requireServed(target)
    return describe(`${target.instance}/${target.model}`)
  })
}
