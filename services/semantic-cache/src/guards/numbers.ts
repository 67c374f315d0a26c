import type { Comparison } from './comparison.ts'
import { measuresOf, type Measures, type Quantity } from './measures.ts'
import type { Prepared } from './text/prepare.ts'

/** Differs when the texts name different numbers, or lie on different sides of the same one ("under 50", "over 50"). */
export function numbers({ asked, stored }: Comparison): boolean {
  const left = measuresOf(asked)
  const right = measuresOf(stored)
  if (left.quantities.length === 0 && right.quantities.length === 0) return false
  return left.quantities.some(quantity => misses(quantity, right) && !goesWithoutSaying(quantity, asked, right)) ||
    right.quantities.some(quantity => misses(quantity, left) && !goesWithoutSaying(quantity, stored, left))
}

/** "Join two strings" is "join strings". */
function goesWithoutSaying({ written, dimension }: Quantity, { tokens }: Prepared, others: Measures): boolean {
  return written === '2' && dimension === '' && others.quantities.length === 0 && tokens.some(({ word }) => word.senses.some(sense => PAIRING.has(sense)))
}

/** A unit that differs while the number is the same is the affair of `units`. */
function misses(quantity: Quantity, others: Measures): boolean {
  if (quantity.written === '1' && others.units.some(unit => unit.unit === quantity.unit)) return false
  const same = others.quantities.filter(other => equal(quantity, other) || other.written === quantity.written)
  return same.length === 0 || (quantity.side !== undefined && same.every(other => other.side !== undefined && other.side !== quantity.side))
}

const equal = (a: Quantity, b: Quantity): boolean => a.dimension === b.dimension && a.value === b.value
const PAIRING = new Set(['merg', 'join', 'compar', 'differenc', 'between', 'swap', 'combin', 'concatenat', 'both'])
