import { type Usage, outputTokens } from '@gomodel/contracts'

/** A block of content in a whole answer. */
export type Block =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool_use'; readonly id: string; readonly name: string; readonly input: unknown }

/** More of the block that is open. A signature comes as a whole: clients take the last one. */
export type BlockDelta =
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'signature_delta'; readonly signature: string }
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string }

/** Why an answer ended, and why a refusal was one, which nobody but Anthropic says. */
export interface Stopped {
  readonly stop_reason: 'end_turn' | 'max_tokens' | 'tool_use' | 'refusal'
  readonly stop_sequence: null
  readonly stop_details: { readonly type: 'refusal'; readonly category: null; readonly explanation: null } | null
}

/** How an answer ended, from the hub's finish reason and what was in it. */
export function stopped(finish: string | null | undefined, said: { readonly calls: boolean; readonly refused: boolean }): Stopped {
  const reason = finish === 'length' ? 'max_tokens' : finish === 'content_filter' || said.refused ? 'refusal' : said.calls ? 'tool_use' : 'end_turn'
  return { stop_reason: reason, stop_sequence: null, stop_details: reason === 'refusal' ? { type: 'refusal', category: null, explanation: null } : null }
}

/** Usage as Anthropic says it: what came from a cache or went into it is no part of the input tokens. */
export function messageUsage(usage: Usage) {
  return {
    input_tokens: usage.inputUncached + usage.inputAudio,
    cache_creation_input_tokens: usage.inputCacheWrite5m + usage.inputCacheWrite1h,
    cache_read_input_tokens: usage.inputCacheRead,
    cache_creation: { ephemeral_5m_input_tokens: usage.inputCacheWrite5m, ephemeral_1h_input_tokens: usage.inputCacheWrite1h },
    output_tokens: outputTokens(usage),
    output_tokens_details: { thinking_tokens: usage.outputReasoning },
  }
}

/** Where nothing is known of it. */
export const NO_USAGE = { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 }

/** The id of a message, made from the one that the provider gave, else from the request's. */
export const messageId = (id: string | undefined, requestId: string): string => {
  const own = (id || requestId).replaceAll(/[^A-Za-z0-9_-]/g, '')
  return own.startsWith('msg_') ? own : `msg_${own}`
}
