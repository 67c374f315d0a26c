import { GatewayError } from '@gomodel/contracts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AnswerCache, CacheQuestion, Hit } from '../answer-cache.ts'
import { exactKey } from '../cache-key.ts'
import { cacheControl } from '../cache-control.ts'
import type { Catalog } from '../catalog.ts'
import { ChatCall, type CallParts, type ChatAsked } from '../chat-call.ts'
import { readChat } from '../chat-body.ts'
import { toGatewayError } from '../error-reply.ts'
import { EVENT_STREAM_HEADERS, EventStream } from '../event-stream.ts'

export interface ChatRoute extends CallParts {
  readonly catalog: Catalog
  /** Undefined when responses are not cached. */
  readonly cache: AnswerCache | undefined
  readonly keepAliveMs: number
  /** Told of an error that could only be said inside a stream. */
  readonly streamFailed: (request: FastifyRequest, error: GatewayError) => void
}

/** One request in the middle of its way. */
interface Step {
  readonly route: ChatRoute
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly asked: ChatAsked
  /** Undefined when responses are not cached. */
  readonly question: CacheQuestion | undefined
}

/** `POST /v1/chat/completions`: read, resolve, ask the caches, exchange, and the answer as JSON or as an event stream. */
export function chatRoute(app: FastifyInstance, route: ChatRoute): void {
  app.post('/v1/chat/completions', async (request, reply) => {
    const asked = read(route, request, reply)
    const question = route.cache && questionOf(request, asked)
    const hit = question && (await route.cache?.find(question))
    if (hit) return replayed(reply, hit, question.wanted.stream)
    if (question) reply.header('x-cache', question.key !== undefined && question.control.write ? 'MISS' : 'BYPASS')
    route.catalog.requireServed(asked.target)
    const step: Step = { route, request, reply, asked, question }
    return asked.chat.stream === true ? answerStream(step) : answerWhole(step)
  })
}

function read({ catalog }: ChatRoute, request: FastifyRequest, reply: FastifyReply): ChatAsked {
  const body = request.body instanceof Buffer ? request.body : Buffer.alloc(0)
  const chat = readChat(body)
  const left = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) left.abort()
  })
  const target = catalog.resolve(chat.model)
  const { span } = request
  span.set({ 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': chat.model, 'gateway.provider.instance': target.instance })
  return { requestId: request.id, chat, target, body, signal: left.signal, span, elapsedMs: () => reply.elapsedTime }
}

function questionOf(request: FastifyRequest, { chat, target, body, span }: ChatAsked): CacheQuestion {
  const control = cacheControl(request.headers['cache-control'])
  const key = control.write ? exactKey({ tenant: TENANT, endpoint: 'chat', target, policy: '', bytes: body }) : undefined
  return { key, control, wanted: { stream: chat.stream === true, includeUsage: chat.stream_options?.include_usage === true }, span }
}

// One key opens this gateway: whoever holds it is one tenant.
const TENANT = 'master'

function replayed(reply: FastifyReply, { bytes, provider, ageSeconds }: Hit, stream: boolean): FastifyReply {
  return reply
    .headers(stream ? EVENT_STREAM_HEADERS : JSON_HEADERS)
    .headers({ 'x-cache': 'HIT (exact)', age: String(ageSeconds), 'x-gomodel-provider': provider })
    .send(bytes)
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' }

/** A whole answer is held until its end is there: half of one is an error, never a body. */
async function answerWhole({ route, reply, asked, question }: Step): Promise<FastifyReply> {
  const call = new ChatCall(route, asked)
  try {
    const answer = await call.open()
    const chunks: Uint8Array[] = []
    for await (const chunk of answer) chunks.push(chunk)
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
    reply.headers(JSON_HEADERS).header('x-gomodel-provider', answer.head.provider).send(bytes)
    call.ended(answer)
    if (question) route.cache?.keep(question, answer, bytes)
    return reply
  } catch (thrown) {
    call.failed(thrown)
    throw thrown
  }
}

/** While nothing was sent an error has a status of its own; afterwards it is the last event. */
async function answerStream({ route, request, reply, asked, question }: Step): Promise<FastifyReply> {
  const cached = reply.getHeader('x-cache')
  const headers = () => ({ 'x-request-id': request.id, 'x-gomodel-provider': asked.target.instance, ...(typeof cached === 'string' && { 'x-cache': cached }) })
  const events = new EventStream(reply.raw, headers, route.keepAliveMs)
  const collector = question && route.cache?.collector(question)
  const call = new ChatCall(route, asked)
  try {
    const answer = await call.open()
    reply.hijack()
    for await (const chunk of answer) {
      collector?.add(chunk)
      await events.write(chunk)
    }
    events.end()
    call.ended(answer)
    if (question && collector?.bytes) route.cache?.keep(question, answer, collector.bytes)
  } catch (thrown) {
    call.failed(thrown)
    const error = toGatewayError(thrown)
    if (!events.open) {
      events.discard()
      throw error
    }
    reply.hijack()
    events.fail(error)
    route.streamFailed(request, error)
  } finally {
    collector?.release()
  }
  return reply
}
