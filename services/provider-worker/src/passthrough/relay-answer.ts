import { GatewayError, type HeadOf, type relay } from '@gomodel/contracts'
import type { Span } from '@gomodel/service'
import { entered, type Generator, healthOf, refusal } from '../generate.ts'
import { FAILURES, type Health, type Model, ProviderError } from '../provider.ts'
import { retryAfterMs } from '../retry-after.ts'
import { withRetries } from '../retry.ts'
import { providerName, requestAttributes } from '../span-attributes.ts'
import type { UpstreamAnswer } from '../upstream-answer.ts'
import { WatchedAttempt } from '../watched-attempt.ts'
import { withRenamedModels } from './batch-input.ts'
import type { CountedBatches } from './counted-batches.ts'
import { KeyScrubber } from './key-scrubber.ts'
import { passOn, type RelayCall, type RelayEnd, type RelayRequest } from './pass-on.ts'
import { requestHeaders, responseHeaders } from './relay-headers.ts'
import { relayPath, type RelayPath } from './relay-path.ts'

/** What one instance needs to relay requests. */
export interface Relayer extends Generator {
  readonly models: () => readonly Model[]
  readonly counted: CountedBatches
}

/** A refusal that another try might have mended, kept for the caller in case none does. */
class HeldRefusal extends ProviderError {
  readonly head: HeadOf<typeof relay>
  readonly body: Uint8Array

  constructor(failure: ProviderError, head: HeadOf<typeof relay>, body: Uint8Array) {
    super(failure.failure, failure.code, failure.message, failure.details)
    this.head = head
    this.body = body
  }
}

const MAX_HELD_BYTES = 1024 * 1024
const REPEATABLE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Passes one request to the provider and its answer back, whatever it says; only what is harmless to repeat is tried again. */
export async function relayAnswer(relayer: Relayer, call: RelayCall): Promise<RelayEnd> {
  const { instance, tracing } = relayer
  const { request, trace: parent } = call
  const attributes = { 'gateway.provider.instance': instance.name, 'gen_ai.provider.name': providerName(instance), 'gateway.request_id': request.requestId }
  const span = tracing.span(`relay ${request.method}`, { kind: 'server', parent, ...(tracing.enabled && { attributes }) })
  try {
    const end = await relayed(relayer, call, span)
    span.end()
    return end
  } catch (thrown) {
    span.end(GatewayError.from(thrown))
    throw thrown
  }
}

async function relayed(relayer: Relayer, call: RelayCall, span: Span): Promise<RelayEnd> {
  const { instance, retry, log, metrics } = relayer
  const { request } = call
  const about = { instance: instance.name, requestId: request.requestId }
  const target = relayPath(instance, relayer.provider, request)
  const body = await bodyOf(relayer, { request, body: await call.body() })
  let tries = 0
  try {
    return await withRetries(lastFailure => tried(relayer, { call, span, target, body, tries: tries++, lastFailure }), {
      settings: repeatable(request) ? retry : { ...retry, maxRetries: 0 },
      budget: relayer.retryBudget,
      signal: call.signal,
      random: Math.random,
      onRetry: (failure, waitMs) => {
        metrics.retried()
        log.warn({ ...about, err: failure, waitMs: Math.round(waitMs) }, 'trying again')
      },
    })
  } catch (thrown) {
    if (thrown instanceof HeldRefusal) {
      call.head(thrown.head)
      call.write(thrown.body)
      return {}
    }
    if (thrown instanceof ProviderError && thrown.failure === 'key') {
      log.error({ ...about, alert: 'provider_key_refused', err: thrown }, 'the provider refuses the key of this instance')
    }
    throw thrown
  }
}

const repeatable = ({ method, headers }: RelayRequest): boolean => REPEATABLE.has(method) || headers.some(([name]) => name === 'idempotency-key')

/** Model names of a batch are written as everywhere in the gateway: `instance/model`. */
async function bodyOf({ instance: { name }, models }: Relayer, { request, body }: { request: RelayRequest; body: Uint8Array }): Promise<Uint8Array> {
  if (!request.upload) return body
  const contentType = request.headers.find(([header]) => header === 'content-type')?.[1] ?? ''
  const listed = new Set(models().map(({ id }) => id))
  return withRenamedModels(body, contentType, model => (model.startsWith(`${name}/`) && !listed.has(model) ? model.slice(name.length + 1) : model))
}

