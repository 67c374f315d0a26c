import { ERRORS, GatewayError, type ErrorCode } from '@gomodel/contracts'
import { anthropicErrors } from '../anthropic-errors.ts'
import type { ErrorDialect } from '../endpoints/endpoint.ts'
import { errorBody } from '../error-reply.ts'
import { headersNamed, reference, type Example, type Response } from './shape.ts'

interface Said {
  readonly when: string
  /** As the gateway may say it. */
  readonly message: string
  readonly param?: string
  readonly reason?: string
}

const SAID: Readonly<Record<ErrorCode, Said>> = {
  invalid_request: { when: 'The body is not JSON, a field is missing or of the wrong type, or the provider refused the request as it is.', message: 'messages[0].role is required', param: 'messages[0].role' },
  unsupported: { when: 'The provider has nothing of the kind; with `X-GoModel-Strict: true` also where it could be left out or replaced.', message: 'anthropic cannot take this request as it is: seed would be dropped', param: 'seed' },
  unauthenticated: { when: 'No key was given, or a wrong one.', message: 'the API key is not valid', reason: 'invalid_api_key' },
  unknown_url: { when: 'There is no such address.', message: 'there is no GET /v1/nowhere' },
  model_not_found: { when: 'No instance lists the model.', message: 'the model "simulated-chart" does not exist here; near names: simulated-chat', param: 'model' },
  not_found: { when: 'There is no such response, or it is not yours.', message: "Response with id 'resp_1' not found.", param: 'response_id' },
  not_ready: { when: 'The batch has no results, or none yet; `code` is its status.', message: 'the batch has no results yet: it is in_progress', reason: 'in_progress' },
  payload_too_large: { when: 'The body is larger than `BODY_SIZE_LIMIT` allows, or than the provider takes.', message: 'the request body is too large' },
  unprocessable: { when: 'The provider read the request and refused its content.', message: 'the image could not be read', param: 'messages' },
  rate_limited: { when: 'The provider limits the rate.', message: 'Rate limit reached, please try again in 20s', reason: 'rate_limit_exceeded' },
  cancelled: { when: 'The caller left before the answer, so that nobody reads this; it is what logs and metrics call it.', message: 'the caller left' },
  internal: { when: 'Something in the gateway failed. The cause is in its log, never in the answer.', message: 'internal error' },
  provider_failed: { when: 'The provider failed, could not be reached or spoke nonsense.', message: 'openai answered 500' },
  provider_key_refused: { when: "The provider refuses the gateway's own key, or its account is empty. The operator has to act.", message: "openai refuses the gateway's key" },
  stream_broken: { when: 'The answer broke after its first piece. In a stream this comes as its last event.', message: 'openai broke its answer off' },
  unavailable: { when: 'No worker serves the instance now, or the message bus is away.', message: 'no worker serves openai now', param: 'model' },
  overloaded: { when: 'Every worker has as much to do as it can.', message: 'every worker of openai is at its capacity' },
  circuit_open: { when: 'The provider failed repeatedly and is left alone for a moment.', message: 'openai failed repeatedly and is not called for the moment' },
  timeout: { when: 'The provider did not connect, begin or go on in time.', message: 'openai did not begin to answer in time' },
}

/** One example of every error, by its code. */
export const errorExamples: Readonly<Record<string, Example>> = Object.fromEntries(
  (Object.keys(ERRORS) as ErrorCode[]).map(code => {
    const { message, param, reason } = SAID[code]
    return [code, { summary: code, value: errorBody(new GatewayError(code, message, { param, reason })) }]
  }),
)

const otherExample = (code: ErrorCode, { errors }: OtherErrors): Example => ({ summary: code, value: errors.body(new GatewayError(code, SAID[code].message), 'request-1') })

/** Failures before a provider comes into play, or that say nothing of it. */
const WITHOUT_PROVIDER: ReadonlySet<ErrorCode> = new Set(['unauthenticated', 'unknown_url', 'cancelled', 'internal'])

/** Failures of requests that the caches are not asked about. */
const BEFORE_CACHES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['unauthenticated', 'model_not_found'])

/** Errors in another shape than OpenAI's: how they are told, and the schema that they have. */
interface OtherErrors {
  readonly errors: ErrorDialect
  readonly schema: string
}

export const ANTHROPIC_ERRORS: OtherErrors = { errors: anthropicErrors, schema: 'MessagesErrorReply' }

/** What may be different about the errors of an operation. */
interface Telling {
  readonly other?: OtherErrors
  /** The caches are asked before a provider is. */
  readonly cached?: true
}

/** The responses, by status, of an operation that can fail with these codes. */
export function errorResponses(codes: readonly ErrorCode[], telling: Telling = {}): Record<string, Response> {
  const byStatus = Map.groupBy(codes, code => telling.other?.errors.status(new GatewayError(code, '')) ?? ERRORS[code].status)
  return Object.fromEntries(byStatus.entries().map(([status, same]) => [status, errorResponse(same, telling)]))
}

/** Those of an operation that speaks Anthropic's API with whoever names a version of it. */
export function errorResponsesInBoth(codes: readonly ErrorCode[]): Record<string, Response> {
  const anthropic = errorResponses(codes, { other: ANTHROPIC_ERRORS })
  const openAi = Object.entries(errorResponses(codes)).map(([status, response]) => {
    const schema = { oneOf: [reference('schemas', 'ErrorReply'), reference('schemas', ANTHROPIC_ERRORS.schema)] }
    const content = { 'application/json': { ...response.content['application/json'], schema } }
    return [status, { ...response, headers: { ...response.headers, ...headersNamed('request-id') }, content }] as const
  })
  return { ...anthropic, ...Object.fromEntries(openAi) }
}

function errorResponse(codes: readonly ErrorCode[], { other, cached }: Telling): Response {
  const provider = codes.some(code => !WITHOUT_PROVIDER.has(code))
  const later = codes.some(code => ERRORS[code].retry !== 'never')
  const afterCache = cached && codes.some(code => !BEFORE_CACHES.has(code))
  return {
    description: codes.map(code => `\`${code}\`: ${SAID[code].when}`).join('\n\n'),
    headers: headersNamed('X-Request-ID', ...(other ? ['request-id'] : []), ...(provider ? ['X-GoModel-Provider'] : []), ...(afterCache ? ['X-Cache'] : []), ...(later ? ['Retry-After'] : [])),
    content: { 'application/json': { schema: reference('schemas', other?.schema ?? 'ErrorReply'), examples: Object.fromEntries(codes.map(code => [code, other ? otherExample(code, other) : reference('examples', code)])) } },
  }
}
