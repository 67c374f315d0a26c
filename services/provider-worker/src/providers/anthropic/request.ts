import type { Changes } from '../../hub/changes.ts'
import type { HubRequest } from '../../hub/hub.ts'
import type { GenerateRequest, Identity } from '../../provider.ts'
import { isRecord } from '../usage.ts'
import { conversationOf } from './conversation.ts'
import { answerFormat } from './format.ts'
import { traitsOf } from './model-traits.ts'
import { unsupported } from './refusals.ts'
import { samplingOf, stopSequencesOf } from './sampling.ts'
import { maxTokensFor, thinkingFor } from './thinking.ts'
import { toolChoiceOf, toolsOf } from './tools.ts'

/** A request as the provider takes it. */
export interface MessagesRequest {
  readonly body: Readonly<Record<string, unknown>>
  /** What it needs that the provider calls beta. */
  readonly betas: readonly string[]
  /** The tool whose arguments are the answer, where a form of answer is emulated so. */
  readonly answerTool: string | undefined
}

const FILES_BETA = 'files-api-2025-04-14'

/** Fields that are read here or below; whether a stream shows usage concerns only the client. */
const READ = new Set(
  'model messages stream stream_options tools tool_choice parallel_tool_calls response_format max_tokens max_completion_tokens temperature top_p top_k n stop reasoning_effort thinking user safety_identifier metadata service_tier betas output_config'.split(' '),
)
/** The provider's own, passed as they are. */
const NATIVE = new Set('container context_management mcp_servers inference_geo cache_control speed fallbacks'.split(' '))
/** What some fields say when they say nothing. */
const NEUTRAL: Readonly<Record<string, unknown>> = { frequency_penalty: 0, presence_penalty: 0, top_logprobs: 0 }
/** Without these the caller would get something else than it asked for. */
const ESSENTIAL = ['functions', 'function_call']

/** A hub request in the provider's words. Throws a GatewayError that names the field for which it has none. */
export function messagesRequest(identity: Identity, chat: HubRequest, { request, changes }: { request: GenerateRequest; changes: Changes }): MessagesRequest {
  if ((chat.n ?? 1) > 1) throw unsupported('n', 'cannot be more than 1 here')
  const traits = traitsOf(identity.modelOptions?.get(request.model)?.baseModel ?? request.model)
  const { thinking, effort, budget, on } = thinkingFor(chat, traits, changes)
  const forced = traits.forcedTools && !on
  const format = answerFormat(chat, { traits, forced, changes })
  const { system, turns } = conversationOf(chat.messages, changes)
  const prompt = format.instruction === undefined ? system : [...system, { type: 'text', text: format.instruction }]
  const tools = [...toolsOf(chat, traits, changes), ...(format.answerTool ? [format.answerTool] : [])]
  const choice = toolChoiceOf(chat, { format, forced, changes })
  const stops = stopSequencesOf(chat, changes)
  const metadata = metadataOf(chat, changes)
  const tier = tierOf(chat, changes)
  const config = { ...(isRecord(chat.output_config) && chat.output_config), ...(effort !== undefined && { effort }), ...(format.format && { format: format.format }) }
  const body = {
    model: request.model,
    max_tokens: maxTokensFor(chat, traits, { budget, changes }),
    ...(prompt.length > 0 && { system: prompt }),
    messages: turns,
    ...(tools.length > 0 && { tools }),
    ...(choice && { tool_choice: choice }),
    ...(thinking && { thinking }),
    ...(Object.keys(config).length > 0 && { output_config: config }),
    ...samplingOf(chat, on ? 'none' : traits.sampling, changes),
    ...(stops.length > 0 && { stop_sequences: stops }),
    ...(metadata && { metadata }),
    ...(tier !== undefined && { service_tier: tier }),
    ...nativeFields(chat, changes),
    ...(request.stream && { stream: true }),
  }
  return { body, betas: betasOf(chat), answerTool: format.answerTool?.name }
}

/** The provider's own fields; all others that say something are taken note of. */
function nativeFields(chat: HubRequest, changes: Changes): Record<string, unknown> {
  const native: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(chat)) {
    if (READ.has(name) || saysNothing(name, value)) continue
    if (ESSENTIAL.includes(name)) throw unsupported(name, 'is not supported; use tools')
    if (NATIVE.has(name)) native[name] = value
    else changes.dropped(name)
  }
  return native
}

function saysNothing(name: string, value: unknown): boolean {
  if (value === null || value === undefined || value === false) return true
  return typeof value === 'object' ? Object.keys(value).length === 0 : name in NEUTRAL && NEUTRAL[name] === value
}

/** Who the end user is, and nothing more: that is all that the provider keeps. */
function metadataOf({ metadata, user, safety_identifier: identifier }: HubRequest, changes: Changes): Record<string, unknown> | undefined {
  const given = isRecord(metadata) ? metadata : {}
  for (const name of Object.keys(given)) if (name !== 'user_id') changes.dropped(`metadata.${name}`)
  if (given.user_id !== undefined) {
    if (user) changes.dropped('user')
    if (identifier) changes.dropped('safety_identifier')
    return { user_id: given.user_id }
  }
  if (user) {
    changes.renamed('user', 'metadata.user_id')
    if (identifier) changes.dropped('safety_identifier')
    return { user_id: user }
  }
  if (typeof identifier !== 'string' || identifier === '') return undefined
  changes.renamed('safety_identifier', 'metadata.user_id')
  return { user_id: identifier }
}

function tierOf({ service_tier: tier }: HubRequest, changes: Changes): string | undefined {
  if (tier === null || tier === undefined) return undefined
  if (tier === 'auto' || tier === 'standard_only') return tier
  if (tier === 'default') {
    changes.renamed('service_tier', 'standard_only')
    return 'standard_only'
  }
  changes.dropped('service_tier')
  return undefined
}

function betasOf({ betas, messages }: HubRequest): string[] {
  const asked: readonly unknown[] = Array.isArray(betas) ? betas : []
  const files = messages.some(({ content }) => Array.isArray(content) && content.some(part => part.type === 'file' && part.file.file_id !== undefined))
  return [...asked.filter(beta => typeof beta === 'string'), ...(files ? [FILES_BETA] : [])]
}
