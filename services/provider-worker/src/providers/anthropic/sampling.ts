import type { Changes } from '../../hub/changes.ts'
import type { HubRequest } from '../../hub/hub.ts'
import { isBlank } from './content.ts'
import type { ModelTraits } from './model-traits.ts'

/** How the next token is chosen, in the provider's words. */
export interface Sampling {
  readonly temperature?: number
  readonly top_p?: number
  readonly top_k?: number
}

/** What of temperature, top_p and top_k the model takes. A value of 1 is what the provider does unasked, so nothing is lost with it. */
export function samplingOf(chat: HubRequest, taken: ModelTraits['sampling'], changes: Changes): Sampling {
  const { temperature, top_p: topP, top_k: topK } = chat
  const warmth = typeof temperature === 'number' ? clamped(temperature, changes) : undefined
  if (taken === 'none') {
    if (says(warmth)) changes.dropped('temperature')
    if (says(topP)) changes.dropped('top_p')
    if (typeof topK === 'number') changes.dropped('top_k')
    return {}
  }
  const both = taken === 'all' || warmth === undefined || typeof topP !== 'number'
  const keepsTopP = typeof topP === 'number' && (both || (warmth === 1 && topP !== 1))
  if (!keepsTopP && says(topP)) changes.dropped('top_p')
  return {
    ...(warmth !== undefined && (both || !keepsTopP) && { temperature: warmth }),
    ...(keepsTopP && { top_p: topP }),
    ...(typeof topK === 'number' && { top_k: topK }),
  }
}

const says = (value: number | null | undefined): boolean => typeof value === 'number' && value !== 1

function clamped(temperature: number, changes: Changes): number {
  const nearest = Math.min(1, Math.max(0, temperature))
  if (nearest !== temperature) changes.clamped('temperature', String(nearest))
  return nearest
}

/** Where the model is to stop; blank sequences, which the provider refuses, are left out. */
export function stopSequencesOf({ stop }: HubRequest, changes: Changes): string[] {
  const sequences = typeof stop === 'string' ? [stop] : (stop ?? [])
  const kept = sequences.filter(sequence => !isBlank(sequence))
  if (kept.length < sequences.length) changes.dropped('stop')
  return kept
}
