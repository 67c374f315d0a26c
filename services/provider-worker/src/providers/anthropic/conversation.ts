import type { Changes } from '../../hub/changes.ts'
import type { HubMessage, ToolCall } from '../../hub/hub.ts'
import { isRecord } from '../usage.ts'
import type { Block, ContentBlock, TextBlock, ToolResultBlock, ToolUseBlock, Turn } from './blocks.ts'
import { blocksOf, isBlank, textsOf } from './content.ts'
import { parseExactly } from './exact-json.ts'
import { thinkingOf } from './reasoning.ts'
import { invalid, unsupported } from './refusals.ts'
import { toolIdFor } from './tool-ids.ts'

/** What is said before the conversation, and its turns. */
export interface Conversation {
  readonly system: TextBlock[]
  readonly turns: readonly Turn[]
}

const READ = new Set(['role', 'content', 'refusal', 'tool_calls', 'tool_call_id', 'is_error', 'reasoning_content', 'reasoning_details'])

/** The messages as the provider takes them: system apart, the others in turns that alternate. */
export function conversationOf(messages: readonly HubMessage[], changes: Changes): Conversation {
  const system: TextBlock[] = []
  const turns: Turn[] = []
  for (const [at, message] of messages.entries()) {
    const where = `messages[${at}]`
    noteUnread(message, where, changes)
    if (message.role === 'system' || message.role === 'developer') {
      if (turns.length > 0) changes.emulated(where, 'system')
      system.push(...textsOf(message.content, where, changes))
      continue
    }
    const { role, content } = turnOf(message, where, changes)
    const last = turns.at(-1)
    if (last?.role === role) last.content.push(...content)
    else if (content.length > 0) turns.push({ role, content })
  }
  if (turns.length === 0) throw invalid('messages', 'must hold something that is said to the model')
  for (const turn of turns) if (turn.role === 'user') resultsFirst(turn.content)
  trimLast(turns, changes)
  return { system, turns }
}

function turnOf(message: HubMessage, where: string, changes: Changes): Turn {
  switch (message.role) {
    case 'user':
      return { role: 'user', content: blocksOf(message.content, where, changes) }
    case 'assistant':
      return { role: 'assistant', content: saidBy(message, where, changes) }
    case 'tool':
      return { role: 'user', content: [resultOf(message, where, changes)] }
    default:
      throw unsupported(`${where}.role`, 'is not known to the provider')
  }
}

function saidBy(message: HubMessage, where: string, changes: Changes): Block[] {
  const thoughts = thinkingOf(message, where, changes)
  const refusal: TextBlock[] = message.refusal && !isBlank(message.refusal) ? [{ type: 'text', text: message.refusal }] : []
  const calls = (message.tool_calls ?? []).map((call, at) => useOf(call, `${where}.tool_calls[${at}]`, changes))
  return [...thoughts, ...textsOf(message.content, where, changes), ...refusal, ...calls]
}

function useOf(call: ToolCall, where: string, changes: Changes): ToolUseBlock {
  if (call.extra_content !== undefined) changes.dropped(`${where}.extra_content`)
  return { type: 'tool_use', id: acceptedId(call.id, `${where}.id`, changes), name: call.function.name, input: inputOf(call.function.arguments, `${where}.function.arguments`) }
}

function inputOf(text: string, where: string): unknown {
  let input: unknown
  try {
    input = isBlank(text) ? {} : parseExactly(text)
  } catch {
    // What it is instead is judged below.
  }
  if (isRecord(input)) return input
  throw invalid(where, 'must be a JSON object')
}

function resultOf(message: HubMessage, where: string, changes: Changes): ToolResultBlock {
  if (message.tool_call_id === undefined) throw invalid(`${where}.tool_call_id`, 'is required')
  const blocks = blocksOf(message.content, where, changes)
  const marked = blocks.findLast(block => block.cache_control)
  const content = typeof message.content === 'string' ? message.content : blocks.map(unmarked)
  return {
    type: 'tool_result',
    tool_use_id: acceptedId(message.tool_call_id, `${where}.tool_call_id`, changes),
    ...(content.length > 0 && { content }),
    ...(message.is_error && { is_error: true }),
    // Inside a result the mark would not be seen.
    ...(marked?.cache_control && { cache_control: marked.cache_control }),
  }
}

const unmarked = (block: ContentBlock): ContentBlock => {
  const { cache_control: mark, ...plain } = block
  return mark ? plain : block
}

function acceptedId(id: string, where: string, changes: Changes): string {
  const accepted = toolIdFor(id)
  if (accepted !== id) changes.renamed(where, accepted)
  return accepted
}

/** The results of tools have to follow their calls at once. */
function resultsFirst(content: Block[]): void {
  content.sort((one, other) => Number(other.type === 'tool_result') - Number(one.type === 'tool_result'))
}

/** An answer that the model is to continue must not end in white space. */
function trimLast(turns: readonly Turn[], changes: Changes): void {
  const last = turns.at(-1)
  const block = last?.content.at(-1)
  if (last?.role !== 'assistant' || block?.type !== 'text') return
  const text = block.text.trimEnd()
  if (text === block.text) return
  changes.clamped('messages', 'without white space at the end')
  last.content[last.content.length - 1] = { ...block, text }
}

function noteUnread(message: HubMessage, where: string, changes: Changes): void {
  for (const [name, value] of Object.entries(message)) {
    if (READ.has(name) || value === null || value === undefined || (Array.isArray(value) && value.length === 0)) continue
    changes.dropped(`${where}.${name}`)
  }
}
