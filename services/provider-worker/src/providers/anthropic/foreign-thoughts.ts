import type { Changes } from '../../hub/changes.ts'
import { SEAL } from '../../hub/sealed-reasoning.ts'
import type { Change } from '../../json-fields.ts'
import { isRecord } from '../usage.ts'
import { parseExactly } from './exact-json.ts'

const SIGNS = [SEAL, '"signature":""', '"signature": ""'].map(sign => Buffer.from(sign))

/**
 * The change that leaves out of `messages` what other providers thought earlier in the conversation: nobody signed it, or this gateway sealed it,
 * and Anthropic refuses a thought that it has not signed. Nothing when there is nothing of the kind, so that the bytes pass as they are.
 */
export function withoutForeignThoughts(body: Uint8Array, changes: Changes): [string, Change][] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (!SIGNS.some(sign => bytes.includes(sign))) return []
  const { messages } = parseExactly(bytes.toString()) as { messages?: unknown }
  if (!Array.isArray(messages)) return []
  let foreign = false
  const kept = messages.flatMap((message: unknown, place) => {
    if (!isRecord(message) || !Array.isArray(message.content)) return [message]
    const content = message.content.filter((block: unknown, position) => {
      if (!isForeign(block)) return true
      changes.dropped(`messages[${place}].content[${position}]`)
      return false
    })
    if (content.length === message.content.length) return [message]
    foreign = true
    // A turn that says nothing is refused, too.
    return content.length === 0 ? [] : [{ ...message, content }]
  })
  return foreign ? [['messages', () => Buffer.from(JSON.stringify(kept))]] : []
}

function isForeign(block: unknown): boolean {
  if (!isRecord(block)) return false
  if (block.type === 'thinking') return block.signature === '' || isSealed(block.signature)
  return block.type === 'redacted_thinking' && isSealed(block.data)
}

const isSealed = (value: unknown): boolean => typeof value === 'string' && value.startsWith(SEAL)
