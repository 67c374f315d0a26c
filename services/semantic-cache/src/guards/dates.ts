import type { Comparison } from './comparison.ts'
import { measuresOf } from './measures.ts'
import type { Prepared } from './text/prepare.ts'

/** Differs when the texts name different days, months, weekdays, times of day or relative days ("next week"). */
export function dates({ asked, stored }: Comparison): boolean {
  const left = measuresOf(asked).moments
  const right = measuresOf(stored).moments
  if (left.size === 0 && right.size === 0) return false
  if (isNow(asked, left) && isNow(stored, right)) return false
  return KINDS.some(kind => differ(of(left, kind), of(right, kind), kind))
}

/** "Today's date" is the current one. */
function isNow({ tokens }: Prepared, moments: ReadonlySet<string>): boolean {
  return moments.size === 0 ? tokens.some(({ word }) => word.senses.includes('now') || word.senses.includes('current')) : moments.size === 1 && moments.has('relative:today')
}

/** Days may be given as 3/5 or as 5 March; then only one text knows which is the month. */
function differ(left: readonly string[], right: readonly string[], kind: string): boolean {
  if ((kind === 'month' || kind === 'order') && (left.length === 0) !== (right.length === 0)) return kind === 'month' && !(left.length === 0 ? right : left).every(month => DATED.test(month))
  return left.length !== right.length || left.some(moment => !right.includes(moment))
}

const of = (moments: ReadonlySet<string>, kind: string): readonly string[] => {
  const dated = kind === 'month' && [...moments].some(moment => moment.startsWith('day:'))
  return [...moments].filter(moment => moment.startsWith(`${kind}:`)).map(moment => (dated ? `${moment} of a day` : moment))
}

const DATED = / of a day$/
const KINDS = ['day', 'month', 'order', 'weekday', 'time', 'relative']
