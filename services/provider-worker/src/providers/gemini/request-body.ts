import { GatewayError } from '@gomodel/contracts'
import type { Changes } from '../../hub/changes.ts'
import type { HubRequest } from '../../hub/hub.ts'
import { conversationOf } from './contents.ts'
import type { Fields } from './fields.ts'
import { generationConfigOf, given } from './generation-config.ts'
import type { ModelFacts } from './model-facts.ts'
import { isOwn, ownFieldsOf } from './own-fields.ts'
import { thinkingOf } from './thinking.ts'
import { toolsOf } from './tools.ts'

/** Fields of the hub that have their place in Gemini's request, or none because the gateway sees to them itself. */
const READ: ReadonlySet<string> = new Set([
  'model', 'messages', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls', 'response_format', 'max_tokens', 'max_completion_tokens',
  'temperature', 'top_p', 'top_k', 'n', 'stop', 'seed', 'frequency_penalty', 'presence_penalty', 'logprobs', 'top_logprobs', 'reasoning_effort', 'thinking', 'modalities',
])

/** Without these the caller would get something else than it asked for. */
const ESSENTIAL: ReadonlySet<string> = new Set(['functions', 'function_call'])

/** A chat as the body of `generateContent`. Throws a GatewayError that names what cannot be said. */
export function requestBodyOf(chat: HubRequest, facts: ModelFacts, changes: Changes): Fields {
  noteLosses(chat, changes)
  const own = ownFieldsOf(chat, changes)
  const { contents, systemInstruction } = conversationOf(chat.messages, facts, changes)
  const { declarations, calling } = toolsOf(chat, changes)
  const tools = [...(declarations.length > 0 ? [{ functionDeclarations: declarations }] : []), ...own.tools]
  const toolConfig = { ...own.toolConfig, ...(calling && { functionCallingConfig: { ...(own.toolConfig.functionCallingConfig as object | undefined), ...calling } }) }
  // Both at once are refused: Gemini's own words are the finer ones.
  const told = own.generationConfig.thinkingConfig !== undefined
  if (told && chat.reasoning_effort) changes.dropped('reasoning_effort')
  const thinkingConfig = told ? undefined : thinkingOf(chat.reasoning_effort, facts, changes)
  const generationConfig = { ...generationConfigOf(chat, changes), ...given({ thinkingConfig }), ...own.generationConfig }
  return {
    ...own.body,
    ...given({ systemInstruction }),
    contents,
    ...(tools.length > 0 && { tools }),
    ...(Object.keys(toolConfig).length > 0 && { toolConfig }),
    ...(Object.keys(generationConfig).length > 0 && { generationConfig }),
  }
}

function noteLosses(chat: HubRequest, changes: Changes): void {
  for (const [field, value] of Object.entries(chat)) {
    if (READ.has(field) || isOwn(field) || saysNothing(value)) continue
    if (ESSENTIAL.has(field)) throw new GatewayError('unsupported', `${field} is not supported by Gemini; use tools`, { param: field })
    changes.dropped(field)
  }
}

const saysNothing = (value: unknown): boolean =>
  value === null || value === undefined || value === false || value === 'auto' || (typeof value === 'object' && Object.keys(value).length === 0)
