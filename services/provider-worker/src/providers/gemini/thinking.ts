import type { Changes } from '../../hub/changes.ts'
import type { Fields } from './fields.ts'
import { LEVELS, type Level, type ModelFacts } from './model-facts.ts'

interface Effort {
  readonly level: Level | undefined
  /** Tokens, as Google's own OpenAI-compatible endpoint counts them for models of generation 2.5. */
  readonly budget: number
}

const EFFORTS: Readonly<Record<string, Effort>> = {
  none: { level: undefined, budget: 0 },
  minimal: { level: 'minimal', budget: 1024 },
  low: { level: 'low', budget: 1024 },
  medium: { level: 'medium', budget: 8192 },
  high: { level: 'high', budget: 24_576 },
  xhigh: { level: 'high', budget: 32_768 },
  max: { level: 'high', budget: 32_768 },
}

/** The `thinkingConfig` that comes nearest to an effort; undefined where there is none. */
export function thinkingOf(effort: string | null | undefined, { thinking }: ModelFacts, changes: Changes): Fields | undefined {
  if (effort === null || effort === undefined) return undefined
  const wanted = Object.hasOwn(EFFORTS, effort) ? EFFORTS[effort] : undefined
  if (!thinking || !wanted) {
    if (effort !== 'none' || !wanted) changes.dropped('reasoning_effort')
    return undefined
  }
  if (thinking.by === 'level') {
    const level = nearest(wanted.level ?? 'minimal', thinking.levels)
    note(changes, `thinkingLevel ${level}`, level === effort)
    return { thinkingLevel: level, includeThoughts: true }
  }
  if (wanted.budget === 0 && thinking.off) {
    note(changes, 'thinkingBudget 0', true)
    return { thinkingBudget: 0 }
  }
  const budget = Math.min(Math.max(wanted.budget, thinking.min), thinking.max)
  note(changes, `thinkingBudget ${budget}`, budget === wanted.budget)
  return { thinkingBudget: budget, includeThoughts: true }
}

/** The next higher level that the model has, else its highest. */
function nearest(level: Level, levels: readonly Level[]): Level {
  return levels.find(candidate => LEVELS.indexOf(candidate) >= LEVELS.indexOf(level)) ?? levels.at(-1) ?? 'high'
}

function note(changes: Changes, to: string, same: boolean): void {
  if (same) changes.renamed('reasoning_effort', to)
  else changes.clamped('reasoning_effort', to)
}
