import { ProviderError, type Identity } from '../../provider.ts'
import { isRecord } from '../usage.ts'

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>

/** A member that is an object. */
export const record = (value: unknown): Fields | undefined => (isRecord(value) ? value : undefined)

/** The objects in a list; none where it is no list. */
export const records = (value: unknown): readonly Fields[] => (Array.isArray(value) ? (value as unknown[]).filter(isRecord) : [])

/** A text that is there and not empty. */
export const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** The object that a body or an event is, or the objects: Gemini wraps errors in a list now and then. Throws when it is neither. */
export function recordsIn({ name: provider }: Identity, json: string): readonly Fields[] {
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch {
    // What it is instead is judged below.
  }
  const found = isRecord(value) ? [value] : records(value)
  if (found.length > 0) return found
  throw new ProviderError('transport', 'provider_failed', `${provider} sent something that is not a JSON object`, { provider })
}

/** The bytes as text, without a copy of them. */
export const textOf = (body: Uint8Array): string => Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
