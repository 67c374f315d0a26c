import type { Comparison, Difference } from './comparison.ts'
import { isTurned } from './denial.ts'
import type { Prepared } from './text/prepare.ts'
import type { Token } from './text/token.ts'

/** Differs when the texts take opposite sides ("open" and "close", "buyer" and "seller"). */
export function antonyms({ asked, stored, difference }: Comparison): boolean {
  if (!stored.tokens.some(hasSide)) return false
  const left = asked.kept.sides ??= sidesOf(asked)
  if (left.size === 0) return false
  const right = sidesOf(stored)
  for (const [side, token] of left) {
    const opposite = right.get(-side)
    if (opposite && !left.has(-side) && !right.has(side) && isTurned(asked, token) === isTurned(stored, opposite) && !turned(asked, stored, token, opposite) && !undoes(asked, token, opposite) && !undoes(stored, opposite, token) && !isConverse(asked, stored, [token, opposite])) return !(token.word.light || opposite.word.light) || nothingElse(difference())
  }
  return false
}

/** "Get" and "send" are opposites only where nothing else differs. */
const nothingElse = ({ onlyAsked, onlyStored }: Difference): boolean => onlyAsked.length <= 1 && onlyStored.length <= 1

function sidesOf({ tokens }: Prepared): ReadonlyMap<number, Token> {
  const found = new Map<number, Token>()
  for (const token of tokens) {
    for (const side of token.word.sides) found.set(side, token)
  }
  return found
}

const hasSide = ({ word }: Token): boolean => word.sides.length > 0

/** "A before B" is "B after A": what stands before the one word stands behind the other. */
function turned(asked: Prepared, stored: Prepared, token: Token, opposite: Token): boolean {
  if (!ORDERING.has(token.word.text)) return false
  const [before, behind] = around(asked, token)
  const [otherBefore, otherBehind] = around(stored, opposite)
  return meet(before, otherBehind) && meet(behind, otherBefore)
}

/** "My account is locked" and "how do I unlock my account": one names the state, the other the way out of it. */
function undoes(text: Prepared, state: Token, { word: { text: opposite } }: Token): boolean {
  if (!STATED.has(before(text, state))) return false
  return state.word.text.endsWith('ed') ? !opposite.endsWith('ed') && /^(?:un|dis|de)/.test(opposite) : opposite.endsWith('er')
}

/** "Do you sell cards" and "can I buy cards": either side of one deal. */
function isConverse(asked: Prepared, stored: Prepared, [token, opposite]: readonly [Token, Token]): boolean {
  const [one, other] = [before(asked, token), before(stored, opposite)]
  return OURSELVES.has(one) !== OURSELVES.has(other) && one !== 'to' && other !== 'to' && token.word.senses.some(sense => DEALS.has(sense))
}

const before = ({ tokens }: Prepared, token: Token): string => tokens[tokens.indexOf(token) - 1]?.word.text ?? ''

function around({ tokens }: Prepared, token: Token): readonly [before: readonly Token[], behind: readonly Token[]] {
  const at = tokens.indexOf(token)
  return [tokens.slice(0, at).filter(weighs), tokens.slice(at + 1).filter(weighs)]
}

const weighs = ({ word }: Token): boolean => !word.stop && !word.light
const meet = (left: readonly Token[], right: readonly Token[]): boolean => left.some(a => right.some(b => a.word.stem === b.word.stem))

const ORDERING = new Set(['before', 'after', 'above', 'below', 'over', 'under', 'more', 'less'])
const STATED = new Set(['is', 'are', 'was', 'were', 'been', 'be', 'got', 'gets', 'get', 'getting', 'not', 'so', 'too', 'very'])
const DEALS = new Set(['buy', 'sel', 'lend', 'borrow', 'send', 'receiv', 'teach', 'learn', 'giv', 'tak', 'import', 'export'])
const OURSELVES = new Set(['i', 'we'])
