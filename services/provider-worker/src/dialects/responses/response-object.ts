import type { Usage } from '@gomodel/contracts'
import type { HubCompletion } from '../../hub/hub.ts'
import type { GenerateRequest } from '../../provider.ts'
import type { OutputItem } from './output-types.ts'
import type { ResponsesRequest } from './request.ts'
import { responsesUsage } from './usage.ts'

/** A response as its client sees it. */
export interface ResponseObject {
  readonly id: string
  readonly object: 'response'
  readonly status: 'in_progress' | 'completed' | 'incomplete'
  readonly output: readonly OutputItem[]
  readonly [field: string]: unknown
}

/** A response that has just begun: the settings of its request told again, with the defaults where it had none. */
export function begunResponse({ spoken, request }: { spoken: ResponsesRequest; request: GenerateRequest }, said: Pick<HubCompletion, 'id' | 'created' | 'model'> & { readonly service_tier?: unknown }): ResponseObject {
  return {
    id: said.id,
    object: 'response',
    created_at: said.created,
    status: 'in_progress',
    background: false,
    completed_at: null,
    error: null,
    incomplete_details: null,
    instructions: spoken.instructions ?? null,
    max_output_tokens: spoken.max_output_tokens ?? null,
    max_tool_calls: spoken.max_tool_calls ?? null,
    model: said.model || request.model,
    output: [],
    parallel_tool_calls: spoken.parallel_tool_calls ?? true,
    previous_response_id: request.continues ?? null,
    prompt_cache_key: spoken.prompt_cache_key ?? null,
    reasoning: { effort: spoken.reasoning?.effort ?? null, summary: null },
    safety_identifier: spoken.safety_identifier ?? null,
    service_tier: typeof said.service_tier === 'string' ? said.service_tier : (spoken.service_tier ?? 'default'),
    store: spoken.store ?? true,
    temperature: spoken.temperature ?? null,
    text: { format: spoken.text?.format ?? { type: 'text' }, ...(spoken.text?.verbosity && { verbosity: spoken.text.verbosity }) },
    tool_choice: spoken.tool_choice ?? 'auto',
    tools: spoken.tools ?? [],
    top_logprobs: spoken.top_logprobs ?? 0,
    top_p: spoken.top_p ?? null,
    truncation: 'disabled',
    usage: null,
    user: spoken.user ?? null,
    metadata: spoken.metadata ?? {},
  }
}

const INCOMPLETE: Readonly<Record<string, string>> = { length: 'max_output_tokens', content_filter: 'content_filter' }

/** The same response when nothing more comes. */
export function endedResponse(begun: ResponseObject, { finish, usage }: { finish: string | undefined; usage: Usage | undefined }): ResponseObject {
  const reason = INCOMPLETE[finish ?? '']
  return {
    ...begun,
    status: reason === undefined ? 'completed' : 'incomplete',
    incomplete_details: reason === undefined ? null : { reason },
    usage: usage ? responsesUsage(usage) : null,
  }
}
