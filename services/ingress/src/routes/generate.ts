import { type Change, GatewayError } from '@gomodel/contracts'
import { operationName, type TurnQueue } from '@gomodel/service'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { keptAs, type Hit } from '../answer-cache.ts'
import { cacheQuestion, type Layers } from '../cache-question.ts'
import { Client } from '../client.ts'
import type { Asked, GenerateEndpoint } from '../endpoints/endpoint.ts'
import { toGatewayError } from '../error-reply.ts'
import { EVENT_STREAM_HEADERS, EventStream } from '../event-stream.ts'
import type { Opening } from '../flights/flight.ts'
import { Passage, type PassageParts } from '../flights/passage.ts'
import type { Shown } from '../flights/shown.ts'
import { madeOnce } from '../made-once.ts'
import { elapsedMs, type Outcome } from '../outcome.ts'
import { collected, joined } from '../pieces.ts'
import { Readings } from '../readings.ts'
import { idHeaders } from '../request-identity.ts'
import type { KeptResponses } from '../responses/kept-responses.ts'
import { dispatched, type Dispatch } from '../semantic/dispatch.ts'
import { TENANT } from '../tenant.ts'
import { replyWhole } from '../whole-reply.ts'
import type { CallParts, ModelRequest } from '../model-call.ts'
import { hitSource, modelSource } from '../model-source.ts'

export interface GenerateParts extends CallParts, PassageParts {
  readonly metrics: CallParts['metrics']
  readonly layers: Layers
  /** Whether the provider waits for the semantic cache. */
  readonly dispatch: Dispatch
  readonly kept: KeptResponses
  readonly keepAliveMs: number
  /** Answers on their way out. */
  readonly replies: TurnQueue
  /** Told of an error that could only be said inside a stream. */
  readonly streamFailed: (request: FastifyRequest, error: GatewayError) => void
}

const LATE = new GatewayError('cancelled', 'the cache was faster')

/** One request in the middle of its way. */
interface Step {
  readonly endpoint: GenerateEndpoint
  readonly parts: GenerateParts
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly outcome: Outcome
  readonly passage: Passage
}

/** A route that asks a model: read, resolve, ask the caches, exchange, and the answer as JSON or as an event stream. */
export function generateRoute(app: FastifyInstance, endpoint: GenerateEndpoint, parts: GenerateParts): void {
  const readings = new Readings(body => endpoint.read(body))
  app.post(endpoint.path, { config: { errors: endpoint.errors } }, async (request, reply) => {
    const body = request.body instanceof Buffer ? request.body : NO_BODY
    const reading = readings.of(body)
    const given = requestOf(endpoint, parts, { request, reply, body, said: reading.said })
    const asked = endpoint.joined ? await endpoint.joined(given, parts.kept) : given
    const outcome: Outcome = { endpoint: asked.endpoint, asked: asked.model, stream: asked.stream, candidate: asked.route.candidates[0]!, cache: 'off' }
    request.outcome = outcome
    const question = parts.cache && endpoint.replay && cacheQuestion(endpoint, request, { asked, reading: asked === given ? reading : undefined, layers: parts.layers })
    outcome.entry = question && keptAs(question)
    const byMeaning = question?.meaning && madeOnce(async () => parts.cache?.findByMeaning(question))
    const call = (until: AbortSignal) => modelSource({ parts, endpoint, asked, outcome }, until)
    const open: Opening = async signal => {
      if (!byMeaning) return call(signal)
      const first = await dispatched(parts.dispatch, { look: byMeaning, call, drop: late => late.over?.(LATE) }, signal)
      return 'hit' in first ? hitSource(first.hit, asked) : first.called
    }
    const { stream, includeUsage, client } = asked
    // Both caches are asked at once: what the semantic one has to find out takes longer.
    const passage = new Passage(parts, { question, wanted: { stream, includeUsage }, client, outcome, prepare: () => void byMeaning?.(), open })
    const hit = await passage.board()
    if (hit) {
      readings.keep(reading)
      return replayed({ reply, parts, stream }, hit)
    }
    if (outcome.cache !== 'off') reply.header('x-cache', X_CACHE[outcome.cache])
    const step: Step = { endpoint, parts, request, reply, outcome, passage }
    return stream ? answerStream(step) : answerWhole(step)
  })
}

function requestOf(endpoint: GenerateEndpoint, { router }: GenerateParts, { request, reply, body, said }: Pick<Step, 'request' | 'reply'> & { body: Buffer; said: Asked }): ModelRequest {
  const route = router.resolve(said.model)
  const { span } = request
  span.set({ 'gen_ai.operation.name': operationName(endpoint.endpoint), 'gateway.endpoint': endpoint.endpoint, 'gen_ai.request.model': said.model })
  return {
    ...said,
    requestId: request.id,
    endpoint: endpoint.endpoint,
    tenant: TENANT,
    route,
    body,
    strict: request.headers['x-gomodel-strict'] === 'true',
    headers: dialectHeaders(endpoint, request),
    client: new Client(reply.raw),
    span,
    elapsedMs: () => elapsedMs(request),
  }
}

