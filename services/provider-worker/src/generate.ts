import type { Trace } from '@gomodel/bus'
import { type Endpoint, type EventOf, GatewayError, type attempted } from '@gomodel/contracts'
import { operationName, type Span, type Tracing } from '@gomodel/service'
import { Breaker } from './breaker.ts'
import { withoutMark } from './byte-order-mark.ts'
import type { Instance } from './instances.ts'
import type { Log } from './log.ts'
import type { InstanceMetrics } from './observe.ts'
import { providerCall } from './dialects/index.ts'
import type { MissingEndpoints } from './missing-endpoints.ts'
import { type End, FAILURES, type Health, type Provider, type ProviderCall, ProviderError } from './provider.ts'
import { type GenerateCall, type Relay, relayStream, relayWhole } from './relay.ts'
import { type RetrySettings, withRetries } from './retry.ts'
import type { RetryBudget } from './retry-budget.ts'
import { retryAfterMs } from './retry-after.ts'
import { callAttributes, endAttributes, requestAttributes } from './span-attributes.ts'
import type { UpstreamAnswer } from './upstream-answer.ts'
import type { Upstream } from './upstream.ts'
import { WatchedAttempt } from './watched-attempt.ts'

/** What one instance needs to answer calls. */
export interface Generator {
  readonly instance: Instance
  readonly provider: Provider
  readonly upstream: Upstream
  readonly breaker: Breaker
  readonly retry: RetrySettings
  readonly firstTokenTimeoutMs: number
  readonly gapTimeoutMs: number
  readonly retryBudget: RetryBudget
  readonly missing: MissingEndpoints
  /** Told of every call of the provider that is over. */
  readonly attempted: (attempt: EventOf<typeof attempted>) => void
  readonly log: Log
  readonly metrics: InstanceMetrics
  readonly tracing: Tracing
}

/** Endpoints that another one of the same provider, or an estimate, can stand in for. */
const REPLACEABLE: ReadonlySet<Endpoint> = new Set(['responses', 'input_tokens'])
const MAX_ERROR_BYTES = 64 * 1024
const ERROR_BODY_MS = 5000

/** Answers one call: tries, and as long as the caller has seen nothing, tries again. */
export async function generateAnswer(generator: Generator, call: GenerateCall): Promise<End> {
  const { instance, tracing } = generator
  const { request, trace: parent } = call
  const span = tracing.span(`${operationName(request.endpoint)} ${request.model}`, { kind: 'server', parent, ...(tracing.enabled && { attributes: callAttributes(instance, request) }) })
  try {
    const end = await answered(generator, call, span)
    if (tracing.enabled) span.set(endAttributes(end))
    span.end()
    return end
  } catch (thrown) {
    span.end(GatewayError.from(thrown))
    throw thrown
  }
}

/** Natively where the provider speaks the client's dialect, unless this server of it lacks the endpoint. */
async function answered(generator: Generator, call: GenerateCall, span: Span): Promise<End> {
  const { endpoint } = call.request
  const way = { span, body: await call.body(), tries: { made: 0, lostMs: 0 } }
  const translated = () => answeredOneWay(generator, call, { ...way, native: false })
  if (!generator.provider.native[endpoint]) return translated()
  const native = () => answeredOneWay(generator, call, { ...way, native: true })
  return REPLACEABLE.has(endpoint) ? generator.missing.either(endpoint, { native, translated }) : native()
}

interface Way {
  readonly span: Span
  readonly body: Uint8Array
  readonly native: boolean
  /** Calls of the provider for this request so far, and how long those of them that failed took. */
  readonly tries: { made: number; lostMs: number }
}

async function answeredOneWay(generator: Generator, call: GenerateCall, { span, body, native, tries }: Way): Promise<End> {
  const { instance, breaker, retry, log, metrics, tracing } = generator
  const { request } = call
  const about = { instance: instance.name, requestId: request.requestId }
  const { call: asked, local, changes } = providerCall(generator.provider, instance.name, { body, request, missing: !native })
  const head = { provider: instance.name, ...(changes.list.length > 0 && { changes: [...changes.list] }), ...(native && request.endpoint === 'responses' && { native }) }
  if (local) {
    call.head(head)
    call.write(local.bytes)
    return local.end
  }
  const attempt = async (lastFailure: ProviderError | undefined): Promise<End> => {
    const permit = entered(breaker, lastFailure)
    const attributes = tracing.enabled ? requestAttributes(instance, asked.path, tries.made) : {}
    const number = ++tries.made
    const watched = new WatchedAttempt({
      span: tracing.span('POST', { kind: 'client', parent: span.trace, attributes }),
      metrics,
      streamed: request.stream,
      bodyLength: asked.body.length,
      report: report => generator.attempted({ requestId: request.requestId, attempt: number, instance: instance.name, endpoint: request.endpoint, model: request.model, ...report }),
    })
    let health: Health = 'neutral'
    try {
      const end = bounded(await tried(generator, { call, asked, head, attempt: watched, begun: () => permit.begun() }))
      health = 'good'
      watched.succeeded(end)
      return { ...end, upstream: { ...watched.times, ...(tries.lostMs > 0 && { lostMs: tries.lostMs }) } }
    } catch (thrown) {
      health = healthOf(thrown)
      watched.failed(thrown)
      tries.lostMs += watched.times.totalMs
      throw thrown
    } finally {
      permit.settle(health)
    }
  }
  try {
    return await withRetries(attempt, {
      settings: retry,
      budget: generator.retryBudget,
      signal: call.signal,
      random: Math.random,
      onRetry: (failure, waitMs) => {
        metrics.retried()
        log.warn({ ...about, err: failure, waitMs: Math.round(waitMs) }, 'trying again')
      },
    })
  } catch (thrown) {
    if (thrown instanceof ProviderError && thrown.failure === 'key') {
      log.error({ ...about, alert: 'provider_key_refused', err: thrown }, 'the provider refuses the key of this instance')
    }
    throw thrown
  }
}

