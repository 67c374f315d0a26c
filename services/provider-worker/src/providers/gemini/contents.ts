import { GatewayError } from '@gomodel/contracts'
import type { Changes } from '../../hub/changes.ts'
import type { HubMessage } from '../../hub/hub.ts'
import { assistantParts } from './assistant-parts.ts'
import type { Fields } from './fields.ts'
import { partsOf } from './media.ts'
import type { ModelFacts } from './model-facts.ts'
import { toolResult } from './tool-result.ts'

/** A conversation as Gemini wants it: what the system says apart, and turns of user and model that alternate. */
export interface Conversation {
  readonly contents: readonly Turn[]
  readonly systemInstruction: Fields | undefined
}

export interface Turn {
  readonly role: 'user' | 'model'
  readonly parts: Fields[]
}

/** Fields of a message that are read here, or that tell only the reader of an answer something: what was thought, what was cited. */
const READ: ReadonlySet<string> = new Set([
  'role', 'content', 'name', 'refusal', 'tool_calls', 'tool_call_id', 'is_error', 'images', 'reasoning_details', 'reasoning_content', 'annotations',
])

/** Throws a GatewayError that names the field when Gemini has no words for something. */
export function conversationOf(messages: readonly HubMessage[], facts: ModelFacts, changes: Changes): Conversation {
  const turns: Turn[] = []
  const system: Fields[] = []
  /** The names of the tools that were called, by the ids of the calls so far. */
  const called = new Map<string, string>()
  const say = (role: Turn['role'], parts: Fields[]): void => {
    const last = turns.at(-1)
    if (last?.role === role) last.parts.push(...parts)
    else if (parts.length > 0) turns.push({ role, parts })
  }
  for (const [at, message] of messages.entries()) {
    const where = `messages[${at}]`
    noteLosses(message, where, changes)
    switch (message.role) {
      case 'system':
      case 'developer':
        if (turns.length > 0) changes.emulated(where, 'systemInstruction')
        system.push(...systemParts(message, where, changes))
        break
      case 'user':
        say('user', partsOf(message.content, `${where}.content`, changes))
        break
      case 'assistant':
        for (const { id, function: { name } } of message.tool_calls ?? []) called.set(id, name)
        say('model', assistantParts(message, { where, facts, changes }))
        break
      case 'tool':
        say('user', [toolResult(message, { where, facts, changes, name: called.get(message.tool_call_id ?? '') })])
        break
      default:
        throw new GatewayError('unsupported', `${where}.role is none that Gemini knows: ${message.role.slice(0, 60)}`, { param: `${where}.role` })
    }
  }
  if (turns.length === 0) throw new GatewayError('invalid_request', 'messages must hold more than what the system says', { param: 'messages' })
  return { contents: turns, systemInstruction: system.length > 0 ? { parts: system } : undefined }
}

function systemParts({ content }: HubMessage, where: string, changes: Changes): Fields[] {
  const parts = partsOf(content, `${where}.content`, changes)
  if (parts.every(part => 'text' in part)) return parts
  throw new GatewayError('unsupported', `${where}.content may only be text: Gemini's system instruction is nothing else`, { param: `${where}.content` })
}

function noteLosses(message: HubMessage, where: string, changes: Changes): void {
  if (message.name) changes.dropped(`${where}.name`)
  for (const [field, value] of Object.entries(message)) {
    if (!READ.has(field) && value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0)) changes.dropped(`${where}.${field}`)
  }
}
