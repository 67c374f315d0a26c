import { ProviderError, type Identity } from '../../provider.ts'
import { isRecord } from '../usage.ts'
import { noObject } from '../whole-body.ts'

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>

/** A member that is an object. */
export const record = (value: unknown): Fields | undefined => (isRecord(value) ? value : undefined)

/** The objects in a list; none where it is no list. */
export const records = (value: unknown): readonly Fields[] => (Array.isArray(value) ? (value as unknown[]).filter(isRecord) : [])

/** A text that is there and not empty. */
export const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** The object that a whole body is, or the objects: Gemini wraps errors in a list now and then. Throws when it is neither. */
export function recordsIn(identity: Identity, json: string): readonly Fields[] {
  const found = recordsOr(json)
  if (found.length === 0) throw noObject(identity, json)
  return found
}

/** The same of an event in a stream. */
export function recordsInEvent({ name: provider }: Identity, data: string): readonly Fields[] {
  const found = recordsOr(data)
  if (found.length > 0) return found
  throw new ProviderError('transport', 'provider_failed', `${provider} sent an event that is not a JSON object`, { provider })
}

function recordsOr(json: string): readonly Fields[] {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    // What it is instead is judged below.
  }
  return isRecord(value) ? [value] : records(value)
}

/** The bytes as text, without a copy of them. */
export const textOf = (body: Uint8Array): string => Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
