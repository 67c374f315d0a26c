import { GatewayError } from '@gomodel/contracts'
import { Breaker } from './breaker.ts'
import type { Instance } from './instances.ts'
import type { Log } from './log.ts'
import { type End, FAILURES, type Health, type Provider, ProviderError } from './provider.ts'
import { type GenerateCall, type Relay, relayStream, relayWhole } from './relay.ts'
import { type RetrySettings, withRetries } from './retry.ts'
import { retryAfterMs } from './retry-after.ts'
import type { UpstreamAnswer } from './upstream-answer.ts'
import type { Upstream } from './upstream.ts'

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
}

const MAX_ERROR_BYTES = 64 * 1024
const ERROR_BODY_MS = 5000

/** Answers one call: tries, and as long as the caller has seen nothing, tries again. */
export async function generateAnswer(generator: Generator, call: GenerateCall): Promise<End> {
  const { instance, breaker, retry, log } = generator
  const about = { instance: instance.name, requestId: call.request.requestId }
  const body = await call.body()
  const upstreamRequest = generator.provider.request(body, call.request)
  const attempt = async (lastFailure: ProviderError | undefined): Promise<End> => {
    const permit = entered(breaker, lastFailure)
    let health: Health = 'neutral'
    try {
      const end = await tried(generator, { call, upstreamRequest, begun: () => permit.begun() })
      health = 'good'
      return end
    } catch (thrown) {
      health = healthOf(thrown)
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
      onRetry: (failure, waitMs) => log.warn({ ...about, err: failure, waitMs: Math.round(waitMs) }, 'trying again'),
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
  readonly begun: () => void
}

async function tried(generator: Generator, { call, upstreamRequest, begun }: Try): Promise<End> {
  const { instance, provider, upstream } = generator
  const { stream } = call.request
  const answer = await upstream.send(
    { method: 'POST', ...upstreamRequest, headers: headersOf(provider, call) },
    call.signal,
    { firstMs: generator.firstTokenTimeoutMs, gapMs: generator.gapTimeoutMs, until: stream ? 'begun' : 'head' },
  )
  if (answer.status >= 300) throw await refusal(provider, answer, call.signal)
  const relay: Relay = { instance: instance.name, provider, call, answer, begun }
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

function headersOf(provider: Provider, { request, trace }: GenerateCall): string[] {
  const headers = [...provider.headers, 'accept', request.stream ? 'text/event-stream' : 'application/json']
  const pass = (name: string, value: string | undefined): void => {
    if (value !== undefined && /^[\x20-\x7e]{1,512}$/.test(value)) headers.push(name, value)
  }
  pass('x-client-request-id', request.requestId)
  pass('traceparent', trace?.traceparent)
  pass('tracestate', trace?.tracestate)
  return headers
}

const isJson = ({ headers }: UpstreamAnswer): boolean => String(headers['content-type'] ?? '').startsWith('application/json')
