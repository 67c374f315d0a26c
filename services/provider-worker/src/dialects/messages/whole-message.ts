import type { HubCompletion, HubDelta } from '../../hub/hub.ts'
import type { GenerateRequest, HubAnswer } from '../../provider.ts'
import { parseExactly } from '../../providers/anthropic/exact-json.ts'
import { isRecord } from '../../providers/usage.ts'
import { BlockSequence, type BlockSink } from './block-sequence.ts'
import { type Block, type BlockDelta, NO_USAGE, messageId, messageUsage, stopped } from './wire.ts'

/** A whole answer as Anthropic's Message. */
export function wholeMessage({ completion, end }: HubAnswer, { requestId, model }: GenerateRequest): Uint8Array {
  const choice = completion.choices.find(({ index }) => (index ?? 0) === 0)
  const id = messageId(completion.id, requestId)
  const blocks = new WholeBlocks()
  const sequence = new BlockSequence(blocks, id)
  if (choice) sequence.take(deltaOf(choice.message))
  sequence.finish()
  return Buffer.from(
    JSON.stringify({
      id,
      type: 'message',
      role: 'assistant',
      model: completion.model || model,
      content: blocks.list,
      ...stopped(choice?.finish_reason, sequence.said),
      usage: end.usage ? messageUsage(end.usage) : NO_USAGE,
    }),
  )
}

/** A whole message in one piece of a stream. */
function deltaOf({ tool_calls: calls, reasoning_details: details, ...message }: HubCompletion['choices'][number]['message']): HubDelta {
  return {
    ...message,
    ...(details && { reasoning_details: details.map((detail, index) => ({ ...detail, index: detail.index ?? index })) }),
    ...(calls && { tool_calls: calls.map((call, index) => ({ ...call, index })) }),
  }
}

class WholeBlocks implements BlockSink {
  readonly list: Block[] = []
  #open: Block | undefined
  #text = ''
  #signature = ''

  start(block: Block): void {
    this.#open = block
    this.#text = ''
    this.#signature = ''
  }

  delta(delta: BlockDelta): void {
    if (delta.type === 'signature_delta') this.#signature = delta.signature
    else if (delta.type === 'text_delta') this.#text += delta.text
    else if (delta.type === 'thinking_delta') this.#text += delta.thinking
    else this.#text += delta.partial_json
  }

  stop(): void {
    const block = this.#open
    if (!block) return
    if (block.type === 'text') this.list.push({ ...block, text: this.#text })
    else if (block.type === 'thinking') this.list.push({ ...block, thinking: this.#text, signature: this.#signature })
    else if (block.type === 'tool_use') this.list.push({ ...block, input: inputOf(this.#text) })
    else this.list.push(block)
  }
}

/**
 * The arguments of a call as the object that Anthropic's clients take. What a model wrote that is no JSON object is kept whole under the key
 * that Anthropic's documentation names for it: tools see that something is wrong, and a replay of it is accepted everywhere.
 */
function inputOf(text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === '') return {}
  try {
    const value = parseExactly(text)
    if (isRecord(value)) return value
  } catch {
    // Kept as it is.
  }
  return { INVALID_JSON: text }
}
