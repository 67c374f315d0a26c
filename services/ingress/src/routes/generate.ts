import { type Change, GatewayError } from '@gomodel/contracts'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AnswerCache, CacheQuestion, Hit } from '../answer-cache.ts'
import { exactKey } from '../cache-key.ts'
import { cacheControl } from '../cache-control.ts'
import type { GenerateEndpoint } from '../endpoints/endpoint.ts'
import { OPENAI_HEADERS } from '../endpoints/openai-headers.ts'
import { toGatewayError } from '../error-reply.ts'
import { EVENT_STREAM_HEADERS, EventStream } from '../event-stream.ts'
import type { Outcome } from '../outcome.ts'
import { idHeaders } from '../request-identity.ts'
import type { KeptResponses } from '../responses/kept-responses.ts'
import { TENANT } from '../tenant.ts'
import { ModelCall, type CallParts, type Generated, type ModelRequest } from '../model-call.ts'

export interface GenerateParts extends CallParts {
  /** Undefined when responses are not cached. */
  readonly cache: AnswerCache | undefined
  readonly kept: KeptResponses
  readonly keepAliveMs: number
  /** Told of an error that could only be said inside a stream. */
  readonly streamFailed: (request: FastifyRequest, error: GatewayError) => void
}

/** One request in the middle of its way. */
interface Step {
  readonly endpoint: GenerateEndpoint
  readonly parts: GenerateParts
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly asked: ModelRequest
  readonly outcome: Outcome
  /** Undefined when responses are not cached. */
  readonly question: CacheQuestion | undefined
}

/** A route that asks a model: read, resolve, ask the caches, exchange, and the answer as JSON or as an event stream. */
export function generateRoute(app: FastifyInstance, endpoint: GenerateEndpoint, parts: GenerateParts): void {
  app.post(endpoint.path, { config: { errors: endpoint.errors } }, async (request, reply) => {
    const given = read(endpoint, parts, { request, reply })
    const asked = endpoint.joined ? await endpoint.joined(given, parts.kept) : given
    const outcome: Outcome = { endpoint: asked.endpoint, asked: asked.model, stream: asked.stream, candidate: asked.route.candidates[0]!, cache: 'off' }
    request.outcome = outcome
    const question = parts.cache && endpoint.replay && questionOf(endpoint, request, asked)
    const hit = question && (await parts.cache?.find(question))
    if (hit) {
      outcome.cache = 'hit'
      return replayed(reply, hit, question.wanted.stream)
    }
    if (question) {
      outcome.cache = question.key !== undefined && question.control.write ? 'miss' : 'bypass'
      reply.header('x-cache', outcome.cache.toUpperCase())
    }
    const step: Step = { endpoint, parts, request, reply, asked, outcome, question }
    return asked.stream ? answerStream(step) : answerWhole(step)
  })
}

function read(endpoint: GenerateEndpoint, { router }: GenerateParts, { request, reply }: { request: FastifyRequest; reply: FastifyReply }): ModelRequest {
  const body = request.body instanceof Buffer ? request.body : Buffer.alloc(0)
  const said = endpoint.read(body)
  const left = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) left.abort()
  })
  const route = router.resolve(said.model)
  const { span } = request
  span.set({ 'gen_ai.operation.name': endpoint.endpoint, 'gen_ai.request.model': said.model, 'gateway.provider.instance': route.candidates[0]?.instance })
  return {
    ...said,
    requestId: request.id,
    endpoint: endpoint.endpoint,
    tenant: TENANT,
    route,
    body,
    strict: request.headers['x-gomodel-strict'] === 'true',
    headers: dialectHeaders(endpoint, request),
    signal: left.signal,
    span,
    elapsedMs: () => reply.elapsedTime,
  }
}

const NO_HEADERS: Readonly<Record<string, string>> = {}

function dialectHeaders({ headers }: GenerateEndpoint, request: FastifyRequest): Readonly<Record<string, string>> {
  const given = headers.filter(name => request.headers[name] !== undefined)
  return given.length === 0 ? NO_HEADERS : Object.fromEntries(given.map(name => [name, String(request.headers[name])]))
}

/** Who asks, and where its prompt cache lives: no answer depends on it. */
const NOT_IN_KEY: ReadonlySet<string> = new Set(OPENAI_HEADERS)

