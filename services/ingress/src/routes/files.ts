import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { askInstance, firstThatKnows, type RelayParts } from '../relay/ask-instance.ts'
import { onlyOne, resourceRequest } from '../relay/resource-request.ts'
import { sendList } from '../relay/send-list.ts'
import { sendRelayed } from '../relay/send-relayed.ts'

/** `/v1/files`: the files that providers keep. */
export function fileRoutes(app: FastifyInstance, parts: RelayParts): void {
  const one = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { asking, instances } = resourceRequest(parts, 'files', { request, reply })
    return sendRelayed(parts, { request, reply, answer: await firstThatKnows(parts, instances, asking) })
  }

  app.post('/v1/files', async (request, reply) => {
    const { asking, instances } = resourceRequest(parts, 'files', { request, reply })
    return sendRelayed(parts, { request, reply, answer: await askInstance(parts, onlyOne(instances, 'files'), { ...asking, upload: true }) })
  })

  app.get('/v1/files', (request, reply) => sendList(parts, 'files', { request, reply }))
  app.get('/v1/files/:id', one)
  app.delete('/v1/files/:id', one)
  app.get('/v1/files/:id/content', one)
}
