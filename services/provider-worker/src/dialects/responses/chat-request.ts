import { GatewayError } from '@gomodel/contracts'
import type { Changes } from '../../hub/changes.ts'
import type { HubMessage, HubRequest, HubResponseFormat } from '../../hub/hub.ts'
import { readItems } from './items.ts'
import { type ResponsesRequest, given, wantsLogprobs } from './request.ts'
import { readTools } from './tools.ts'

/** Fields that a chat has under the same name. */
const SHARED = ['parallel_tool_calls', 'temperature', 'top_p', 'top_logprobs', 'user', 'safety_identifier', 'prompt_cache_key', 'prompt_cache_retention', 'service_tier'] as const

/** The chat that answers a request of the Responses API. */
export function chatRequest(request: ResponsesRequest, changes: Changes): HubRequest {
  const { model, max_output_tokens: limit, reasoning, text } = request
  const format = responseFormat(text?.format)
  return {
    model,
    messages: messagesOf(request, changes),
    ...Object.fromEntries(SHARED.filter(name => given(request[name])).map(name => [name, request[name]])),
    ...readTools(request, { changes }),
    ...(given(limit) && { max_completion_tokens: limit }),
    ...(given(reasoning?.effort) && { reasoning_effort: reasoning?.effort }),
    ...(format && { response_format: format }),
    ...(given(text?.verbosity) && { verbosity: text?.verbosity }),
    ...(wantsLogprobs(request) && { logprobs: true }),
  }
}

function messagesOf({ input, instructions }: ResponsesRequest, changes: Changes): HubMessage[] {
  if (input === null || input === undefined) throw new GatewayError('invalid_request', 'input is required', { param: 'input' })
  const said: HubMessage[] = typeof input === 'string' ? [{ role: 'user', content: input }] : readItems(input, { at: 'input', changes })
  const messages = typeof instructions === 'string' ? [{ role: 'system', content: instructions }, ...said] : said
  if (messages.length === 0) throw new GatewayError('invalid_request', 'input holds no item', { param: 'input' })
  return messages
}

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
