import type { Identity, ProviderError, Refusal } from '../../provider.ts'
import { refused } from '../openai/error.ts'
import { type Fields, record, records, recordsIn, text, textOf } from './fields.ts'

/** The HTTP statuses of the states that Google's APIs name, for errors that come without one. */
const STATUS_OF: Readonly<Record<string, number>> = {
  INVALID_ARGUMENT: 400,
  FAILED_PRECONDITION: 400,
  OUT_OF_RANGE: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  NOT_FOUND: 404,
  RESOURCE_EXHAUSTED: 429,
  CANCELLED: 499,
  INTERNAL: 500,
  UNAVAILABLE: 503,
  DEADLINE_EXCEEDED: 504,
}

/** What an HTTP answer that is no success means. */
export function geminiRefusal(identity: Identity, { status, body, retryAfterMs }: Refusal): ProviderError {
  return meant(identity, status, { said: saidIn(identity, body), retryAfterMs })
}

/** What an error that came under status 200 means: in a whole body, or inside a stream. */
export function geminiError(identity: Identity, error: unknown): ProviderError {
  const said = record(error) ?? { message: error }
  const code = Number(said.code)
  return meant(identity, code >= 400 && code < 600 ? code : (STATUS_OF[text(said.status) ?? ''] ?? 500), { said, retryAfterMs: undefined })
}

/** It is put into OpenAI's words, whose meaning is known. */
function meant(identity: Identity, status: number, { said, retryAfterMs }: { said: Fields; retryAfterMs: number | undefined }): ProviderError {
  const details = records(said.details)
  const message = text(said.message)
  const reasons = details.map(({ reason }) => reason)
  const wrongKey = reasons.some(reason => typeof reason === 'string' && reason.startsWith('API_KEY_'))
  // A file or a cache that the caller names is forbidden as much as it is unknown; that says nothing of the key.
  const foreign = status === 403 && /\b(?:CachedContent|File)\b/.test(message ?? '')
  const code = wrongKey ? 'invalid_api_key' : said.status === 'UNAVAILABLE' ? 'server_is_overloaded' : tooLong(message) ? 'context_length_exceeded' : undefined
  const body = Buffer.from(JSON.stringify({ error: { message, type: said.status, code } }))
  return refused(identity, { status: foreign ? 400 : status, body, retryAfterMs: retryDelay(details) ?? retryAfterMs })
}

const tooLong = (message: string | undefined): boolean => /token count .*exceeds the maximum/i.test(message ?? '')

/** `"34.4s"`, in milliseconds. */
function retryDelay(details: readonly Fields[]): number | undefined {
  const delay = details.map(({ retryDelay: said }) => text(said)).find(said => said !== undefined)
  const seconds = Number(/^([\d.]+)s$/.exec(delay ?? '')?.[1])
  return seconds > 0 ? Math.ceil(seconds * 1000) : undefined
}

function saidIn(identity: Identity, body: Uint8Array): Fields {
  try {
    return record(recordsIn(identity, textOf(body))[0]?.error) ?? {}
  } catch {
    // A proxy in between may have answered; then the status has to say it all.
    return {}
  }
}
