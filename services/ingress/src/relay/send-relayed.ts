import type { FastifyReply, FastifyRequest } from 'fastify'
import { toGatewayError } from '../error-reply.ts'
import { writeTo } from '../write-to.ts'
import type { Relayed, RelayParts } from './ask-instance.ts'

/** Sends a provider's answer on as it comes. When it breaks, the connection closes before its end, and the client knows that it is not whole. */
export async function sendRelayed({ streamFailed }: RelayParts, { request, reply, answer }: { request: FastifyRequest; reply: FastifyReply; answer: Relayed }): Promise<FastifyReply> {
  const { raw } = reply
  const { provider, status, headers } = answer.head
  reply.hijack()
  try {
    const values = Map.groupBy(headers, ([name]) => (name === 'x-request-id' ? 'x-upstream-request-id' : name))
    for (const [name, pairs] of values) raw.setHeader(name, pairs.length === 1 ? pairs[0]![1] : pairs.map(([, value]) => value))
    raw.setHeader('x-request-id', request.id)
    raw.setHeader('x-gomodel-provider', provider)
    raw.writeHead(status)
    for await (const chunk of answer) await writeTo(raw, chunk)
    raw.end()
  } catch (thrown) {
    streamFailed(request, toGatewayError(thrown))
    // What came is with the client; that no end follows tells it that more should have.
    raw.socket?.destroySoon()
  }
  return reply
}
