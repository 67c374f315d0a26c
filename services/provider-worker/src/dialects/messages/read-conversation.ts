import type { Changes } from '../../hub/changes.ts'
import type { HubMessage, ReasoningDetail, ToolCall } from '../../hub/hub.ts'
import { pathOf } from '../../hub/read-chat.ts'
import { unsealed } from '../../hub/sealed-reasoning.ts'
import type { Place, Said } from '../places.ts'
import { type Block, type PlacedPart, contentOf, partsOf, plain, withCache } from './read-parts.ts'
import { noteUnread, unsupported } from './reader.ts'
import { type MessagesRequest, readBlocks, readRedactedThinking, readThinking, readToolResult, readToolUse } from './request-schema.ts'
import { ANTHROPIC_FORMAT } from './thought-signatures.ts'

const MESSAGE = new Set(['role', 'content'])
const TOOL_USE = new Set(['type', 'id', 'name', 'input', 'caller'])
const TOOL_RESULT = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control'])
const THINKING = new Set(['type', 'thinking', 'signature'])
const REDACTED_THINKING = new Set(['type', 'data'])

/** The whole conversation in the hub's messages, the system's words first. */
export function conversationOf({ system, messages }: MessagesRequest, changes: Changes): Said[] {
  const said = messages.flatMap((message, place) => {
    const at = `/messages/${place}`
    noteUnread(message, MESSAGE, { at, changes })
    const { role, content } = message
    if (role === 'system') return [saidBy(role, textOf(content, `${at}/content`, changes), at)]
    if (typeof content === 'string') return [saidBy(role, contentOf(content, `${at}/content`, changes), at)]
    const blocks = readBlocks(content, `${at}/content`)
    return role === 'assistant' ? [assistantOf(blocks, at, changes)] : usersOf(blocks, at, changes)
  })
  if (system === undefined || system === null) return said
  const parts = textOf(system, '/system', changes)
  const content = plain(parts)
  return content.length === 0 ? said : [{ message: { role: 'system', content }, place: { at: 'system', members: {}, parts: placesOf(parts) } }, ...said]
}

const placesOf = (parts: readonly PlacedPart[]): Place[] => parts.map(({ place }) => place)

/** A message that is one of the request's; `at` is the pointer to it. */
function saidBy(role: string, parts: readonly PlacedPart[], at: string): Said {
  const path = pathOf(at)
  return { message: { role, content: plain(parts) }, place: { at: path, members: { role: `${path}.role`, content: `${path}.content` }, parts: placesOf(parts) } }
}

function textOf(content: unknown, at: string, changes: Changes): PlacedPart[] {
  if (typeof content === 'string') return contentOf(content, at, changes)
  for (const [place, block] of readBlocks(content, at).entries()) {
    if (block.type !== 'text') throw unsupported(`${at}/${place}/type`, block.type)
  }
  return contentOf(content, at, changes)
}

/** Results of tools answer the calls of the message before, so they come ahead of what the user adds. */
function usersOf(blocks: readonly Block[], at: string, changes: Changes): Said[] {
  const results: Said[] = []
  const parts: PlacedPart[] = []
  for (const [place, block] of blocks.entries()) {
    const where = `${at}/content/${place}`
    const found = partsOf(block, where, changes)
    if (found) parts.push(...found)
    else if (block.type === 'tool_result') results.push(resultOf(block, where, changes))
    else throw unsupported(`${where}/type`, block.type)
  }
  return results.length > 0 && parts.length === 0 ? results : [...results, saidBy('user', parts, at)]
}

function resultOf(block: Block, at: string, changes: Changes): Said {
  const { tool_use_id: id, is_error: failed, cache_control: control } = readToolResult(block, at)
  noteUnread(block, TOOL_RESULT, { at, changes })
  const said = 'content' in block && block.content !== null && block.content !== undefined ? contentOf(block.content, `${at}/content`, changes) : []
  const parts = withCache(said, control, at)
  const path = pathOf(at)
  return {
    message: { role: 'tool', tool_call_id: id, content: plain(parts), ...(failed === true && { is_error: true }) },
    place: { at: path, members: { content: `${path}.content`, tool_call_id: `${path}.tool_use_id`, is_error: `${path}.is_error` }, parts: placesOf(parts) },
  }
}

