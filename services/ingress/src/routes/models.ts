import type { FastifyInstance } from 'fastify'
import type { Catalog } from '../catalog.ts'
import { speaksAnthropic } from '../request-identity.ts'
import type { Router } from '../routing/router.ts'

/** A model as the catalog knows it, in the shape of OpenAI's API. */
interface Described {
  readonly id: string
  readonly object: 'model'
  readonly created: number
  readonly owned_by: string
}

/** `GET /v1/models` and `GET /v1/models/{id}`, ids being `instance/model`; a bare name is understood too. A client of Anthropic's API gets that one's shape. */
export function modelRoutes(app: FastifyInstance, { catalog, router }: { catalog: Catalog; router: Router }): void {
  const describe = (id: string): Described | undefined => {
    if (router.aliases.has(id)) return { id, object: 'model', created: 0, owned_by: 'alias' }
    const model = catalog.models.get(id)
    return model && { id, object: 'model', created: model.created, owned_by: model.ownedBy }
  }

  app.get('/v1/models', async ({ headers }) => {
    const models = [...router.aliases.keys(), ...catalog.models.keys()].flatMap(id => describe(id) ?? [])
    if (!speaksAnthropic(headers)) return { object: 'list', data: models }
    return { data: models.map(asAnthropic), has_more: false, first_id: models[0]?.id ?? null, last_id: models.at(-1)?.id ?? null }
  })

  app.get<{ Params: { '*': string } }>('/v1/models/*', async request => {
    const name = request.params['*']
    const found = describe(name) ?? resolved(name)
    return found && speaksAnthropic(request.headers) ? asAnthropic(found) : found
  })

  function resolved(name: string): Described | undefined {
    const target = catalog.resolve(name)
    catalog.requireServed(target)
    return describe(`${target.instance}/${target.model}`)
  }
}

const asAnthropic = ({ id, created }: Described) => ({ type: 'model', id, display_name: id, created_at: dateOf(created) })

/** Anthropic gives the beginning of 1970 where a date is not known, too. What its provider says need not be a date. */
function dateOf(seconds: number): string {
  const date = new Date(seconds * 1000)
  return (Number.isNaN(date.valueOf()) ? new Date(0) : date).toISOString()
}
