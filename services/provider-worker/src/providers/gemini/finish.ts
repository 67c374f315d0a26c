import type { FinishReason } from '../../hub/hub.ts'
import { type Failure, type Identity, ProviderError } from '../../provider.ts'

/** How a candidate ended, in the hub's words, and in Gemini's where they say more. */
export interface Finish {
  readonly reason: FinishReason
  readonly native?: string
}

const FAILED: Readonly<Record<string, Failure>> = {
  MALFORMED_FUNCTION_CALL: 'misspoke',
  MALFORMED_RESPONSE: 'misspoke',
  UNEXPECTED_TOOL_CALL: 'misspoke',
  TOO_MANY_TOOL_CALLS: 'misspoke',
  NO_IMAGE: 'misspoke',
  IMAGE_OTHER: 'misspoke',
  OTHER: 'misspoke',
  MISSING_THOUGHT_SIGNATURE: 'caller',
}

/** What Gemini's word for an end means; undefined while there is none, and an error where the answer is none. */
export function finishOf(word: unknown, calls: boolean, { name: provider }: Identity): Finish | undefined {
  if (typeof word !== 'string' || word === '' || word === 'FINISH_REASON_UNSPECIFIED') return undefined
  const failure = Object.hasOwn(FAILED, word) ? FAILED[word] : undefined
  if (failure) throw new ProviderError(failure, 'provider_failed', `${provider} gave up its answer: ${word}`, { provider, reason: word.toLowerCase() })
  if (word === 'STOP') return { reason: calls ? 'tool_calls' : 'stop' }
  if (word === 'MAX_TOKENS') return { reason: 'length' }
  // SAFETY, RECITATION, BLOCKLIST, SPII and so on; what is added to them is likelier one more filter than an end of the model's own.
  return { reason: 'content_filter', native: word.slice(0, 60) }
}
