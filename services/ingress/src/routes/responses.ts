import { GatewayError, type KeptResponse } from '@gomodel/contracts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { EVENT_STREAM_HEADERS } from '../event-stream.ts'
import type { Invalidator } from '../invalidator.ts'
import { askInstance, askingOf, type Relayed, type RelayParts } from '../relay/ask-instance.ts'
import { queryWithout } from '../relay/forwarded.ts'
import { sendRelayed } from '../relay/send-relayed.ts'
import { inputItems } from '../responses/input-items.ts'
import type { Found, KeptResponses } from '../responses/kept-responses.ts'
import { type KeptRecord, readRecord } from '../responses/record.ts'
import { eventsFromResponse } from '../responses-forms/events-from-response.ts'
import { TENANT } from '../tenant.ts'

export interface ResponseRoutes {
  readonly relays: RelayParts
  readonly kept: KeptResponses
  readonly invalidator: Invalidator
}

type Query = Readonly<Record<string, unknown>>

/** One request about a response that was given before. */
interface Step {
  readonly id: string
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** What happens to a response after it was given: where its provider keeps it, that is asked; otherwise the gateway has it. */
export function responseRoutes(app: FastifyInstance, routes: ResponseRoutes): void {
  const one = (path: string, method: 'GET' | 'POST' | 'DELETE', here: (step: Step, record: KeptRecord, found: Found) => Promise<unknown>) =>
    app.route<{ Params: { id: string } }>({
      method,
      url: `/v1/responses/:id${path}`,
      handler: async (request, reply) => {
        const step: Step = { id: request.params.id, request, reply }
        const found = await routes.kept.find(step.id, TENANT, request.span.trace)
        if (!found) throw unknown(step.id)
        const { instance, keeper } = found.kept
        reply.header('x-gomodel-provider', instance)
        return keeper === 'provider' ? relayed(routes, found.kept, step) : here(step, readRecord(found.bytes), found)
      },
    })

  one('', 'GET', async ({ request, reply }, { response }) => {
    const { stream, starting_after: after } = request.query as Query
    if (stream !== 'true') return response
    const events = eventsFromResponse(Buffer.from(JSON.stringify(response)), sequenceNumber(after))
    return reply.headers(EVENT_STREAM_HEADERS).send(events)
  })

  one('', 'DELETE', async ({ id, request }, _, { kept }) => {
    await leaveCaches(routes, kept)
    await routes.kept.forget(id, TENANT, request.span.trace)
    return { id, object: 'response', deleted: true }
  })

  one('/input_items', 'GET', async ({ id, request }, { input }) => inputItems(input, id, request.query as Query))

  one('/cancel', 'POST', async () => {
    throw new GatewayError('invalid_request', 'only a response that runs in the background can be cancelled', { reason: 'response_not_cancellable' })
  })
}

/** The provider's own answer, whatever it says; what it forgot is forgotten here. */
async function relayed(routes: ResponseRoutes, kept: KeptResponse, { id, request, reply }: Step): Promise<FastifyReply> {
  const { relays } = routes
  const [pathname = ''] = request.url.split('?')
  const path = pathname.replace(/^\/v1/, '').replace(/\/$/, '') + queryWithout(request.url, NOT_ITS_BUSINESS)
  const deletes = request.method === 'DELETE'
  if (deletes) await leaveCaches(routes, kept)
  const answer: Relayed = await askInstance(relays, kept.instance, askingOf(request, reply, { path, resource: 'responses' }))
  if (deletes && answer.head.status < 300) await routes.kept.forget(id, TENANT, request.span.trace)
  return sendRelayed(relays, { request, reply, answer })
}

/**
 * Out of a cache it would come again, under an id that nobody knows any more. So it goes there first: what fails afterwards, or a provider that knows
 * it no more, leaves no such answer behind, and a response that lives on is only asked for anew.
 */
async function leaveCaches({ invalidator }: ResponseRoutes, { entry }: KeptResponse): Promise<void> {
  if (entry !== undefined) await invalidator.invalidate('entry', { entry })
}

const NOT_ITS_BUSINESS: ReadonlySet<string> = new Set(['key', 'provider'])

function sequenceNumber(given: unknown): number | undefined {
  if (given === undefined) return undefined
  const number = Number(given)
  if (Number.isInteger(number)) return number
  throw new GatewayError('invalid_request', 'starting_after must be a sequence number', { param: 'starting_after' })
}

const unknown = (id: string): GatewayError => new GatewayError('not_found', `Response with id '${id.slice(0, 200)}' not found.`, { param: 'response_id' })
