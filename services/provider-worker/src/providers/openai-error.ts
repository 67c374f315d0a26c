import type { ErrorCode } from '@gomodel/contracts'
import { type Failure, type Identity, ProviderError, type Refusal } from '../provider.ts'
import { isRecord } from './usage.ts'

/** What a provider says of a failure, wherever in its body it says so. */
interface Complaint {
  readonly message: string | undefined
  readonly type: string | undefined
  readonly code: string | undefined
  readonly param: string | undefined
}

interface Meaning {
  readonly failure: Failure
  readonly code: ErrorCode
}

const MAX_MESSAGE_CHARACTERS = 2000

/** Says what a failure inside a stream or under status 200 would have had as a status. */
const STATUS_OF_TYPE: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  context_length_exceeded: 400,
  content_filter: 400,
  authentication_error: 401,
  invalid_api_key: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  model_not_found: 404,
  requests: 429,
  tokens: 429,
  rate_limit_error: 429,
  rate_limit_exceeded: 429,
  insufficient_quota: 429,
  server_is_overloaded: 503,
  slow_down: 503,
  overloaded_error: 529,
}

/** What an HTTP answer that is no success means. */
export function refused(identity: Identity, refusal: Refusal): ProviderError {
  const { status, retryAfterMs } = refusal
  const complaint = complaintIn(scrubbed(Buffer.from(refusal.body).toString(), identity))
  return failure(identity, { status, complaint, retryAfterMs, what: `${identity.name} answered ${status}` })
}

/** What an error that came under status 200 means: as a whole body, or inside a stream. */
export function reported(identity: Identity, body: string): ProviderError {
  const complaint = complaintIn(scrubbed(body, identity))
  const number = Number(complaint.code)
  const status = number >= 400 && number < 600 ? number : (STATUS_OF_TYPE[complaint.code ?? ''] ?? STATUS_OF_TYPE[complaint.type ?? ''] ?? 500)
  return failure(identity, { status, complaint, retryAfterMs: undefined, what: `${identity.name} answered with an error` })
}

interface Finding {
  status: number
  complaint: Complaint
  retryAfterMs: number | undefined
  /** What to say of it where the provider's own words are not for the caller. */
  what: string
}

function failure(identity: Identity, { status, complaint, retryAfterMs, what }: Finding): ProviderError {
  const meaning = meaningOf(status, complaint)
  const { name: provider } = identity
  const cause = { status, ...complaint }
  const reason = complaint.code
  switch (meaning.failure) {
    case 'key':
      return new ProviderError('key', meaning.code, `${provider} refuses the gateway's key`, { provider, cause })
    case 'caller':
      return new ProviderError('caller', meaning.code, complaint.message ?? what, { provider, param: complaint.param, reason, cause })
    case 'rate':
      return new ProviderError('rate', meaning.code, complaint.message ?? what, { provider, reason, retryAfterMs, cause })
    default:
      return new ProviderError(meaning.failure, meaning.code, what, { provider, retryAfterMs, cause })
  }
}

function meaningOf(status: number, { code, type }: Complaint): Meaning {
  const says = (word: string): boolean => code === word || type === word
  if (status === 401 || status === 402 || status === 403 || says('insufficient_quota') || says('invalid_api_key') || says('billing_error')) {
    return { failure: 'key', code: 'provider_key_refused' }
  }
  if (status === 429) return { failure: says('slow_down') || says('server_is_overloaded') ? 'overload' : 'rate', code: 'rate_limited' }
  switch (status) {
    case 404:
      return { failure: 'caller', code: 'model_not_found' }
    case 408:
    case 500:
    case 502:
    case 503:
    case 504:
    case 529:
      return { failure: 'overload', code: 'provider_failed' }
    case 413:
      return { failure: 'caller', code: 'payload_too_large' }
    case 422:
      return { failure: 'caller', code: 'unprocessable' }
    case 498:
      return { failure: 'rate', code: 'rate_limited' }
  }
  // A redirect that is not followed, or a status of a provider's own: it would not answer otherwise the next time.
  return status >= 400 && status < 500 ? { failure: 'caller', code: 'invalid_request' } : { failure: 'protocol', code: 'provider_failed' }
}

/** Reads the shapes in use: `{error: {…}}`, `{error: "…", code}`, `{message, …}`, `{detail: …}`, and an array of one of them. */
function complaintIn(body: string): Complaint {
  const parsed = parsedOr(body)
  const outer: unknown = Array.isArray(parsed) ? parsed[0] : parsed
  if (!isRecord(outer)) return { message: undefined, type: undefined, code: undefined, param: undefined }
  const inner = isRecord(outer.error) ? outer.error : { ...outer, message: text(outer.error) ?? text(outer.message) ?? detailIn(outer.detail) }
  return {
    message: text(inner.message)?.slice(0, MAX_MESSAGE_CHARACTERS),
    type: text(inner.type),
    code: text(inner.code) ?? text(outer.code),
    param: text(inner.param),
  }
}

function detailIn(detail: unknown): string | undefined {
  const first: unknown = Array.isArray(detail) ? detail[0] : detail
  return text(isRecord(first) ? first.msg : first)
}

function parsedOr(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** The text without the key, which some servers repeat in what they complain of. */
function scrubbed(body: string, { apiKey }: Identity): string {
  const known = apiKey && apiKey.length >= 4 ? body.replaceAll(apiKey, '[key]') : body
  return known.replaceAll(/\bsk-[\w*-]{4,}/g, '[key]').replaceAll(/\b(Bearer) [\w.~+/=-]{4,}/gi, '$1 [key]')
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined
