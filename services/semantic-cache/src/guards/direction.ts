import type { Comparison } from './comparison.ts'
import type { Prepared } from './text/prepare.ts'
import { related } from './related.ts'
import type { Token } from './text/token.ts'

/** Differs when the same words play each other's part: from A to B and from B to A, A owes B and B owes A. "A and B" and "A vs B" have no order. */
export function direction({ asked, stored }: Comparison): boolean {
  const symmetric = asked.kept.symmetric ??= asked.tokens.some(({ word }) => SYMMETRIC.has(word.stem))
  return !symmetric && (turnedRoute(asked, stored) || exchanged(asked, stored))
}

/** Compares what stands before and behind "to" or "into" ("Word to PDF", "a PDF into a Word file"). */
function turnedRoute(asked: Prepared, stored: Prepared): boolean {
  const left = asked.kept.route ??= routeOf(asked) ?? NOWHERE
  const right = left === NOWHERE ? undefined : routeOf(stored)
  if (!right) return false
  return meet(left.source, right.target) && meet(left.target, right.source) && !meet(left.source, right.source)
}

/** From somewhere to somewhere. */
export interface Route { readonly source: readonly Token[]; readonly target: readonly Token[] }

function routeOf({ tokens }: Prepared): Route | undefined {
  const from = tokens.findIndex(({ word }) => word.text === 'from')
  const moves = tokens.findIndex(({ word }) => word.senses.some(sense => MOVES.has(sense)))
  const start = from === -1 ? moves : from
  const to = tokens.findIndex(({ word }, at) => at > start && TOWARDS.has(word.text))
  if (start !== -1 && to !== -1) return { source: meaning(tokens.slice(start + 1, to)), target: meaning(tokens.slice(to + 1, to + REACH)) }
  const earlier = tokens.findIndex(({ word }, at) => at < from && TOWARDS.has(word.text))
  if (from === -1 || earlier === -1) return undefined
  return { source: meaning(tokens.slice(from + 1, from + REACH)), target: meaning(tokens.slice(earlier + 1, from)) }
}

const meaning = (part: readonly Token[]): readonly Token[] => part.filter(({ word, kind }) => (!word.stop || kind !== 'word') && !word.light)
const meet = (left: readonly Token[], right: readonly Token[]): boolean => left.some(a => right.some(b => related(a.word, b.word)))

/** The same words in the same order, but for two parts that changed places across something that gives them their roles. */
function exchanged(asked: Prepared, stored: Prepared): boolean {
  if (asked.tokens.length !== stored.tokens.length || asked.tokens.length > LONGEST) return false
  const [left, right] = [keys(asked), keys(stored)]
  let start = 0
  while (start < left.length && left[start] === right[start]) start += 1
  let end = left.length
  while (end > start && left[end - 1] === right[end - 1]) end -= 1
  if (start === end) return false
  if (end - start === 1 && OPPOSED.has(`${left[start]}/${right[start]}`)) return true
  return swaps(left.slice(start, end), right.slice(start, end), left[start - 1])
}

/** Looks for left = A M B and right = B M A with something in the middle. */
function swaps(left: readonly string[], right: readonly string[], before: string | undefined): boolean {
  const size = left.length
  for (let a = 1; a <= size - 2; a += 1) {
    if (!same(left.slice(0, a), right.slice(size - a))) continue
    for (let b = 1; b <= size - a - 1; b += 1) {
      const middle = left.slice(a, size - b)
      if (!same(left.slice(size - b), right.slice(0, b)) || !same(middle, right.slice(b, size - a))) continue
      // "in Rome in May" may as well be "in May in Rome"
      if (!middle.every(key => JOINS.has(key)) && !(middle.length === 1 && middle[0] === before)) return true
    }
  }
  return false
}

const same = (left: readonly string[], right: readonly string[]): boolean => left.every((key, at) => key === right[at])

const keys = ({ tokens }: Prepared): readonly string[] => tokens.map(({ word, kind, value }) => (kind === 'number' ? value : word.senses[1] ?? word.stem))

const NOWHERE: Route = { source: [], target: [] }
const TOWARDS = new Set(['to', 'into'])
const MOVES = new Set(['convert', 'transform', 'transfer', 'translat', 'chang', 'mov', 'migrat', 'switch', 'port', 'export', 'import', 'cop', 'copi', 'exchang', 'turn', 'upgrad', 'sync'])
const JOINS = new Set(['and', 'or', 'versus', 'with', 'between', 'plus'])
/** Where two sides are weighed against each other, neither comes first. */
const SYMMETRIC = new Set(['differenc', 'comparison', 'compar', 'distanc', 'between', 'versus', 'similar', 'mari', 'marri', 'equal', 'choos', 'relationship'])
const REACH = 6
const LONGEST = 40
const OPPOSED = new Set(['to/from', 'from/to', 'into/from', 'from/into'])
