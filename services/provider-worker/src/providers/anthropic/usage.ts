import { NO_TOKENS, type Usage } from '@gomodel/contracts'
import { isRecord } from '../usage.ts'

type Given = Readonly<Record<string, unknown>>

/** What is known of an answer's cost after a further piece of it: later values take the place of earlier ones, a null of none. */
export function mergedUsage(known: Given | undefined, given: unknown): Given | undefined {
  if (!isRecord(given)) return known
  const told = Object.entries(given).filter(([, value]) => value !== null && value !== undefined)
  return told.length === 0 ? known : { ...known, ...Object.fromEntries(told) }
}

/** The tokens of an answer; its input counts leave out what came from a cache or went into it. */
export function usageOf(given: Given | undefined, source: Usage['source']): Usage | undefined {
  if (!given) return undefined
  const input = tokens(given.input_tokens)
  const output = tokens(given.output_tokens)
  if (input === undefined && output === undefined) return undefined
  const split = isRecord(given.cache_creation) ? given.cache_creation : {}
  const hour = tokens(split.ephemeral_1h_input_tokens) ?? 0
  // The closing figure of a stream restates the sum without the parts.
  const written = tokens(given.cache_creation_input_tokens) ?? hour + (tokens(split.ephemeral_5m_input_tokens) ?? 0)
  const thought = isRecord(given.output_tokens_details) ? (tokens(given.output_tokens_details.thinking_tokens) ?? 0) : 0
  return {
    ...NO_TOKENS,
    inputUncached: input ?? 0,
    inputCacheRead: tokens(given.cache_read_input_tokens) ?? 0,
    inputCacheWrite5m: Math.max(0, written - hour),
    inputCacheWrite1h: Math.min(hour, written),
    outputText: Math.max(0, (output ?? 0) - thought),
    outputReasoning: Math.min(thought, output ?? 0),
    source,
  }
}

const tokens = (value: unknown): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? Math.max(0, Math.round(value)) : undefined)
