import { GatewayError } from '@gomodel/contracts'
import type { Changes, PlaceOf } from '../../hub/changes.ts'
import type { HubMessage, HubRequest, HubResponseFormat } from '../../hub/hub.ts'
import { type Naming, type Said, placesIn } from '../places.ts'
import { readItems } from './items.ts'
import { type ResponsesRequest, given, logprobsPlace, wantsLogprobs } from './request.ts'
import { readTools, toolNames } from './tools.ts'

/** Fields that a chat has under the same name. */
const SHARED = ['parallel_tool_calls', 'temperature', 'top_p', 'top_logprobs', 'user', 'safety_identifier', 'prompt_cache_key', 'prompt_cache_retention', 'service_tier'] as const

/** What the hub has under another name. */
const FIELDS = {
  messages: 'input',
  max_tokens: 'max_output_tokens',
  max_completion_tokens: 'max_output_tokens',
  response_format: 'text.format',
  'response_format.json_schema': 'text.format',
  verbosity: 'text.verbosity',
  reasoning_effort: 'reasoning.effort',
  'tool_choice.function': 'tool_choice',
} as const
const PART: Naming['part'] = { 'image_url.url': 'image_url', 'image_url.detail': 'detail', file: '' }
const CALL: Naming['call'] = { id: 'call_id', function: '' }

/** The chat that answers a request of the Responses API, and where in the request it comes from. */
export function chatRequest(request: ResponsesRequest, changes: Changes): { readonly chat: HubRequest; readonly placeOf: PlaceOf } {
  const said = conversationOf(request, changes)
  const chat = chatOf(request, said.map(({ message }) => message), changes)
  const fields = { ...FIELDS, logprobs: logprobsPlace(request), ...toolNames(request, chat.tools) }
  return { chat, placeOf: placesIn({ fields, part: PART, call: CALL }, said.map(({ place }) => place)) }
}

function chatOf(request: ResponsesRequest, messages: readonly HubMessage[], changes: Changes): HubRequest {
  const { model, max_output_tokens: limit, reasoning, text } = request
  const format = responseFormat(text?.format)
  return {
    model,
    messages,
    ...Object.fromEntries(SHARED.filter(name => given(request[name])).map(name => [name, request[name]])),
    ...readTools(request, { changes }),
    ...(given(limit) && { max_completion_tokens: limit }),
    ...(given(reasoning?.effort) && { reasoning_effort: reasoning?.effort }),
    ...(format && { response_format: format }),
    ...(given(text?.verbosity) && { verbosity: text?.verbosity }),
    ...(wantsLogprobs(request) && { logprobs: true }),
  }
}

function conversationOf({ input, instructions }: ResponsesRequest, changes: Changes): Said[] {
  if (input === null || input === undefined) throw new GatewayError('invalid_request', 'input is required', { param: 'input' })
  const said = typeof input === 'string' ? [plainly('user', input, 'input')] : readItems(input, { at: 'input', changes })
  const all = typeof instructions === 'string' ? [plainly('system', instructions, 'instructions'), ...said] : said
  if (all.length === 0) throw new GatewayError('invalid_request', 'input holds no item', { param: 'input' })
  return all
}

const plainly = (role: string, content: string, at: string): Said => ({ message: { role, content }, place: { at, members: {} } })

function responseFormat(format: NonNullable<ResponsesRequest['text']>['format']): HubResponseFormat | undefined {
  if (!format || format.type === 'text') return undefined
  if (format.type === 'json_object') return { type: 'json_object' }
  const { name, description, schema, strict } = format
  if (name === undefined) throw new GatewayError('invalid_request', 'text.format.name is required', { param: 'text.format.name' })
  return {
    type: 'json_schema',
    json_schema: { name, ...(typeof description === 'string' && { description }), ...(schema && { schema: schema as Readonly<Record<string, unknown>> }), ...(given(strict) && { strict: strict ?? null }) },
  }
}
