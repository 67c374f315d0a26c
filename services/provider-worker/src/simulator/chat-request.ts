import { type Fields, flag, number, object, objects, required, text, wrongType } from './request-fields.ts'
import { wrong } from './refusal.ts'

/** One message of a conversation, as far as the simulator reads it. */
export interface Message {
  readonly role: string
  /** The text of all its parts. */
  readonly text: string
  /** Parts that are images, sounds or files. */
  readonly otherParts: number
  /** What an assistant called, by call id. */
  readonly calls: ReadonlyMap<string, string>
  /** The call that a tool's message answers. */
  readonly callId: string | undefined
}

/** A function that may be called. */
export interface Tool {
  readonly name: string
  /** A JSON Schema. */
  readonly parameters: unknown
}

/** What a chat request asks for. */
export interface ChatQuestion {
  readonly messages: readonly Message[]
  readonly stream: boolean
  readonly includeUsage: boolean
  /** How many answers are wanted. */
  readonly choices: number
  readonly maxTokens: number
  readonly stop: readonly string[]
  readonly format: { readonly kind: 'text' | 'json_object' } | { readonly kind: 'json_schema'; readonly schema: unknown }
  /** Those that may be called; none where calling is forbidden. */
  readonly tools: readonly Tool[]
  /** The one that must be called. */
  readonly forcedTool: string | undefined
  readonly parallelCalls: boolean
  /** Of messages and tools. */
  readonly characters: number
}

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool']
const FORMATS = ['text', 'json_object', 'json_schema'] as const
const MAX_CHOICES = 128
const MAX_STOPS = 4

/** Reads a chat request as strictly as OpenAI does, as far as the simulator honours it; other fields are ignored. */
export function chatQuestion(fields: Fields): ChatQuestion {
  required(fields, 'messages')
  const messages = objects(fields, 'messages', message)
  if (messages.length === 0) throw wrong('messages', "Invalid 'messages': empty array. Expected an array with minimum length 1.", 'empty_array')
  const stream = flag(fields, 'stream')
  const options = object(fields, 'stream_options')
  if (options && !stream) throw wrong('stream_options', "The 'stream_options' parameter is only allowed when 'stream' is enabled.")
  number(fields, 'temperature', { min: 0, max: 2, whole: false })
  number(fields, 'top_p', { min: 0, max: 1, whole: false })
  const limit = { min: 1, max: Number.MAX_SAFE_INTEGER, whole: true }
  const maxTokens = number(fields, 'max_tokens', limit)
  const tools = objects(fields, 'tools', tool)
  return {
    messages,
    stream,
    includeUsage: options !== undefined && flag(options, 'include_usage'),
    choices: number(fields, 'n', { min: 1, max: MAX_CHOICES, whole: true }) ?? 1,
    maxTokens: number(fields, 'max_completion_tokens', limit) ?? maxTokens ?? Infinity,
    stop: stops(fields),
    format: format(object(fields, 'response_format')),
    ...toolChoice(fields, tools),
    parallelCalls: (fields.parallel_tool_calls ?? true) !== false,
    characters: messages.reduce((sum, { text: { length } }) => sum + length, 0) + (tools.length > 0 ? JSON.stringify(fields.tools).length : 0),
  }
}

function message(fields: Fields, path: string): Message {
  const role = text(fields, 'role', `${path}.role`)
  if (!ROLES.includes(role)) throw wrong(`${path}.role`, `Invalid value: '${role.slice(0, 100)}'. Supported values are: ${ROLES.map(name => `'${name}'`).join(', ')}.`)
  const calls = objects(fields, 'tool_calls', (call, at) => [text(call, 'id', `${path}.${at}.id`), String(object(call, 'function')?.name ?? 'unknown')] as const)
  const spoken = content(fields, path)
  if (fields.content === undefined && calls.length === 0) throw wrong(`${path}.content`, `Missing required parameter: '${path}.content'.`, 'missing_required_parameter')
  return { role, ...spoken, calls: new Map(calls), callId: role === 'tool' ? text(fields, 'tool_call_id', `${path}.tool_call_id`) : undefined }
}

function content(fields: Fields, path: string): { text: string; otherParts: number } {
  const value = fields.content ?? ''
  if (typeof value === 'string') return { text: value, otherParts: 0 }
  if (!Array.isArray(value)) throw wrongType(`${path}.content`, 'a string or an array of objects')
  const parts = objects(fields, 'content', (part, at) => (text(part, 'type', `${path}.${at}.type`) === 'text' ? String(part.text ?? '') : undefined))
  const texts = parts.filter(part => part !== undefined)
  return { text: texts.join('\n'), otherParts: parts.length - texts.length }
}

function stops(fields: Fields): string[] {
  const value = fields.stop ?? []
  const all: unknown[] = Array.isArray(value) ? value : [value]
  const texts = all.filter(stop => typeof stop === 'string')
  if (texts.length < all.length) throw wrongType('stop', 'a string or an array of strings')
  if (texts.length > MAX_STOPS) throw wrong('stop', `Invalid 'stop': array too long. Expected an array with maximum length ${MAX_STOPS}.`, 'array_above_max_length')
  return texts.filter(stop => stop !== '')
}

function format(fields: Fields | undefined): ChatQuestion['format'] {
  const kind = FORMATS.find(name => name === (fields?.type ?? 'text'))
  if (kind === undefined) throw wrong('response_format.type', `Invalid value for 'response_format.type'. Supported values are: ${FORMATS.map(name => `'${name}'`).join(', ')}.`)
  if (kind !== 'json_schema') return { kind }
  const wanted = object(fields ?? {}, 'json_schema') ?? {}
  text(wanted, 'name', 'response_format.json_schema.name')
  return { kind, schema: wanted.schema ?? {} }
}

function tool(fields: Fields, path: string): Tool {
  if (fields.type !== 'function') throw wrong(`${path}.type`, "The simulator knows tools of the type 'function' only.")
  const called = object(fields, 'function') ?? {}
  return { name: text(called, 'name', `${path}.function.name`), parameters: called.parameters ?? {} }
}

function toolChoice(fields: Fields, tools: readonly Tool[]): Pick<ChatQuestion, 'tools' | 'forcedTool'> {
  const choice = fields.tool_choice ?? 'auto'
  if (choice === 'none') return { tools: [], forcedTool: undefined }
  if (choice === 'auto') return { tools, forcedTool: undefined }
  if (tools.length === 0) throw wrong('tool_choice', "Invalid value for 'tool_choice': 'tool_choice' is only allowed when 'tools' are specified.")
  if (choice === 'required') return { tools, forcedTool: undefined }
  const named = object(object(fields, 'tool_choice') ?? {}, 'function') ?? {}
  const forcedTool = text(named, 'name', 'tool_choice.function.name')
  if (!tools.some(({ name }) => name === forcedTool)) throw wrong('tool_choice', "Invalid value for 'tool_choice': the function is not among the 'tools'.")
  return { tools, forcedTool }
}
