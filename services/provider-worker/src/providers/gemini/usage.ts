import { NO_TOKENS, type Usage } from '@gomodel/contracts'
import { isRecord } from '../usage.ts'
import { records } from './fields.ts'

/** The tokens of an answer. What was thought and what Gemini's own tools read are counted apart there; the prompt includes what came from a cache. */
export function geminiUsage(value: unknown): Usage | undefined {
  if (!isRecord(value)) return undefined
  const prompt = tokens(value.promptTokenCount)
  const candidates = tokens(value.candidatesTokenCount)
  if (prompt === undefined && candidates === undefined) return undefined
  const input = (prompt ?? 0) + (tokens(value.toolUsePromptTokenCount) ?? 0)
  const cached = Math.min(tokens(value.cachedContentTokenCount) ?? 0, input)
  const heard = sound(value.promptTokensDetails) + sound(value.toolUsePromptTokensDetails) - sound(value.cacheTokensDetails)
  const inputAudio = Math.min(Math.max(0, heard), input - cached)
  const outputAudio = Math.min(sound(value.candidatesTokensDetails), candidates ?? 0)
  return {
    ...NO_TOKENS,
    inputUncached: input - cached - inputAudio,
    inputCacheRead: cached,
    inputAudio,
    outputText: (candidates ?? 0) - outputAudio,
    outputReasoning: tokens(value.thoughtsTokenCount) ?? 0,
    outputAudio,
    source: 'final',
  }
}

const sound = (details: unknown): number =>
  records(details).reduce((sum, { modality, tokenCount }) => sum + (modality === 'AUDIO' ? (tokens(tokenCount) ?? 0) : 0), 0)

const tokens = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? Math.max(0, Math.round(value)) : undefined
