import type { Answer, Bus } from '@gomodel/bus'
import { GatewayError, generate, type ChatRequest, type EndOf, type HeadOf } from '@gomodel/contracts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Catalog, Target } from '../catalog.ts'
import { readChat } from '../chat-body.ts'
import { toGatewayError } from '../error-reply.ts'
import { EventStream } from '../event-stream.ts'
import { traceOf } from '../request-identity.ts'

type Generated = Answer<HeadOf<typeof generate>, EndOf<typeof generate>>

export interface ChatRoute {
  readonly bus: Bus
  readonly catalog: Catalog
  readonly keepAliveMs: number
  /** Told of an error that could only be said inside a stream. */
  readonly streamFailed: (request: FastifyRequest, error: GatewayError) => void
}

/** `POST /v1/chat/completions`: read, resolve, exchange, and the answer as JSON or as an event stream. */
export function chatRoute(app: FastifyInstance, route: ChatRoute): void {
  app.post('/v1/chat/completions', async (request, reply) => {
    const body = request.body instanceof Buffer ? request.body : Buffer.alloc(0)
    const chat = readChat(body)
    const target = route.catalog.resolve(chat.model)
    const left = new AbortController()
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) left.abort()
    })
    const ask = () => exchange(route.bus, { request, chat, target, body, signal: left.signal })
    return chat.stream === true ? stream(route, request, reply, { target, ask }) : whole(reply, await ask())
  })
}

function exchange(bus: Bus, asked: { request: FastifyRequest; chat: ChatRequest; target: Target; body: Buffer; signal: AbortSignal }): Promise<Generated> {
  const { request, chat, target, body, signal } = asked
  const call = {
    requestId: request.id,
    endpoint: 'chat' as const,
    model: target.model,
    stream: chat.stream === true,
    includeUsage: chat.stream_options?.include_usage === true,
  }
  return bus.exchange(generate, call, { to: target.instance, body, signal, trace: traceOf(request.headers) })
}

/** A whole answer is held until its end is there: half of one is an error, never a body. */
async function whole(reply: FastifyReply, answer: Generated): Promise<FastifyReply> {
  const chunks: Uint8Array[] = []
  for await (const chunk of answer) chunks.push(chunk)
  return reply
    .header('content-type', 'application/json; charset=utf-8')
    .header('x-gomodel-provider', answer.head.provider)
    .send(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))
}

/** While nothing was sent an error has a status of its own; afterwards it is the last event. */
async function stream(route: ChatRoute, request: FastifyRequest, reply: FastifyReply, { target, ask }: { target: Target; ask: () => Promise<Generated> }): Promise<FastifyReply> {
  const events = new EventStream(reply.raw, () => ({ 'x-request-id': request.id, 'x-gomodel-provider': target.instance }), route.keepAliveMs)
  try {
    const answer = await ask()
    reply.hijack()
    for await (const chunk of answer) await events.write(chunk)
    events.end()
  } catch (thrown) {
    const error = toGatewayError(thrown)
    if (!events.open) {
      events.discard()
      throw error
    }
    reply.hijack()
    events.fail(error)
    route.streamFailed(request, error)
  }
  return reply
}