function assistantOf(blocks: readonly Block[], at: string, changes: Changes): Said {
  const parts: PlacedPart[] = []
  const calls: ToolCall[] = []
  const callPlaces: Place[] = []
  const thoughts = new Thoughts(changes)
  for (const [place, block] of blocks.entries()) {
    const where = `${at}/content/${place}`
    if (block.type === 'tool_use') {
      calls.push(callOf(block, where, changes))
      callPlaces.push({ at: pathOf(where) })
    } else if (block.type === 'text') parts.push(...(partsOf(block, where, changes) ?? []))
    else if (!thoughts.take(block, where)) throw unsupported(`${where}/type`, block.type)
  }
  const path = pathOf(at)
  const first = thoughts.at ?? path
  return {
    message: {
      role: 'assistant',
      content: parts.length === 0 ? null : plain(parts),
      ...thoughts.told,
      ...(calls.length > 0 && { tool_calls: calls.map(call => (thoughts.extras.has(call.id) ? { ...call, extra_content: thoughts.extras.get(call.id)?.extra } : call)) }),
    },
    place: {
      at: path,
      members: { role: `${path}.role`, content: `${path}.content`, reasoning_content: first, reasoning_details: first },
      parts: placesOf(parts),
      calls: callPlaces.map((place, index) => withExtra(place, thoughts.extras.get(calls[index]?.id ?? '')?.at)),
    },
  }
}

const withExtra = (place: Place, at: string | undefined): Place => (at === undefined ? place : { ...place, elsewhere: { extra_content: at } })

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
  /** The first of them. */
  at: string | undefined
  /** By the id of a tool call, what its provider wants back with it, and the block that has it. */
  readonly extras = new Map<string, { readonly extra: unknown; readonly at: string }>()

  constructor(changes: Changes) {
    this.#changes = changes
  }

  get told(): Pick<HubMessage, 'reasoning_content' | 'reasoning_details'> {
    return { ...(this.#text !== '' && { reasoning_content: this.#text }), ...(this.#details.length > 0 && { reasoning_details: this.#details }) }
  }

  /** False for a block that is no thought. */
  take(block: Block, at: string): boolean {
    if (block.type !== 'thinking' && block.type !== 'redacted_thinking') return false
    const path = pathOf(at)
    this.at ??= path
    if (block.type === 'thinking') {
      const { thinking, signature } = readThinking(block, at)
      noteUnread(block, THINKING, { at, changes: this.#changes })
      this.#text += thinking
      // What nobody signed nobody wants back.
      if (signature && !this.#opened(signature, thinking, path)) this.#keep({ type: 'reasoning.text', text: thinking, signature, format: ANTHROPIC_FORMAT })
      return true
    }
    const { data } = readRedactedThinking(block, at)
    noteUnread(block, REDACTED_THINKING, { at, changes: this.#changes })
    if (!this.#opened(data, '', path)) this.#keep({ type: 'reasoning.encrypted', data, format: ANTHROPIC_FORMAT })
    return true
  }

  /** Takes what was sealed for another provider; false when it was not. */
  #opened(signature: string, text: string, at: string): boolean {
    const own = unsealed(signature)
    for (const detail of own?.details ?? []) this.#keep(text === '' ? detail : { ...detail, [detail.type === 'reasoning.summary' ? 'summary' : 'text']: text })
    for (const [call, extra] of Object.entries(own?.calls ?? {})) this.extras.set(call, { extra, at })
    return own !== undefined
  }

  #keep(detail: ReasoningDetail): void {
    this.#details.push({ ...detail, index: detail.index ?? this.#details.length })
  }
}
