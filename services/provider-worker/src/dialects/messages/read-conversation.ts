import type { Changes } from '../../hub/changes.ts'
import type { HubMessage, Part, ReasoningDetail, ToolCall } from '../../hub/hub.ts'
import { unsealed } from '../../hub/sealed-reasoning.ts'
import { type Block, contentOf, partsOf, plain, withCache } from './read-parts.ts'
import { noteUnread, unsupported } from './reader.ts'
import { type MessagesRequest, readBlocks, readRedactedThinking, readThinking, readToolResult, readToolUse } from './request-schema.ts'
import { ANTHROPIC_FORMAT } from './thought-signatures.ts'

const MESSAGE = new Set(['role', 'content'])
const TOOL_USE = new Set(['type', 'id', 'name', 'input', 'caller'])
const TOOL_RESULT = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control'])
const THINKING = new Set(['type', 'thinking', 'signature'])
const REDACTED_THINKING = new Set(['type', 'data'])

/** The whole conversation in the hub's messages, the system's words first. */
export function conversationOf({ system, messages }: MessagesRequest, changes: Changes): HubMessage[] {
  const said = messages.flatMap((message, place) => {
    const at = `/messages/${place}`
    noteUnread(message, MESSAGE, { at, changes })
    const { role, content } = message
    if (role === 'system') return [{ role, content: textOf(content, `${at}/content`, changes) }]
    if (typeof content === 'string') return [{ role, content }]
    const blocks = readBlocks(content, `${at}/content`)
    return role === 'assistant' ? [assistantOf(blocks, `${at}/content`, changes)] : usersOf(blocks, `${at}/content`, changes)
  })
  const instructions = system === undefined || system === null ? '' : textOf(system, '/system', changes)
  return instructions.length === 0 ? said : [{ role: 'system', content: instructions }, ...said]
}

function textOf(content: unknown, at: string, changes: Changes): string | Part[] {
  if (typeof content === 'string') return content
  for (const [place, block] of readBlocks(content, at).entries()) {
    if (block.type !== 'text') throw unsupported(`${at}/${place}/type`, block.type)
  }
  return contentOf(content, at, changes)
}

/** Results of tools answer the calls of the message before, so they come ahead of what the user adds. */
function usersOf(blocks: readonly Block[], at: string, changes: Changes): HubMessage[] {
  const results: HubMessage[] = []
  const parts: Part[] = []
  for (const [place, block] of blocks.entries()) {
    const where = `${at}/${place}`
    const found = partsOf(block, where, changes)
    if (found) parts.push(...found)
    else if (block.type === 'tool_result') results.push(resultOf(block, where, changes))
    else throw unsupported(`${where}/type`, block.type)
  }
  return results.length > 0 && parts.length === 0 ? results : [...results, { role: 'user', content: plain(parts) }]
}

function resultOf(block: Block, at: string, changes: Changes): HubMessage {
  const { tool_use_id: id, is_error: failed, cache_control: control } = readToolResult(block, at)
  noteUnread(block, TOOL_RESULT, { at, changes })
  const said = 'content' in block && block.content !== null && block.content !== undefined ? contentOf(block.content, `${at}/content`, changes) : ''
  const content = control ? withCache(typeof said === 'string' ? [{ type: 'text', text: said }] : said, control) : said
  return { role: 'tool', tool_call_id: id, content, ...(failed === true && { is_error: true }) }
}

function assistantOf(blocks: readonly Block[], at: string, changes: Changes): HubMessage {
  const parts: Part[] = []
  const calls: ToolCall[] = []
  const thoughts = new Thoughts(changes)
  for (const [place, block] of blocks.entries()) {
    const where = `${at}/${place}`
    if (block.type === 'tool_use') calls.push(callOf(block, where, changes))
    else if (block.type === 'text') parts.push(...(partsOf(block, where, changes) ?? []))
    else if (!thoughts.take(block, where)) throw unsupported(`${where}/type`, block.type)
  }
  return {
    role: 'assistant',
    content: parts.length === 0 ? null : plain(parts),
    ...thoughts.told,
    ...(calls.length > 0 && { tool_calls: calls.map(call => (thoughts.extras.has(call.id) ? { ...call, extra_content: thoughts.extras.get(call.id) } : call)) }),
  }
}

function callOf(block: Block, at: string, changes: Changes): ToolCall {
  const { id, name, input } = readToolUse(block, at)
  noteUnread(block, TOOL_USE, { at, changes })
  return { id, type: 'function', function: { name, arguments: JSON.stringify(input) } }
}

/** The thinking blocks of one message. */
class Thoughts {
  readonly #changes: Changes
  readonly #details: ReasoningDetail[] = []
  #text = ''
  /** By the id of a tool call, what its provider wants back with it. */
  readonly extras = new Map<string, unknown>()

  constructor(changes: Changes) {
    this.#changes = changes
  }

  get told(): Pick<HubMessage, 'reasoning_content' | 'reasoning_details'> {
    return { ...(this.#text !== '' && { reasoning_content: this.#text }), ...(this.#details.length > 0 && { reasoning_details: this.#details }) }
  }

  /** False for a block that is no thought. */
  take(block: Block, at: string): boolean {
    if (block.type === 'thinking') {
      const { thinking, signature } = readThinking(block, at)
      noteUnread(block, THINKING, { at, changes: this.#changes })
      this.#text += thinking
      // What nobody signed nobody wants back.
      if (signature && !this.#opened(signature, thinking)) this.#keep({ type: 'reasoning.text', text: thinking, signature, format: ANTHROPIC_FORMAT })
      return true
    }
    if (block.type !== 'redacted_thinking') return false
    const { data } = readRedactedThinking(block, at)
    noteUnread(block, REDACTED_THINKING, { at, changes: this.#changes })
    if (!this.#opened(data, '')) this.#keep({ type: 'reasoning.encrypted', data, format: ANTHROPIC_FORMAT })
    return true
  }

  /** Takes what was sealed for another provider; false when it was not. */
  #opened(signature: string, text: string): boolean {
    const own = unsealed(signature)
    for (const detail of own?.details ?? []) this.#keep(text === '' ? detail : { ...detail, [detail.type === 'reasoning.summary' ? 'summary' : 'text']: text })
    for (const [call, extra] of Object.entries(own?.calls ?? {})) this.extras.set(call, extra)
    return own !== undefined
  }

  #keep(detail: ReasoningDetail): void {
    this.#details.push({ ...detail, index: detail.index ?? this.#details.length })
  }
}
