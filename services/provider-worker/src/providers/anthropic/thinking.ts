import type { Changes } from '../../hub/changes.ts'
import type { HubRequest } from '../../hub/hub.ts'
import type { ModelTraits } from './model-traits.ts'
import { unsupported } from './refusals.ts'

/** How much a model is to think. */
export interface Thinking {
  readonly thinking?: Readonly<Record<string, unknown>>
  readonly effort?: string
  /** In tokens; 0 where the model sees to it. */
  readonly budget: number
  /** The model was told to think: then no tool can be forced on it, and its sampling is its own. */
  readonly on: boolean
}

const OFF: Thinking = { budget: 0, on: false }

/** The efforts of the hub, from the least to the most, in tokens. Each leaves room for an answer below the 32,000 of the smallest model that thinks. */
const BUDGETS: Readonly<Record<string, number>> = { minimal: 1024, low: 4096, medium: 10_000, high: 20_000, xhigh: 24_000, max: 30_000 }
const EFFORTS = Object.keys(BUDGETS)

/** What the caller wants of thinking, in the provider's words: its own if it spoke them, else by the effort. */
export function thinkingFor(chat: HubRequest, traits: ModelTraits, changes: Changes): Thinking {
  const { thinking, reasoning_effort: effort } = chat
  if (thinking) {
    const budget = typeof thinking.budget_tokens === 'number' ? thinking.budget_tokens : 0
    return { thinking, budget, on: thinking.type === 'enabled' || thinking.type === 'adaptive' }
  }
  if (effort === null || effort === undefined) return OFF
  if (effort === 'none') return withoutThinking(traits, changes)
  const budget = BUDGETS[effort]
  if (budget === undefined) throw unsupported('reasoning_effort', `must be one of none, ${EFFORTS.join(', ')}`)
  switch (traits.thinking) {
    case 'none':
      changes.dropped('reasoning_effort')
      return OFF
    case 'budget':
      changes.renamed('reasoning_effort', `thinking.budget_tokens ${budget}`)
      return { thinking: { type: 'enabled', budget_tokens: budget }, budget, on: true }
    case 'adaptive':
      return { thinking: { type: 'adaptive', ...(traits.thoughtsHidden && { display: 'summarized' }) }, effort: nearest(effort, traits, changes), budget: 0, on: true }
  }
}

function withoutThinking({ thinkingOff }: ModelTraits, changes: Changes): Thinking {
  switch (thinkingOff) {
    case 'default':
      return OFF
    case 'disabled':
      return { ...OFF, thinking: { type: 'disabled' } }
    case 'between_tools':
      changes.clamped('reasoning_effort', 'thinking between tools')
      return { ...OFF, thinking: { type: 'between_tools' } }
    case 'never':
      changes.clamped('reasoning_effort', 'low')
      return { ...OFF, effort: 'low' }
  }
}

/** The most effort that the model knows which is not more than was asked for; the least, if all are. */
function nearest(effort: string, { efforts }: ModelTraits, changes: Changes): string {
  const asked = EFFORTS.indexOf(effort)
  const found = efforts.findLast(known => EFFORTS.indexOf(known) <= asked) ?? efforts[0] ?? effort
  if (found === effort) changes.renamed('reasoning_effort', 'output_config.effort')
  else changes.clamped('reasoning_effort', found)
  return found
}

/** How long the answer may be, thoughts and all: the provider has to be told, and more than the thoughts alone may take. */
export function maxTokensFor(chat: HubRequest, traits: ModelTraits, { budget, changes }: { budget: number; changes: Changes }): number {
  const { max_completion_tokens: completion, max_tokens: total } = chat
  const param = typeof completion === 'number' ? 'max_completion_tokens' : 'max_tokens'
  const asked = completion ?? total ?? undefined
  const wanted = asked ?? traits.maxOutput ?? traits.usualOutput
  const needed = budget > 0 && wanted <= budget ? wanted + budget : wanted
  const given = Math.min(needed, traits.maxOutput ?? needed)
  if (asked !== undefined && given !== asked) changes.clamped(param, String(given))
  else if (typeof completion === 'number') changes.renamed(param, 'max_tokens')
  if (typeof completion === 'number' && typeof total === 'number' && completion !== total) changes.dropped('max_tokens')
  return given
}
