import { digest } from '../../digest.ts'
import { isRecord } from '../usage.ts'
import type { Ruled } from './apply.ts'
import type { Rules } from './rule.ts'

type Message = Readonly<Record<string, unknown>>

/** A rule for one message: the message itself where it has nothing to change. */
type MessageRule = (message: Message, at: number, ruled: Ruled) => Message

/** Applies what an entry says of messages. They are looked into only where they may hold something that it concerns. */
export function applyToMessages(rules: Rules, ruled: Ruled): void {
  const wanted = messageRules(rules, ruled)
  if (wanted.length === 0) return
  const { members } = ruled
  const messages = members.get('messages')
  if (!Array.isArray(messages)) return
  const result = messages.map((message: unknown, at) => (isRecord(message) ? wanted.reduce((kept, rule) => rule(kept, at, ruled), message) : message))
  if (result.some((message, at) => message !== messages[at])) members.set('messages', result)
}

function messageRules({ roles, messageFields, toolIds, thoughts }: Rules, { members }: Ruled): MessageRule[] {
  const mentioned = (text: string): boolean => members.mentions('messages', `"${text}"`)
  return [
    ...(roles && Object.keys(roles).some(mentioned) ? [withRole(roles)] : []),
    ...(messageFields?.some(mentioned) ? [without(messageFields)] : []),
    ...(toolIds && (mentioned('tool_calls') || mentioned('tool_call_id')) ? [withShortIds] : []),
    ...(thoughts === 'always' && mentioned('assistant') ? [withThoughts] : []),
    ...((thoughts === 'never' || thoughts === 'with calls') && mentioned('reasoning_content') ? [withoutThoughts(thoughts)] : []),
  ]
}

const withRole =
  (roles: Readonly<Record<string, string>>): MessageRule =>
  (message, at, { changes }) => {
    const to = typeof message.role === 'string' ? roles[message.role] : undefined
    if (to === undefined) return message
    changes.renamed(`messages[${at}].role`, to)
    return { ...message, role: to }
  }

const without =
  (fields: readonly string[]): MessageRule =>
  (message, at, { changes }) => {
    const refused = fields.filter(field => field in message)
    if (refused.length === 0) return message
    for (const field of refused) {
      const value = message[field]
      if (value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0)) changes.dropped(`messages[${at}].${field}`)
    }
    return Object.fromEntries(Object.entries(message).filter(([field]) => !refused.includes(field)))
  }

const withThoughts: MessageRule = message => (message.role === 'assistant' && typeof message.reasoning_content !== 'string' ? { ...message, reasoning_content: '' } : message)

const withoutThoughts =
  (when: 'never' | 'with calls'): MessageRule =>
  (message, at, ruled) => {
    const calls = Array.isArray(message.tool_calls) && message.tool_calls.length > 0
    return when === 'with calls' && calls ? message : without(['reasoning_content'])(message, at, ruled)
  }

const withShortIds: MessageRule = (message, at, { changes }) => {
  const short = (id: unknown, place: string): unknown => {
    if (typeof id !== 'string' || NINE.test(id)) return id
    const to = nineCharacters(id)
    changes.renamed(`messages[${at}].${place}`, to)
    return to
  }
  const result: Record<string, unknown> = { ...message }
  if (message.tool_call_id !== undefined) result.tool_call_id = short(message.tool_call_id, 'tool_call_id')
  if (Array.isArray(message.tool_calls)) {
    result.tool_calls = message.tool_calls.map((call: unknown, index) => {
      if (!isRecord(call)) return call
      const id = short(call.id, `tool_calls[${index}].id`)
      return id === call.id ? call : { ...call, id }
    })
  }
  const same = result.tool_call_id === message.tool_call_id && JSON.stringify(result.tool_calls) === JSON.stringify(message.tool_calls)
  return same ? message : result
}

const NINE = /^[a-zA-Z0-9]{9}$/

/** Nine of 16 characters are 7e10 ids: among the calls of one conversation two do not meet. */
const nineCharacters = (id: string): string => digest(id).slice(0, 9)

/** The schema as a sentence for the model, ahead of what the user says: then the provider's JSON mode, which wants to be spoken of, does the rest. */
export function tellSchema({ members, changes }: Ruled): void {
  const format = members.get('response_format')
  if (!isRecord(format) || format.type !== 'json_schema') return
  members.set('response_format', { type: 'json_object' })
  changes.emulated('response_format', 'json_object')
  const { schema } = isRecord(format.json_schema) ? format.json_schema : {}
  const messages = members.get('messages')
  if (!Array.isArray(messages)) return
  const content = `Answer with one JSON object and nothing else.${schema === undefined ? '' : ` It has to match this JSON schema:\n${JSON.stringify(schema)}`}`
  const first = messages.findIndex((message: unknown) => !isRecord(message) || (message.role !== 'system' && message.role !== 'developer'))
  members.set('messages', messages.toSpliced(first === -1 ? messages.length : first, 0, { role: 'system', content }))
}
