import type { Usage } from '@gomodel/contracts'

const MAX_NATIVE_CHARACTERS = 8 * 1024

/** The tokens of an answer in the OpenAI dialect, where the prompt includes what came from a cache and the completion includes the reasoning. */
export function usageOf(value: unknown): Usage | undefined {
  if (!isRecord(value)) return undefined
  const prompt = tokens(value.prompt_tokens)
  const completion = tokens(value.completion_tokens)
  if (prompt === undefined && completion === undefined) return undefined
  const cached = tokens(member(value.prompt_tokens_details, 'cached_tokens')) ?? tokens(value.prompt_cache_hit_tokens) ?? 0
  const reasoning = tokens(member(value.completion_tokens_details, 'reasoning_tokens')) ?? 0
  return {
    inputUncached: Math.max(0, (prompt ?? 0) - cached),
    inputCacheRead: Math.min(cached, prompt ?? 0),
    outputText: Math.max(0, (completion ?? 0) - reasoning),
    outputReasoning: reasoning,
    source: 'final',
  }
}

/** The usage object as it came, unless it is so large that it would not fit into the end of an answer. */
export const nativeUsageOf = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  isRecord(value) && JSON.stringify(value).length <= MAX_NATIVE_CHARACTERS ? value : undefined

/** A value that has members by name. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const member = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined)

// Some providers count in floats, and a proxy was seen to count below zero.
const tokens = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? Math.max(0, Math.round(value)) : undefined