interface Try {
  readonly call: GenerateCall
  readonly asked: ProviderCall
  readonly head: Relay['head']
  readonly attempt: WatchedAttempt
  readonly begun: () => void
}

async function tried(generator: Generator, { call, asked, head, attempt, begun }: Try): Promise<End> {
  const { instance, provider, upstream } = generator
  const { stream, model } = call.request
  // What the operator says of the model wins over what holds for its instance.
  const own = instance.modelOptions?.get(model)
  const firstMs = own?.firstTokenTimeoutMs ?? generator.firstTokenTimeoutMs
  const gapMs = own?.gapTimeoutMs ?? generator.gapTimeoutMs
  const answer = await upstream.send(
    { method: 'POST', path: asked.path, body: asked.body, headers: headersOf(provider, asked, { call, trace: attempt.trace }) },
    call.signal,
    { firstMs, gapMs, until: stream ? 'begun' : 'said' },
  )
  attempt.headed(answer.status)
  if (answer.status >= 300) throw await refusal(provider, answer, call.signal)
  const relay: Relay = { instance: instance.name, asked, call, head, answer, attempt, begun }
  if (!stream) return relayWhole(relay)
  if (isJson(answer)) throw await notAStream(relay)
  return relayStream(relay)
}

/** The provider's error, read as far as it is worth reading. */
export async function refusal(provider: Provider, answer: UpstreamAnswer, signal: AbortSignal): Promise<ProviderError> {
  const { bytes } = await errorBody(answer, signal)
  return provider.error({ status: answer.status, body: bytes, retryAfterMs: retryAfterMs(answer.headers, Date.now()) })
}

async function notAStream({ instance, asked, call, answer }: Relay): Promise<ProviderError> {
  const { bytes, whole } = await errorBody(answer, call.signal)
  if (whole) asked.answer(bytes)
  return new ProviderError('protocol', 'provider_failed', `${instance} gave a whole answer where a stream was asked for`, { provider: instance })
}

async function errorBody(answer: UpstreamAnswer, signal: AbortSignal): Promise<{ bytes: Uint8Array; whole: boolean }> {
  answer.hurry(ERROR_BODY_MS)
  try {
    const { bytes, whole } = await answer.collect(MAX_ERROR_BYTES)
    return { bytes: withoutMark(bytes), whole }
  } catch (thrown) {
    // The status has said enough, unless the caller is gone.
    if (signal.aborted) throw thrown
    return { bytes: new Uint8Array(), whole: false }
  }
}

/** A breaker that opened between two tries ends them with the failure that opened it. */
export function entered(breaker: Breaker, lastFailure: ProviderError | undefined): ReturnType<Breaker['enter']> {
  try {
    return breaker.enter()
  } catch (thrown) {
    throw lastFailure === undefined ? thrown : new GatewayError(lastFailure.code, lastFailure.message, lastFailure.details)
  }
}

/** What a failed try says of the provider. */
export function healthOf(thrown: unknown): Health {
  if (thrown instanceof ProviderError) return FAILURES[thrown.failure].health
  return thrown instanceof GatewayError && thrown.code === 'provider_failed' ? 'bad' : 'neutral'
}

function headersOf(provider: Provider, asked: ProviderCall, { call: { request }, trace }: { call: GenerateCall; trace: Trace }): string[] {
  const headers = [...(asked.headers ? joined(provider.headers, asked.headers) : provider.headers), 'accept', request.stream ? 'text/event-stream' : 'application/json']
  const pass = (name: string, value: string | undefined): void => {
    if (value !== undefined && /^[\x20-\x7e]{1,512}$/.test(value)) headers.push(name, value)
  }
  pass('x-client-request-id', request.requestId)
  pass('traceparent', trace.traceparent)
  pass('tracestate', trace.tracestate)
  return headers
}

/** What a call says of a header takes the place of what the provider says of it for all calls. */
function joined(general: readonly string[], own: readonly string[]): string[] {
  const named = new Set(own.filter((_, at) => at % 2 === 0))
  return [...general.filter((_, at) => !named.has(general[at - (at % 2)] ?? '')), ...own]
}

/** Providers have words for it; whatever is longer is none, and neither the end of an answer nor the books are a place for a text. */
const LONGEST_FINISH = 200

const bounded = (end: End): End => (end.finish === undefined || end.finish.length <= LONGEST_FINISH ? end : { ...end, finish: end.finish.slice(0, LONGEST_FINISH) })

const isJson = ({ headers }: UpstreamAnswer): boolean => String(headers['content-type'] ?? '').toLowerCase().startsWith('application/json')
