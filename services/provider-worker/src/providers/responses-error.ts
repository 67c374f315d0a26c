import type { Identity, ProviderError } from '../provider.ts'
import { reported } from './openai/error.ts'
import { isRecord } from './usage.ts'

/** Codes of a failed response that speak of the provider; every other one that is known speaks of the request. */
const OF_THE_PROVIDER: ReadonlySet<unknown> = new Set(['server_error', 'vector_store_timeout', 'rate_limit_exceeded', 'insufficient_quota', 'server_is_overloaded', 'slow_down'])
const OF_THE_REQUEST = /^(invalid_|image_|unsupported_image|empty_image|failed_to_download_image|data_residency|bio_policy|misalignment)/

/** What the error inside a response, or of an `error` event, means; undefined for anything but an object. */
export function failedResponse(identity: Identity, error: unknown): ProviderError {
  if (!isRecord(error)) return reported(identity, JSON.stringify({ error }))
  const { code } = error
  const callers = !OF_THE_PROVIDER.has(code) && typeof code === 'string' && OF_THE_REQUEST.test(code) && code !== 'invalid_api_key'
  return reported(identity, JSON.stringify({ error: { ...error, ...(callers && { type: 'invalid_request_error' }) } }))
}
