import { NO_TOKENS, type Usage } from '@gomodel/contracts'

const MAX_NATIVE_CHARACTERS = 8 * 1024
/** xAI counts money in these; found by arithmetic on recorded answers. */
const TICKS_PER_USD = 1e10

/** The tokens of an answer in the OpenAI dialect, where the prompt includes what came from a cache and the completion includes the reasoning, in every spelling in use. */
export function usageOf(value: unknown): Usage | undefined {
  if (!isRecord(value)) return undefined
  // Cohere bills less than its model read: its own preamble is free.
  const billed = isRecord(value.billed_units) ? value.billed_units : undefined
  const prompt = tokens(billed?.input_tokens) ?? tokens(value.prompt_tokens)
  const completion = tokens(billed?.output_tokens) ?? tokens(value.completion_tokens)
  if (prompt === undefined && completion === undefined) return undefined
  const promptDetails = value.prompt_tokens_details ?? value.prompt_token_details
  const completionDetails = value.completion_tokens_details
  const reasoning = tokens(member(completionDetails, 'reasoning_tokens')) ?? 0
  const input = inputParts(prompt ?? 0, {
    cached: first(member(promptDetails, 'cached_tokens'), value.prompt_cache_hit_tokens, value.num_cached_tokens, value.cached_tokens),
    written: first(member(promptDetails, 'cache_write_tokens'), member(promptDetails, 'cache_creation_tokens'), value.cache_creation_input_tokens),
    audio: first(member(promptDetails, 'audio_tokens')),
  })
  const audio = Math.min(first(member(completionDetails, 'audio_tokens')), completion ?? 0)
  const said = (completion ?? 0) - audio - (isReasoningApart(value, reasoning) ? 0 : reasoning)
  const costUsd = costOf(value)
  return {
    ...NO_TOKENS,
    ...input,
    outputText: Math.max(0, said),
    outputReasoning: reasoning,
    outputAudio: audio,
    ...(costUsd !== undefined && { costUsd }),
    source: 'final',
  }
}

/** Parts that together are the prompt, even where they are said to overlap or to be more than it. */
function inputParts(prompt: number, said: { cached: number; written: number; audio: number }) {
  const inputCacheRead = Math.min(said.cached, prompt)
  const inputCacheWrite5m = Math.min(said.written, prompt - inputCacheRead)
  const inputAudio = Math.min(said.audio, prompt - inputCacheRead - inputCacheWrite5m)
  return { inputUncached: prompt - inputCacheRead - inputCacheWrite5m - inputAudio, inputCacheRead, inputCacheWrite5m, inputAudio }
}

/** Grok's reasoning is not part of its completion; the total tells, wherever Grok is served. */
function isReasoningApart(usage: Readonly<Record<string, unknown>>, reasoning: number): boolean {
  const total = tokens(usage.total_tokens)
  return reasoning > 0 && total === (tokens(usage.prompt_tokens) ?? 0) + (tokens(usage.completion_tokens) ?? 0) + reasoning
}

/** In US dollars: OpenRouter says it so, and with a key of the operator's own charges its fee beside the provider's price. */
function costOf({ cost, is_byok: byok, cost_details: details, cost_in_usd_ticks: ticks }: Readonly<Record<string, unknown>>): number | undefined {
  if (isAmount(ticks)) return ticks / TICKS_PER_USD
  if (!isAmount(cost)) return undefined
  const upstream = member(details, 'upstream_inference_cost')
  return byok === true && isAmount(upstream) ? cost + upstream : cost
}

const isAmount = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value) && value >= 0

/** The usage object as it came, unless it is so large that it would not fit into the end of an answer. */
export const nativeUsageOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  isRecord(value) && JSON.stringify(value).length <= MAX_NATIVE_CHARACTERS ? value : undefined

/** A value that has members by name. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const member = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined)

/** The first of some figures that is one, else 0. */
function first(...values: readonly unknown[]): number {
  for (const value of values) {
    const count = tokens(value)
    if (count !== undefined) return count
  }
  return 0
}

// Some providers count in floats, and a proxy was seen to count below zero.
const tokens = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? Math.max(0, Math.round(value)) : undefined
