import type { Trace } from '@gomodel/bus'
import { GatewayError } from '@gomodel/contracts'
import type { Span, Tracing } from '@gomodel/service'
import { Breaker } from './breaker.ts'
import type { Instance } from './instances.ts'
import type { Log } from './log.ts'
import type { InstanceMetrics } from './observe.ts'
import { type End, FAILURES, type Health, type Provider, ProviderError } from './provider.ts'
import { type GenerateCall, type Relay, relayStream, relayWhole } from './relay.ts'
import { type RetrySettings, withRetries } from './retry.ts'
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
  readonly log: Log
  readonly metrics: InstanceMetrics
  readonly tracing: Tracing
}

const MAX_ERROR_BYTES = 64 * 1024
const ERROR_BODY_MS = 5000

/** Answers one call: tries, and as long as the caller has seen nothing, tries again. */
export async function generateAnswer(generator: Generator, call: GenerateCall): Promise<End> {
  const { instance, metrics, tracing } = generator
  const { request, trace: parent } = call
  const span = tracing.span(`${request.endpoint} ${request.model}`, { kind: 'server', parent, ...(tracing.enabled && { attributes: callAttributes(instance, request) }) })
  try {
    const end = await answered(generator, call, span)
    if (end.usage) metrics.spent(end.usage)
    if (tracing.enabled) span.set(endAttributes(end))
    span.end()
    return end
  } catch (thrown) {
    span.end(GatewayError.from(thrown))
    throw thrown
  }
}

async function answered(generator: Generator, call: GenerateCall, span: Span): Promise<End> {
  const { instance, breaker, retry, log, metrics, tracing } = generator
  const about = { instance: instance.name, requestId: call.request.requestId }
  const body = await call.body()
  const upstreamRequest = generator.provider.request(body, call.request)
  let resends = 0
  const attempt = async (lastFailure: ProviderError | undefined): Promise<End> => {
    const permit = entered(breaker, lastFailure)
    const attributes = tracing.enabled ? requestAttributes(instance, upstreamRequest.path, resends) : {}
    resends++
    const watched = new WatchedAttempt({ span: tracing.span('POST', { kind: 'client', parent: span.trace, attributes }), metrics, streamed: call.request.stream })
    let health: Health = 'neutral'
    try {
      const end = await tried(generator, { call, upstreamRequest, attempt: watched, begun: () => permit.begun() })
      health = 'good'
      watched.succeeded()
      return { ...end, upstream: watched.times }
    } catch (thrown) {
      health = healthOf(thrown)
      watched.failed(thrown)
      throw thrown
    } finally {
      permit.settle(health)
    }
  }
  try {
    return await withRetries(attempt, {
      settings: retry,
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
  readonly upstreamRequest: { readonly path: string; readonly body: Uint8Array }
  readonly attempt: WatchedAttempt
  readonly begun: () => void
}

async function tried(generator: Generator, { call, upstreamRequest, attempt, begun }: Try): Promise<End> {
  const { instance, provider, upstream } = generator
  const { stream } = call.request
  const answer = await upstream.send(
    { method: 'POST', ...upstreamRequest, headers: headersOf(provider, call, attempt.trace) },
    call.signal,
    { firstMs: generator.firstTokenTimeoutMs, gapMs: generator.gapTimeoutMs, until: stream ? 'begun' : 'head' },
  )
  attempt.headed(answer.status)
  if (answer.status >= 300) throw await refusal(provider, answer, call.signal)
  const relay: Relay = { instance: instance.name, provider, call, answer, attempt, begun }
  if (!stream) return relayWhole(relay)
  if (isJson(answer)) throw await notAStream(relay)
  return relayStream(relay)
}

/** The provider's error, read as far as it is worth reading. */
async function refusal(provider: Provider, answer: UpstreamAnswer, signal: AbortSignal): Promise<ProviderError> {
  const { bytes } = await errorBody(answer, signal)
  return provider.error({ status: answer.status, body: bytes, retryAfterMs: retryAfterMs(answer.headers, Date.now()) })
}

async function notAStream({ instance, provider, call, answer }: Relay): Promise<ProviderError> {
  const { bytes, whole } = await errorBody(answer, call.signal)
  if (whole) provider.answer(bytes)
  return new ProviderError('protocol', 'provider_failed', `${instance} gave a whole answer where a stream was asked for`, { provider: instance })
}

async function errorBody(answer: UpstreamAnswer, signal: AbortSignal): Promise<{ bytes: Uint8Array; whole: boolean }> {
  answer.hurry(ERROR_BODY_MS)
  try {
    return await answer.collect(MAX_ERROR_BYTES)
  } catch (thrown) {
    // The status has said enough, unless the caller is gone.
    if (signal.aborted) throw thrown
    return { bytes: new Uint8Array(), whole: false }
  }
}

/** A breaker that opened between two tries ends them with the failure that opened it. */
function entered(breaker: Breaker, lastFailure: ProviderError | undefined): ReturnType<Breaker['enter']> {
  try {
    return breaker.enter()
  } catch (thrown) {
    throw lastFailure === undefined ? thrown : new GatewayError(lastFailure.code, lastFailure.message, lastFailure.details)
  }
}

function healthOf(thrown: unknown): Health {
  if (thrown instanceof ProviderError) return FAILURES[thrown.failure].health
  return thrown instanceof GatewayError && thrown.code === 'provider_failed' ? 'bad' : 'neutral'
}

function headersOf(provider: Provider, { request }: GenerateCall, trace: Trace): string[] {
  const headers = [...provider.headers, 'accept', request.stream ? 'text/event-stream' : 'application/json']
  const pass = (name: string, value: string | undefined): void => {
    if (value !== undefined && /^[\x20-\x7e]{1,512}$/.test(value)) headers.push(name, value)
  }
  pass('x-client-request-id', request.requestId)
  pass('traceparent', trace.traceparent)
  pass('tracestate', trace.tracestate)
  return headers
}

const isJson = ({ headers }: UpstreamAnswer): boolean => String(headers['content-type'] ?? '').startsWith('application/json')
