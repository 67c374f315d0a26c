import { NO_TOKENS, type Usage } from '@gomodel/contracts'
import { isRecord } from './usage.ts'

const USD_PER_TICK = 1e-10

/** The tokens of an answer of the Responses API, where the input includes what came from a cache and the output includes the reasoning. */
export function responsesUsageOf(value: unknown): Usage | undefined {
  if (!isRecord(value)) return undefined
  const input = tokens(value.input_tokens)
  const output = tokens(value.output_tokens)
  if (input === undefined && output === undefined) return undefined
  const cached = Math.min(tokens(member(value.input_tokens_details, 'cached_tokens')) ?? 0, input ?? 0)
  const written = Math.min(tokens(member(value.input_tokens_details, 'cache_write_tokens')) ?? 0, (input ?? 0) - cached)
  const reasoning = tokens(member(value.output_tokens_details, 'reasoning_tokens')) ?? 0
  // xAI was seen to count what was thought beside what was said: its total tells.
  const beside = reasoning > 0 && tokens(value.total_tokens) === (input ?? 0) + (output ?? 0) + reasoning
  const costUsd = costOf(value)
  return {
    ...NO_TOKENS,
    inputUncached: (input ?? 0) - cached - written,
    inputCacheRead: cached,
    inputCacheWrite5m: written,
    outputText: beside ? (output ?? 0) : Math.max(0, (output ?? 0) - reasoning),
    outputReasoning: beside ? reasoning : Math.min(reasoning, output ?? 0),
    ...(costUsd !== undefined && { costUsd }),
    source: 'final',
  }
}

/** xAI tells ten billionths of a dollar, OpenRouter dollars. */
function costOf({ cost, cost_in_usd_ticks: ticks }: Readonly<Record<string, unknown>>): number | undefined {
  if (typeof ticks === 'number' && ticks >= 0) return ticks * USD_PER_TICK
  return typeof cost === 'number' && cost >= 0 ? cost : undefined
}

const member = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined)

const tokens = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? Math.max(0, Math.round(value)) : undefined