const NO_BODY = Buffer.alloc(0)

const NO_HEADERS: Readonly<Record<string, string>> = {}

function dialectHeaders({ headers }: GenerateEndpoint, request: FastifyRequest): Readonly<Record<string, string>> {
  const given = headers.filter(name => request.headers[name] !== undefined)
  return given.length === 0 ? NO_HEADERS : Object.fromEntries(given.map(name => [name, String(request.headers[name])]))
}

function replayed({ reply, parts, stream }: Pick<Step, 'reply' | 'parts'> & { stream: boolean }, { bytes, provider, changes, ageSeconds, layer, entry, similarity }: Hit): FastifyReply {
  const headers = { ...(stream ? EVENT_STREAM_HEADERS : JSON_HEADERS), 'x-cache': `HIT (${layer})`, age: String(ageSeconds), 'x-gomodel-provider': provider, ...entryHeader(entry), ...similarityHeader(similarity), ...translation(changes) }
  return replyWhole(parts.replies, reply, { headers, bytes })
}

const JSON_HEADERS = { 'content-type': 'application/json; charset=utf-8' }

/** A whole answer is held until its end is there: half of one is an error, never a body. */
async function answerWhole({ parts, reply, outcome, passage }: Step): Promise<FastifyReply> {
  const answer = await passage.open()
  if (answer.hit && outcome.cache === 'hit') return replayed({ reply, parts, stream: false }, answer.hit)
  const pieces = Symbol.asyncIterator in answer.bytes ? await collected(answer.bytes) : answer.bytes
  return replyWhole(parts.replies, reply, { headers: { ...JSON_HEADERS, ...headersOf(outcome, answer) }, bytes: joined(pieces) })
}

/** While nothing was sent an error has a status of its own; afterwards it is the last event. */
async function answerStream({ endpoint, parts, request, reply, outcome, passage }: Step): Promise<FastifyReply> {
  let answer: Shown | undefined
  const headers = () => ({ ...idHeaders(request.id, request.headers), ...headersOf(outcome, answer) })
  const events = new EventStream(reply.raw, { headers, keepAliveMs: parts.keepAliveMs, writes: parts.replies })
  let last: Uint8Array | undefined
  try {
    answer = await passage.open()
    if (answer.hit && outcome.cache === 'hit' && !events.open) {
      events.discard()
      return replayed({ reply, parts, stream: true }, answer.hit)
    }
    reply.hijack()
    for await (const chunk of answer.bytes) {
      last = chunk
      await events.write(chunk)
    }
    events.end()
  } catch (thrown) {
    const error = toGatewayError(thrown)
    if (!events.open) {
      events.discard()
      throw error
    }
    reply.hijack()
    events.fail(endpoint.errors.event(error, request.id, last))
    parts.streamFailed(request, error)
  }
  return reply
}

/** Who answered, and what became of the request on its way there. */
function headersOf({ candidate, cache, entry }: Outcome, answer: Shown | undefined): Record<string, string> {
  const { instance, model, fallback } = candidate
  return {
    'x-gomodel-provider': answer?.head.provider ?? instance,
    ...(fallback && { 'x-gomodel-fallback': asHeader(`${instance}/${model}`) }),
    ...(cache !== 'off' && { 'x-cache': X_CACHE[cache] }),
    // What another than the first choice answered is not kept.
    ...entryHeader(answer?.head.entry ?? (answer?.hit || fallback ? undefined : entry)),
    ...similarityHeader(answer?.head.similarity),
    ...translation(answer?.head.changes),
  }
}

const entryHeader = (entry: string | undefined): Record<string, string> | undefined => (entry === undefined ? undefined : { 'x-cache-entry': entry })

/** Rounded down: what is limited by the number that was told is limited for the question that it was told of. */
const similarityHeader = (similarity: number | undefined): Record<string, string> | undefined =>
  similarity === undefined ? undefined : { 'x-cache-similarity': (Math.floor(Math.min(1, similarity) * 10_000) / 10_000).toFixed(4) }

/** Nothing was spent for an answer that is shared, but it is as new as one can be: it has no age. */
const X_CACHE = { hit: 'HIT (exact)', shared: 'HIT (shared)', miss: 'MISS', bypass: 'BYPASS' } as const

/** `X-GoModel-Translation: dropped=seed, renamed=max_tokens:max_completion_tokens`. */
function translation(changes: readonly Change[] | undefined): Record<string, string> | undefined {
  if (!changes || changes.length === 0) return undefined
  const told = changes.map(({ kind, param, to }) => (to === undefined ? `${kind}=${param}` : `${kind}=${param}:${to}`)).join(', ')
  return { 'x-gomodel-translation': asHeader(told) }
}

/** A header is ASCII, and of a size that every proxy lets through; what providers call their models need be neither. */
const asHeader = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 4000)
