import type { Changes } from '../../hub/changes.ts'
import type { HubMessage, HubRequest, HubTool, Part, ToolCall } from '../../hub/hub.ts'
import type { RulesOfModel } from '../rules.ts'

/** A request without what the hub has beyond OpenAI's chat, but for what the provider takes; and with pictures where that chat has room for them. */
export function withoutExtensions(chat: HubRequest, rules: RulesOfModel, changes: Changes): HubRequest {
  // Thinking is said by `reasoning_effort` as well.
  const { thinking: _, top_k: topK, ...rest } = chat
  const keepsTopK = rules.takes.has('top_k')
  if (!keepsTopK && topK !== undefined && topK !== null) changes.dropped('top_k')
  const messages = chat.messages.map((message, at) => plainMessage(message, `messages[${at}]`, { rules, changes }))
  return {
    ...rest,
    ...(keepsTopK && topK !== undefined && { top_k: topK }),
    messages,
    ...(rest.tools && { tools: rest.tools.map((tool, at) => plainTool(tool, at, { rules, changes })) }),
  }
}

interface Told {
  readonly rules: RulesOfModel
  readonly changes: Changes
}

function plainTool(tool: HubTool, at: number, { rules, changes }: Told): HubTool {
  if (tool.cache_control === undefined || rules.takes.has('cache_control')) return tool
  const { cache_control: cache, ...plain } = tool
  if (cache) changes.dropped(`tools[${at}].cache_control`)
  return plain
}

function plainMessage(message: HubMessage, where: string, told: Told): HubMessage {
  const { is_error: failed, reasoning_content: _, reasoning_details: __, ...rest } = message
  if (failed) told.changes.dropped(`${where}.is_error`)
  if (shows(message)) told.changes.emulated(`${where}.content`, 'a user message behind it')
  const { content, tool_calls: calls } = rest
  return {
    ...rest,
    ...thoughtsOf(message, where, told),
    ...(Array.isArray(content) && { content: plainParts(content as readonly Part[], where, told) }),
    ...(calls && { tool_calls: calls.map((call, at) => plainCall(call, `${where}.tool_calls[${at}]`, told)) }),
  }
}

/** What the model thought, as far as this provider wants it back: another's thoughts it is not given. */
function thoughtsOf({ reasoning_content: text, reasoning_details: all }: HubMessage, where: string, { rules, changes }: Told): Partial<HubMessage> {
  const details = all ?? []
  const own = rules.details ? details.filter(({ format }) => rules.details?.test(format ?? '')) : []
  if (own.length < details.length) changes.dropped(`${where}.reasoning_details`)
  if (own.length > 0) return { reasoning_details: own }
  if (typeof text !== 'string' || text === '') return {}
  if (details.length === 0 && rules.takes.has('reasoning_content')) return { reasoning_content: text }
  if (details.length === 0) changes.dropped(`${where}.reasoning_content`)
  return {}
}

function plainParts(parts: readonly Part[], where: string, { rules, changes }: Told): Part[] {
  if (rules.takes.has('cache_control')) return [...parts]
  return parts.map((part, at) => {
    if (!('cache_control' in part)) return part
    const { cache_control: cache, ...plain } = part
    if (cache) changes.dropped(`${where}.content[${at}].cache_control`)
    return plain
  })
}

function plainCall(call: ToolCall, where: string, { rules, changes }: Told): ToolCall {
  if (call.extra_content === undefined || rules.takes.has('extra_content')) return call
  const { extra_content: _, ...plain } = call
  changes.dropped(`${where}.extra_content`)
  return plain
}

/** Results of tools are text there: what else is in them follows in the user's name, behind the last result of the turn, which may not be parted. Of the messages behind that the places change. */
export function withShownResults(messages: readonly HubMessage[]): readonly HubMessage[] {
  if (!messages.some(shows)) return messages
  const result: HubMessage[] = []
  let shown: Part[] = []
  for (const message of messages) {
    if (message.role !== 'tool' && shown.length > 0) {
      result.push({ role: 'user', content: shown })
      shown = []
    }
    if (!shows(message)) {
      result.push(message)
      continue
    }
    const parts = message.content as readonly Part[]
    const texts = parts.filter(({ type }) => type === 'text')
    shown.push({ type: 'text', text: `From the result of the tool call ${message.tool_call_id ?? ''}:` }, ...parts.filter(({ type }) => type !== 'text'))
    result.push({ ...message, content: texts.length > 0 ? texts : [{ type: 'text', text: 'The result is shown below.' }] })
  }
  return shown.length > 0 ? [...result, { role: 'user', content: shown }] : result
}

const shows = ({ role, content }: HubMessage): boolean => role === 'tool' && Array.isArray(content) && (content as readonly Part[]).some(({ type }) => type !== 'text')
