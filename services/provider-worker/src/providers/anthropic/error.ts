import type { ErrorCode } from '@gomodel/contracts'
import { type Failure, type Identity, ProviderError, type Refusal } from '../../provider.ts'
import { refused, reported } from '../openai/error.ts'
import { isRecord } from '../usage.ts'
import { noObject } from '../whole-body.ts'
import { parseExactly } from './exact-json.ts'

/** What an HTTP answer that is no success means. */
export function refusedBy(identity: Identity, refusal: Refusal): ProviderError {
  return refined(identity, refused(identity, refusal), Buffer.from(refusal.body).toString())
}

/** The object that a whole body is; throws when it is none, or an error. */
export function objectIn(identity: Identity, text: string): Readonly<Record<string, unknown>> {
  const value = parsedOr(text)
  if (!isRecord(value)) throw noObject(identity, text)
  return goodOf(identity, value, text)
}

/** The same of an event in a stream. */
export function eventIn(identity: Identity, data: string): Readonly<Record<string, unknown>> {
  const value = parsedOr(data)
  if (!isRecord(value)) throw garbled(identity, 'sent an event that is not a JSON object')
  return goodOf(identity, value, data)
}

function goodOf(identity: Identity, value: Readonly<Record<string, unknown>>, text: string): Readonly<Record<string, unknown>> {
  if (value.type === 'error' || isRecord(value.error)) throw refined(identity, reported(identity, text), text)
  return value
}

/** It broke off, or said what it does not say. */
export const garbled = ({ name: provider }: Identity, what: string): ProviderError => new ProviderError('transport', 'provider_failed', `${provider} ${what}`, { provider })

/** What only the words tell: an empty account comes as 400, and so does a prompt that is too long. */
const SAID: readonly { readonly words: RegExp; readonly failure: Failure; readonly code: ErrorCode; readonly reason?: string }[] = [
  { words: /credit balance is too low/i, failure: 'key', code: 'provider_key_refused' },
  { words: /prompt is too long|exceed context limit/i, failure: 'caller', code: 'invalid_request', reason: 'context_length_exceeded' },
]

function refined({ name: provider }: Identity, error: ProviderError, body: string): ProviderError {
  const found = error.failure === 'caller' ? SAID.find(({ words }) => words.test(error.message)) : undefined
  const requestId = requestIdIn(body)
  if (!found && requestId === undefined) return error
  const cause: unknown = isRecord(error.cause) ? { ...error.cause, ...(requestId !== undefined && { requestId }) } : error.cause
  if (!found) return new ProviderError(error.failure, error.code, error.message, { ...error.details, cause })
  const message = found.failure === 'key' ? `${provider} refuses the gateway's key` : error.message
  return new ProviderError(found.failure, found.code, message, { provider, reason: found.reason, cause })
}

function requestIdIn(body: string): string | undefined {
  const value = parsedOr(body)
  return isRecord(value) && typeof value.request_id === 'string' ? value.request_id.slice(0, 100) : undefined
}

function parsedOr(text: string): unknown {
  try {
    return parseExactly(text)
  } catch {
    return undefined
  }
}