/** Whoever only looks at what is there spends nothing; what an earlier answer cost was counted when it was given. */
const mayCost = ({ method, resource, batch }: RelayRequest): boolean => batch !== undefined || (method === 'POST' && resource === undefined)

interface Try {
  readonly call: RelayCall
  readonly span: Span
  readonly target: RelayPath
  readonly body: Uint8Array
  /** How many went before it. */
  readonly tries: number
  readonly lastFailure: ProviderError | undefined
}

async function tried(relayer: Relayer, { call, span, target, body, tries, lastFailure }: Try): Promise<RelayEnd> {
  const { instance, tracing, metrics, provider, upstream } = relayer
  const { request } = call
  const permit = entered(relayer.breaker, lastFailure)
  const attempt = new WatchedAttempt({
    span: tracing.span(request.method, { kind: 'client', parent: span.trace, ...(tracing.enabled && { attributes: requestAttributes(instance, target.path, tries, request.method) }) }),
    metrics,
    streamed: true,
    // What went in is not guessed: it may be sound, or no question to a model at all.
    bodyLength: 0,
    report: ({ usage, ...report }) =>
      relayer.attempted({ requestId: request.requestId, attempt: tries + 1, instance: instance.name, endpoint: 'relay', model: '', ...report, ...(usage && mayCost(request) && { usage }) }),
  })
  let health: Health = 'neutral'
  try {
    const answer = await upstream.send(
      { method: request.method, ...target, body: body.length > 0 ? body : undefined, headers: requestHeaders(provider, request, attempt.trace) },
      call.signal,
      { firstMs: relayer.firstTokenTimeoutMs, gapMs: relayer.gapTimeoutMs, until: 'head' },
    )
    attempt.headed(answer.status)
    const failure = answer.status < 400 ? undefined : await failureOf(relayer, call, answer)
    const head = { provider: instance.name, status: answer.status, headers: responseHeaders(answer.headers, instance.apiKey) }
    const passed = await passOn({ instance, metrics, call, answer, attempt, head, observed: tellsCost(request, answer.status), begun: () => permit.begun() })
    health = failure ? FAILURES[failure.failure].health : 'good'
    const end = ofBatch(relayer, request, passed)
    if (failure) attempt.failed(failure)
    else attempt.succeeded(end)
    return { ...end, upstream: attempt.times }
  } catch (thrown) {
    health = healthOf(thrown)
    attempt.failed(thrown)
    throw thrown
  } finally {
    permit.settle(health)
  }
}

/** A part of a batch's results (206) would be taken for all of them. */
const tellsCost = (request: RelayRequest, status: number): boolean => mayCost(request) && (request.batch === undefined ? status < 400 : status === 200)

/** The results of a batch tell its cost whenever they are fetched; it was spent once. */
function ofBatch({ counted }: Relayer, { batch }: RelayRequest, end: RelayEnd): RelayEnd {
  if (batch === undefined || !end.usage) return end
  return counted.first(batch) ? { ...end, batch } : {}
}

/** What a status of 400 and more says of the provider. Throws where the caller is not told in its words: when our own key is refused, and while another try may mend it. */
async function failureOf({ provider, instance }: Relayer, { request, signal }: RelayCall, answer: UpstreamAnswer): Promise<ProviderError> {
  const { status, headers } = answer
  const failure = provider.error({ status, body: new Uint8Array(), retryAfterMs: retryAfterMs(headers, Date.now()) })
  if ((status === 401 || status === 403) && failure.failure === 'key') throw await refusal(provider, answer, signal)
  if (!repeatable(request) || !FAILURES[failure.failure].again) return failure
  const { bytes, whole } = await answer.collect(MAX_HELD_BYTES)
  if (!whole) throw failure
  throw new HeldRefusal(failure, { provider: instance.name, status, headers: responseHeaders(headers, instance.apiKey) }, withoutKey(bytes, instance.apiKey))
}

function withoutKey(bytes: Uint8Array, apiKey: string | undefined): Uint8Array {
  const scrubber = new KeyScrubber(apiKey)
  return Buffer.concat([scrubber.push(Buffer.from(bytes)), scrubber.end()])
}