function questionOf({ replay }: GenerateEndpoint, request: FastifyRequest, { endpoint, tenant, route, body, strict, headers, stream, includeUsage, stateful, span }: ModelRequest): CacheQuestion {
  const control = cacheControl(request.headers['cache-control'])
  const shaping = Object.entries(headers).filter(([name]) => !NOT_IN_KEY.has(name))
  const policy = strict || shaping.length > 0 ? JSON.stringify([strict, shaping]) : ''
  const key = control.write && stateful !== true ? exactKey({ tenant, endpoint, target: route.logical, policy, bytes: body }) : undefined
  return { key, control, wanted: { stream, includeUsage }, replay: replay!, span }
}

function replayed(reply: FastifyReply, { bytes, provider, changes, ageSeconds }: Hit, stream: boolean): FastifyReply {
  return reply
    .headers(stream ? EVENT_STREAM_HEADERS : JSON_HEADERS)
    .headers({ 'x-cache': 'HIT (exact)', age: String(ageSeconds), 'x-gomodel-provider': provider, ...translation(changes) })
    .send(bytes)
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' }

/** A whole answer is held until its end is there: half of one is an error, never a body. */
async function answerWhole({ endpoint, parts, reply, asked, outcome, question }: Step): Promise<FastifyReply> {
  const call = new ModelCall(parts, asked, outcome)
  try {
    const answer = await call.open()
    const chunks: Uint8Array[] = []
    for await (const chunk of answer) chunks.push(chunk)
    const bytes = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
    await endpoint.watched?.(asked, answer, parts.kept)?.(bytes)
    reply.headers(JSON_HEADERS).headers(headersOf(call, answer)).send(bytes)
    call.ended(answer)
    if (question && !call.candidate.fallback) parts.cache?.keep(question, answer, bytes)
    return reply
  } catch (thrown) {
    call.failed(thrown)
    throw thrown
  }
}

/** While nothing was sent an error has a status of its own; afterwards it is the last event. */
async function answerStream({ endpoint, parts, request, reply, asked, outcome, question }: Step): Promise<FastifyReply> {
  const call = new ModelCall(parts, asked, outcome)
  let answer: Generated | undefined
  const cached = reply.getHeader('x-cache')
  const headers = () => ({ ...idHeaders(request.id, request.headers), ...headersOf(call, answer), ...(typeof cached === 'string' && { 'x-cache': cached }) })
  const events = new EventStream(reply.raw, headers, parts.keepAliveMs)
  const collector = question && parts.cache?.collector(question)
  let last: Uint8Array | undefined
  try {
    answer = await call.open()
    reply.hijack()
    const watch = endpoint.watched?.(asked, answer, parts.kept)
    for await (const chunk of answer) {
      collector?.add(chunk)
      const kept = watch?.(chunk)
      if (kept) await kept
      last = chunk
      await events.write(chunk)
    }
    events.end()
    call.ended(answer)
    if (question && collector?.bytes && !call.candidate.fallback) parts.cache?.keep(question, answer, collector.bytes)
  } catch (thrown) {
    call.failed(thrown)
    const error = toGatewayError(thrown)
    if (!events.open) {
      events.discard()
      throw error
    }
    reply.hijack()
    events.fail(endpoint.errors.event(error, request.id, last))
    parts.streamFailed(request, error)
  } finally {
    collector?.release()
  }
  return reply
}

/** Who answered, and what became of the request on its way there. */
function headersOf({ candidate }: ModelCall, answer: Generated | undefined): Record<string, string> {
  return {
    'x-gomodel-provider': answer?.head.provider ?? candidate.instance,
    ...(candidate.fallback && { 'x-gomodel-fallback': `${candidate.instance}/${candidate.model}` }),
    ...translation(answer?.head.changes),
  }
}

/** `X-GoModel-Translation: dropped=seed, renamed=max_tokens:max_completion_tokens`. */
function translation(changes: readonly Change[] | undefined): Record<string, string> | undefined {
  if (!changes || changes.length === 0) return undefined
  const told = changes.map(({ kind, param, to }) => (to === undefined ? `${kind}=${param}` : `${kind}=${param}:${to}`)).join(', ')
  // A header is ASCII, and of a size that every proxy lets through.
  return { 'x-gomodel-translation': told.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 4000) }
}
