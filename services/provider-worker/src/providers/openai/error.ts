import { type Identity, ProviderError, type Refusal } from '../../provider.ts'
import { isRecord } from '../usage.ts'
import { CALLER, KEY, type Meaning, NO_MODEL, OVERLOAD, RATE, meaningOfWords } from './error-codes.ts'

/** What a provider says of a failure, wherever in its body it says so. */
interface Complaint {
  readonly message: string | undefined
  readonly type: string | undefined
  readonly code: string | undefined
  readonly param: string | undefined
  /** A moderator refused what was asked. */
  readonly moderated?: boolean
}

const MAX_MESSAGE_CHARACTERS = 2000
const STATUS = /^[45]\d\d$/

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
  const number = STATUS.test(complaint.code ?? '') ? Number(complaint.code) : Number.NaN
  const status = number || (STATUS_OF_TYPE[complaint.code ?? ''] ?? STATUS_OF_TYPE[complaint.type ?? ''] ?? 500)
  return failure(identity, { status, complaint, retryAfterMs: undefined, what: `${identity.name} answered with an error` })
}

/** The answer ended with a word that says that the provider failed. */
export const failsWith = ({ name: provider }: Identity, finish: string): ProviderError =>
  new ProviderError('overload', 'provider_failed', `${provider} ended its answer with an error`, { provider, cause: { finish } })

interface Finding {
  status: number
  complaint: Complaint
  retryAfterMs: number | undefined
  /** What to say of it where the provider's own words are not for the caller. */
  what: string
}

function failure(identity: Identity, { status, complaint, retryAfterMs, what }: Finding): ProviderError {
  const meaning = meaningOfWords(identity.type, complaint) ?? meaningOf(status, complaint)
  const { name: provider } = identity
  const cause = { status, ...complaint }
  const reason = complaint.code
  switch (meaning.failure) {
    case 'key':
      return new ProviderError('key', meaning.code, `${provider} refuses the gateway's key`, { provider, cause })
    case 'caller':
    case 'misspoke':
      return new ProviderError(meaning.failure, meaning.code, complaint.message ?? what, { provider, param: complaint.param, reason, cause })
    case 'rate':
      return new ProviderError('rate', meaning.code, complaint.message ?? what, { provider, reason, retryAfterMs, cause })
    default:
      return new ProviderError(meaning.failure, meaning.code, what, { provider, retryAfterMs, cause })
  }
}

function meaningOf(status: number, { code, type, moderated }: Complaint): Meaning {
  const says = (word: string): boolean => code === word || type === word
  if (status === 403 && moderated) return CALLER
  if (status === 401 || status === 402 || status === 403) return KEY
  if (status === 429) return says('slow_down') || says('server_is_overloaded') ? { ...OVERLOAD, code: 'rate_limited' } : RATE
  switch (status) {
    case 404:
      return NO_MODEL
    case 408:
    case 500:
    case 502:
    case 503:
    case 504:
    // Cloudflare could not reach the provider behind it, or got nothing of use from it.
    case 520:
    case 521:
    case 522:
    case 523:
    case 524:
    case 529:
      return OVERLOAD
    case 413:
      return { failure: 'caller', code: 'payload_too_large' }
    case 422:
      return { failure: 'caller', code: 'unprocessable' }
    case 498:
      return RATE
  }
  // A redirect that is not followed, or a status of a provider's own: it would not answer otherwise the next time.
  return status >= 400 && status < 500 ? CALLER : { failure: 'protocol', code: 'provider_failed' }
}

/** Reads the shapes in use: `{error: {…}}`, `{error: "…", code}`, `{message, …}`, `{detail: …}`, `{base_resp: …}`, and an array of one of them. */
function complaintIn(body: string): Complaint {
  const parsed = parsedOr(body)
  const outer: unknown = Array.isArray(parsed) ? parsed[0] : parsed
  if (!isRecord(outer)) return { message: undefined, type: undefined, code: undefined, param: undefined }
  const inner = innerOf(outer)
  // Mistral puts what it found wrong into `message`, as a list or below a `detail` of its own.
  const details = inner.detail ?? (isRecord(inner.message) ? inner.message.detail : inner.message)
  const { raw, reasons } = isRecord(inner.metadata) ? inner.metadata : {}
  return {
    message: (upstreamMessage(inner.message, raw) ?? text(inner.message) ?? detailIn(details))?.slice(0, MAX_MESSAGE_CHARACTERS),
    type: text(inner.type),
    code: text(inner.code) ?? text(outer.code),
    param: text(inner.param) ?? placeIn(details),
    moderated: Array.isArray(reasons),
  }
}

function innerOf(outer: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { error, base_resp: base, x_groq: groq } = outer
  if (isRecord(error)) return error
  if (isRecord(groq) && groq.error) return isRecord(groq.error) ? groq.error : { message: groq.error }
  if (isRecord(base)) return { message: base.status_msg, code: base.status_code }
  return { ...outer, message: text(error) ?? outer.message }
}

/** OpenRouter wraps what the true provider said. */
function upstreamMessage(message: unknown, raw: unknown): string | undefined {
  if (message !== 'Provider returned error' || typeof raw !== 'string') return undefined
  return complaintIn(raw).message ?? raw
}

/** Where in the body, as a path: of the form of pydantic's `loc`. */
function placeIn(detail: unknown): string | undefined {
  const first: unknown = Array.isArray(detail) ? detail[0] : undefined
  if (!isRecord(first) || !Array.isArray(first.loc)) return undefined
  const steps = first.loc.filter((step: unknown) => step !== 'body')
  return steps.map((step: unknown) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('').replace(/^\./, '')
}

function detailIn(detail: unknown): string | undefined {
  const first: unknown = Array.isArray(detail) ? detail[0] : detail
  return text(isRecord(first) ? first.msg : first)
}

/** What a text says in JSON; nothing where it is none. */
export function parsedOr(body: string): unknown {
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
