import type { Comparison } from './comparison.ts'
import { namesOf } from './entities.ts'
import type { Prepared } from './text/prepare.ts'
import type { Token } from './text/token.ts'

/** Differs when one short text says all that the other says and narrows it: by a name, or by "for…", "in…" or "with…" in the same sentence. */
export function qualifier({ asked, stored, difference }: Comparison): boolean {
  const { onlyAsked, onlyStored, shared } = difference()
  if (shared === 0 || asked.content.length > MOST_WORDS || stored.content.length > MOST_WORDS) return false
  if (onlyAsked.length === 0) return narrows(stored, asked, onlyStored)
  return onlyStored.length === 0 && narrows(asked, stored, onlyAsked)
}

function narrows(text: Prepared, other: Prepared, added: readonly Token[]): boolean {
  const heavy = added.filter(({ word, kind }) => !word.light && kind === 'word')
  if (heavy.length === 0) return false
  const names = namesOf(text)
  return heavy.some(token => names.includes(token)) || (isInserted(text, other, added) && heavy.some(token => isBound(text, token)))
}

/** Whether the sentence is the other one but for these words; where it was put another way, more words may say no more. */
function isInserted(text: Prepared, other: Prepared, added: readonly Token[]): boolean {
  const rest = text.tokens.filter(token => counts(token) && !added.includes(token))
  const whole = other.tokens.filter(counts)
  let at = 0
  for (const { word } of rest) if (at < whole.length && whole[at]!.word.stem === word.stem) at += 1
  return at === whole.length
}

/** "How do I" and "how can I" begin the same sentence. */
const counts = ({ word, kind }: Token): boolean => !(kind === 'word' && FRAMING.has(word.text)) && !word.light

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
const FRAMING = new Set(['do', 'does', 'did', 'can', 'could', 'should', 'would', 'will', 'is', 'are', 'a', 'an', 'the', 'i', 'you', 'we', 'my', 'your', 'our', 'please', 'to'])
