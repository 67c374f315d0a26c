import type { Comparison } from './comparison.ts'
import { measuresOf, type Measures, type Quantity } from './measures.ts'

/** Differs when one number is given in different units, or each text names a unit of one kind that the other lacks; 1 km is 1000 m. */
export function units({ asked, stored }: Comparison): boolean {
  const left = measuresOf(asked)
  const right = measuresOf(stored)
  return left.quantities.some(quantity => rescaled(quantity, right)) || right.quantities.some(quantity => rescaled(quantity, left)) || swapped(left, right)
}

function rescaled(quantity: Quantity, others: Measures): boolean {
  const same = others.quantities.filter(other => other.written === quantity.written && other.dimension !== '')
  return quantity.dimension !== '' && same.length > 0 && same.every(other => other.dimension !== quantity.dimension || other.value !== quantity.value)
}

function swapped(left: Measures, right: Measures): boolean {
  const [leftUnits, rightUnits] = [namesOf(left), namesOf(right)]
  return left.units.some(({ unit }) => !rightUnits.has(unit)) && right.units.some(({ unit }) => !leftUnits.has(unit))
}

const namesOf = (measures: Measures): ReadonlySet<string> => new Set([...measures.units, ...measures.quantities].map(({ unit }) => unit))
