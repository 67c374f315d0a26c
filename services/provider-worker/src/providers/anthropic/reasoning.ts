import type { Changes } from '../../hub/changes.ts'
import type { HubMessage, ReasoningDetail } from '../../hub/hub.ts'
import { REASONING_FORMAT, type ThinkingBlock } from './blocks.ts'

/** The thoughts of an assistant's message that are this provider's own, as it gave them. Those of another are left out. */
export function thinkingOf(message: HubMessage, where: string, changes: Changes): ThinkingBlock[] {
  const details = joined(message.reasoning_details ?? [])
  const blocks = details.map(blockOf).filter(block => block !== undefined)
  if (blocks.length < details.length) changes.dropped(`${where}.reasoning_details`)
  else if (details.length === 0 && message.reasoning_content) changes.dropped(`${where}.reasoning_content`)
  return blocks
}

function blockOf({ type, format, text, signature, data }: ReasoningDetail): ThinkingBlock | undefined {
  if (format !== REASONING_FORMAT) return undefined
  if (type === 'reasoning.text' && signature) return { type: 'thinking', thinking: text ?? '', signature }
  return type === 'reasoning.encrypted' && data ? { type: 'redacted_thinking', data } : undefined
}

/** Who collected a stream may give the pieces back as they came. */
function joined(pieces: readonly ReasoningDetail[]): ReasoningDetail[] {
  const details: ReasoningDetail[] = []
  for (const piece of pieces) {
    const last = details.at(-1)
    if (last?.index === undefined || last.index !== piece.index || last.type !== piece.type) {
      details.push(piece)
      continue
    }
    const format = piece.format ?? last.format
    const signature = piece.signature ?? last.signature
    details[details.length - 1] = {
      ...last,
      ...(piece.text && { text: `${last.text ?? ''}${piece.text}` }),
      ...(piece.data && { data: `${last.data ?? ''}${piece.data}` }),
      ...(format && { format }),
      ...(signature && { signature }),
    }
  }
  return details
}
