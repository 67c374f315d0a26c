import type { Resource } from '@gomodel/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { askInstance, type RelayParts } from './ask-instance.ts'
import { mergedList } from './merged-list.ts'
import { resourceRequest } from './resource-request.ts'
import { sendRelayed } from './send-relayed.ts'

/** Sends a list: of one instance as it gives it, of several as one. */
export async function sendList(parts: RelayParts, resource: Resource, { request, reply }: { request: FastifyRequest; reply: FastifyReply }): Promise<FastifyReply> {
  const { asking, instances } = resourceRequest(parts, resource, { request, reply })
  const [only] = instances
  if (only !== undefined && instances.length === 1) return sendRelayed(parts, { request, reply, answer: await askInstance(parts, only, asking) })
  const { page, unavailable } = await mergedList(parts, instances, asking)
  if (unavailable.length > 0) reply.header('x-gomodel-unavailable', unavailable.join(', '))
  return reply.send(page)
}
