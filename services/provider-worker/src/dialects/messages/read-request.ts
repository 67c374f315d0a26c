import { createHash } from 'node:crypto'
import { GatewayError } from '@gomodel/contracts'
import type { Changes } from '../../hub/changes.ts'
import type { HubRequest } from '../../hub/hub.ts'
import { parseExactly } from '../../providers/anthropic/exact-json.ts'
import { thinkingOf } from './effort.ts'
import { conversationOf } from './read-conversation.ts'
import { toolsOf } from './read-tools.ts'
import { noteUnread } from './reader.ts'
import { type MessagesRequest, readRequest } from './request-schema.ts'
import { responseFormatOf } from './response-format.ts'

const FIELDS = new Set(['model', 'messages', 'max_tokens', 'stream', 'system', 'stop_sequences', 'temperature', 'top_p', 'top_k', 'metadata', 'thinking', 'output_config', 'output_format', 'tools', 'tool_choice', 'container', 'mcp_servers'])
const METADATA = new Set(['user_id'])
const OUTPUT_CONFIG = new Set(['effort', 'format'])

const LONG_NUMBER = /\d{16}/

// What OpenAI takes as `user`; Claude Code's ids are longer.
const MAX_USER_CHARACTERS = 64

/** Reads a request of Anthropic's Messages API into the hub's words. */
export function readMessages(body: Uint8Array, changes: Changes): HubRequest {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()
  const request = readRequest(JSON.parse(text))
  refuseServerSide(request)
  noteUnread(request, FIELDS, { at: '', changes })
  noteUnread(request.metadata ?? {}, METADATA, { at: '/metadata', changes })
  noteUnread(request.output_config ?? {}, OUTPUT_CONFIG, { at: '/output_config', changes })
  const { model, max_tokens: maxTokens, stop_sequences: stop, temperature, top_p: topP, top_k: topK } = request
  return {
    model,
    messages: conversationOf(LONG_NUMBER.test(text) ? withExactMessages(request, text) : request, changes),
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
