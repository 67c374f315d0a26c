import { NO_TOKENS, type Usage } from '@gomodel/contracts'
import { usageOf as anthropicUsageOf } from '../providers/anthropic/usage.ts'
import { geminiUsage } from '../providers/gemini/usage.ts'
import { responsesUsageOf } from '../providers/responses-usage.ts'
import { isRecord, usageOf } from '../providers/usage.ts'

/** A usage object as a provider gave it, in whatever dialect. */
export type NativeUsage = Readonly<Record<string, unknown>>

/** The usage object of a whole answer, an event of a stream or a line of results, of OpenAI, Anthropic and Gemini; undefined where there is none. */
export function nativeUsageIn(value: unknown): NativeUsage | undefined {
  // Gemini may stream its chunks as the elements of one array; the last one counts them all.
  if (Array.isArray(value)) return value.map(nativeUsageIn).findLast(usage => usage !== undefined)
  // A batch tells what its requests cost together, each time somebody looks at it.
  if (!isRecord(value) || value.object === 'batch') return undefined
  for (const holder of [value, value.message, value.response, member(value.response, 'body'), member(value.result, 'message')]) {
    if (!isRecord(holder)) continue
    if (isRecord(holder.usage)) return holder.usage
    if (isRecord(holder.usageMetadata)) return holder.usageMetadata
  }
  return undefined
}

/** What a usage object says, by the names in it. */
export function usageFrom(native: NativeUsage): Usage | undefined {
  if ('cache_read_input_tokens' in native || 'cache_creation' in native) return anthropicUsageOf(native, 'final')
  return geminiUsage(native) ?? usageOf(native) ?? responsesUsageOf(native)
}

/** What several answers cost together. */
export function together(one: Usage | undefined, other: Usage): Usage {
  if (!one) return other
  const sums = (Object.keys(NO_TOKENS) as (keyof typeof NO_TOKENS)[]).map(part => [part, one[part] + other[part]] as const)
  const cost = one.costUsd === undefined && other.costUsd === undefined ? {} : { costUsd: (one.costUsd ?? 0) + (other.costUsd ?? 0) }
  return { ...NO_TOKENS, ...Object.fromEntries(sums), ...cost, source: 'final' }
}

const member = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined)
