import type { Comparison } from './comparison.ts'
import { namesOf } from './entities.ts'
import type { Prepared } from './text/prepare.ts'
import type { Token } from './text/token.ts'

/** Differs when one short text says all that the other says and narrows it: by a name, by "for…", "in…" or "with…", or by a word put between its words. */
export function qualifier({ asked, stored, difference }: Comparison): boolean {
  const { onlyAsked, onlyStored, shared } = difference()
  if (shared === 0 || asked.content.length > MOST_WORDS || stored.content.length > MOST_WORDS) return false
  if (onlyAsked.length === 0) return narrows(stored, onlyStored)
  return onlyStored.length === 0 && narrows(asked, onlyAsked)
}

function narrows(text: Prepared, added: readonly Token[]): boolean {
  const heavy = added.filter(({ word, kind }) => !word.light && !word.generic && kind === 'word')
  if (heavy.length === 0) return false
  const names = namesOf(text)
  return heavy.some(token => names.includes(token) || isBound(text, token))
}

/** Whether a preposition that narrows stands close before it. */
function isBound({ tokens }: Prepared, token: Token): boolean {
  const at = tokens.indexOf(token)
  for (let back = 1; back <= 3 && at - back >= 0; back += 1) {
    const before = tokens[at - back]!
    if (before.ends || before.pauses) return false
    if (NARROWING.has(before.word.text)) return true
  }
  return false
}

const MOST_WORDS = 12
const NARROWING = new Set(['for', 'in', 'on', 'at', 'with', 'from', 'during', 'by', 'under', 'as', 'after', 'before', 'near', 'while', 'if', 'without', 'when', 'via', 'among', 'against', 'over', 'per'])
