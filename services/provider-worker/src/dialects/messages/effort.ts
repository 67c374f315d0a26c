import type { Changes } from '../../hub/changes.ts'
import type { HubRequest } from '../../hub/hub.ts'
import type { MessagesRequest } from './request-schema.ts'

/** Budgets of thinking in tokens, up to which each word stands; Claude Code's own steps of 4,000, 10,000 and 31,999 are one each. */
const BUDGETS: readonly (readonly [number, string])[] = [
  [4096, 'low'],
  [16_384, 'medium'],
  [Infinity, 'high'],
]

/** Anthropic's words for effort that the hub says otherwise. */
const EFFORTS: Readonly<Record<string, string>> = { max: 'xhigh' }

/** How much the model is to think: in Anthropic's own words as they came, and as near as the hub's one word comes. */
export function thinkingOf({ thinking, output_config: output }: MessagesRequest, changes: Changes): Pick<HubRequest, 'thinking' | 'reasoning_effort'> {
  const effort = effortOf(thinking, output?.effort, changes)
  if (thinking?.display === 'omitted') changes.dropped('thinking.display')
  return { ...(thinking && { thinking: thinking as Readonly<Record<string, unknown>> }), ...(effort !== undefined && { reasoning_effort: effort }) }
}

/** Which field says it. */
export const effortPlace = ({ thinking, output_config: output }: MessagesRequest): string => (output?.effort && thinking?.type !== 'disabled' ? 'output_config.effort' : 'thinking')

function effortOf(thinking: MessagesRequest['thinking'], asked: string | null | undefined, changes: Changes): string | undefined {
  if (thinking?.type === 'disabled') {
    if (asked) changes.dropped('output_config.effort')
    return 'none'
  }
  if (asked) {
    const said = EFFORTS[asked]
    if (said) changes.clamped('output_config.effort', said)
    return said ?? asked
  }
  const budget = thinking?.type === 'enabled' ? thinking.budget_tokens : undefined
  return typeof budget === 'number' ? BUDGETS.find(([limit]) => budget <= limit)?.[1] : undefined
}
