import { GATEWAY_REASONING } from '@gomodel/contracts'
import type { Changes } from '../hub/changes.ts'
import { SEAL } from '../hub/sealed-reasoning.ts'
import type { Change } from '../json-fields.ts'
import { isRecord } from './usage.ts'

const SEALED = Buffer.from(SEAL)
const OURS = Buffer.from(`"${GATEWAY_REASONING}`)
const EXTRA = Buffer.from('"extra_content"')

/**
 * The change that leaves out of `input` what other providers want back: this gateway put it there, and a provider with a Responses API of
 * its own does not know it. Nothing when there is nothing of the kind, so that the bytes pass as they are.
 */
export function withoutForeignReasoning(body: Uint8Array, changes: Changes): [string, Change][] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (![SEALED, OURS, EXTRA].some(mark => bytes.includes(mark))) return []
  const { input } = JSON.parse(bytes.toString()) as { input?: unknown }
  if (!Array.isArray(input)) return []
  const kept = input.flatMap((item: unknown, index) => {
    if (isOurs(item)) {
      changes.dropped(`input[${index}]`)
      return []
    }
    if (!isRecord(item) || item.type !== 'function_call' || item.extra_content === undefined) return [item]
    changes.dropped(`input[${index}].extra_content`)
    return [{ ...item, extra_content: undefined }]
  })
  return kept.every((item, index) => item === input[index]) && kept.length === input.length ? [] : [['input', () => Buffer.from(JSON.stringify(kept))]]
}

const isOurs = (item: unknown): boolean => isRecord(item) && item.type === 'reasoning' && (begins(item.encrypted_content, SEAL) || begins(item.id, GATEWAY_REASONING))

const begins = (value: unknown, start: string): boolean => typeof value === 'string' && value.startsWith(start)
