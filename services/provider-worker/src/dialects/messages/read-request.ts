import { createHash } from 'node:crypto'
import { GatewayError } from '@gomodel/contracts'
import type { Changes, PlaceOf } from '../../hub/changes.ts'
import type { HubMessage, HubRequest } from '../../hub/hub.ts'
import { parseExactly } from '../../providers/anthropic/exact-json.ts'
import { type Naming, placesIn } from '../places.ts'
import { effortPlace, thinkingOf } from './effort.ts'
import { conversationOf } from './read-conversation.ts'
import { toolNames, toolsOf } from './read-tools.ts'
import { noteUnread } from './reader.ts'
import { type MessagesRequest, readRequest } from './request-schema.ts'
import { formatPlace, responseFormatOf } from './response-format.ts'

const FIELDS = new Set(['model', 'messages', 'max_tokens', 'stream', 'system', 'stop_sequences', 'temperature', 'top_p', 'top_k', 'metadata', 'thinking', 'output_config', 'output_format', 'tools', 'tool_choice', 'container', 'mcp_servers'])
const METADATA = new Set(['user_id'])
const OUTPUT_CONFIG = new Set(['effort', 'format'])

const LONG_NUMBER = /\d{16}/

// What OpenAI takes as `user`; Claude Code's ids are longer.
const MAX_USER_CHARACTERS = 64

/** What the hub has under another name. */
const NAMES = {
  messages: 'messages',
  stop: 'stop_sequences',
  user: 'metadata.user_id',
  max_completion_tokens: 'max_tokens',
  parallel_tool_calls: 'tool_choice.disable_parallel_tool_use',
  'tool_choice.function': 'tool_choice',
} as const
const PART: Naming['part'] = { image_url: 'source', file: 'source', 'file.file_data': 'source.data', 'file.filename': 'title' }
const CALL: Naming['call'] = { function: '', 'function.arguments': 'input' }

/** Reads a request of Anthropic's Messages API into the hub's words, and where in the request they come from. */
export function readMessages(body: Uint8Array, changes: Changes): { readonly chat: HubRequest; readonly placeOf: PlaceOf } {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
  const request = readRequest(JSON.parse(text))
  refuseServerSide(request)
  noteUnread(request, FIELDS, { at: '', changes })
  noteUnread(request.metadata ?? {}, METADATA, { at: '/metadata', changes })
  noteUnread(request.output_config ?? {}, OUTPUT_CONFIG, { at: '/output_config', changes })
  const said = conversationOf(LONG_NUMBER.test(text) ? withExactMessages(request, text) : request, changes)
  const format = formatPlace(request)
  const fields = { ...NAMES, ...toolNames(request), reasoning_effort: effortPlace(request), response_format: format, 'response_format.json_schema': format }
  return { chat: chatOf(request, said.map(({ message }) => message), changes), placeOf: placesIn({ fields, part: PART, call: CALL }, said.map(({ place }) => place)) }
}

function chatOf(request: MessagesRequest, messages: readonly HubMessage[], changes: Changes): HubRequest {
  const { model, max_tokens: maxTokens, stop_sequences: stop, temperature, top_p: topP, top_k: topK } = request
  return {
    model,
    messages,
    ...toolsOf(request, changes),
    ...thinkingOf(request, changes),
    ...responseFormatOf(request),
    ...given('max_tokens', maxTokens),
    ...(stop && stop.length > 0 && { stop }),
    ...given('temperature', temperature),
    ...given('top_p', topP),
    ...given('top_k', topK),
    ...given('user', userOf(request, changes)),
  }
}

/** The arguments of tools are written again: ids of 64 bits must come out as they went in. */
const withExactMessages = (request: MessagesRequest, text: string): MessagesRequest => ({ ...request, messages: (parseExactly(text) as MessagesRequest).messages })

/** What runs at Anthropic cannot be had elsewhere. */
function refuseServerSide(request: MessagesRequest): void {
  for (const param of ['mcp_servers', 'container'] as const) {
    const value: unknown = param in request ? (request as Readonly<Record<string, unknown>>)[param] : undefined
    if (value === null || value === undefined || (Array.isArray(value) && value.length === 0)) continue
    throw new GatewayError('unsupported', `${param} is something that only Anthropic itself has`, { param })
  }
}

function userOf({ metadata }: MessagesRequest, changes: Changes): string | undefined {
  const id = metadata?.user_id
  if (!id) return undefined
  if (id.length <= MAX_USER_CHARACTERS) return id
  changes.clamped('metadata.user_id', 'its SHA-256')
  return createHash('sha256').update(id).digest('base64url')
}

const given = <N extends keyof HubRequest, V>(name: N, value: V | null | undefined): { readonly [K in N]?: V } =>
  value === null || value === undefined ? {} : ({ [name]: value } as { readonly [K in N]?: V })
