import { GatewayError } from '@gomodel/contracts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { askInstance, collected, firstThatKnows, held, lookup, type RelayParts, type Relayed } from '../relay/ask-instance.ts'
import { objectIn } from '../relay/merged-list.ts'
import { onlyOne, resourceRequest } from '../relay/resource-request.ts'
import { sendList } from '../relay/send-list.ts'
import { sendRelayed } from '../relay/send-relayed.ts'

const PENDING: ReadonlySet<unknown> = new Set(['validating', 'in_progress', 'finalizing', 'cancelling'])

/** `/v1/batches`: many requests at once, at a provider that has such a thing itself. */
export function batchRoutes(app: FastifyInstance, parts: RelayParts): void {
  const one = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { asking, instances } = resourceRequest(parts, 'batches', { request, reply })
    return sendRelayed(parts, { request, reply, answer: await firstThatKnows(parts, instances, asking) })
  }

  app.post('/v1/batches', async (request, reply) => {
    const { asking, instances } = resourceRequest(parts, 'batches', { request, reply })
    const named = instances.length === 1 ? [] : instances.filter(instance => instance === providerIn(asking.body))
    const instance = onlyOne(named.length === 1 ? named : instances, 'batches')
    return sendRelayed(parts, { request, reply, answer: await askInstance(parts, instance, asking) })
  })

  app.get('/v1/batches', (request, reply) => sendList(parts, 'batches', { request, reply }))
  app.get('/v1/batches/:id', one)
  app.post('/v1/batches/:id/cancel', one)
  app.get<{ Params: { id: string } }>('/v1/batches/:id/results', async (request, reply) => {
    const { asking, instances } = resourceRequest(parts, 'batches', { request, reply })
    const path = asking.path.replace(/\/results(?=\?|$)/, '')
    const batch = await firstThatKnows(parts, instances, lookup(asking, { path }))
    const bytes = await collected(batch)
    if (batch.head.status >= 400) return sendRelayed(parts, { request, reply, answer: held(batch.head, bytes) })
    const file = resultsOf(batch, bytes)
    const results = { ...asking, path: `/files/${encodeURIComponent(file)}/content`, resource: 'files', batch: request.params.id } as const
    return sendRelayed(parts, { request, reply, answer: await askInstance(parts, batch.head.provider, results) })
  })
}

/** `metadata.provider` of a new batch. */
function providerIn(body: Uint8Array): unknown {
  const { metadata } = objectIn(Buffer.from(body)) ?? {}
  return typeof metadata === 'object' && metadata !== null && 'provider' in metadata ? metadata.provider : undefined
}

/** The file of a batch's results; of its errors, where nothing else came of it. */
function resultsOf({ head: { provider } }: Relayed, bytes: Buffer): string {
  const { status, output_file_id: output, error_file_id: errors } = objectIn(bytes) ?? {}
  if (typeof status !== 'string') throw new GatewayError('provider_failed', `${provider} spoke of a batch without its status`, { provider })
  for (const file of PENDING.has(status) ? [] : [output, errors]) if (typeof file === 'string' && file !== '') return file
  throw new GatewayError('not_ready', `the batch has no results${PENDING.has(status) ? ' yet' : ''}: it is ${status}`, { reason: status, provider })
}
