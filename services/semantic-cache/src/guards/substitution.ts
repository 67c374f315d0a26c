import type { Comparison } from './comparison.ts'
import { questionOf } from './question-word.ts'
import { related } from './related.ts'
import type { Token } from './text/token.ts'

/** Differs when two short texts are the same but for one thing, and the words for it mean neither the same nor next to nothing. */
export function substitution({ asked, stored, difference }: Comparison): boolean {
  if (asked.content.length > MOST_WORDS || stored.content.length > MOST_WORDS) return false
  if (replaced(asked.tokens, stored.tokens) || (asked.content.length > 1 && replaced(asked.content, stored.content, isVague))) return true
  // a question that was put another way also has other words for the same thing
  if (questionOf(asked) !== questionOf(stored)) return false
  const { onlyAsked, onlyStored, shared } = difference()
  const left = weighty(onlyAsked)
  const right = weighty(onlyStored)
  if (left.length === 0 || right.length === 0 || shared === 0) return false
  return left.length + right.length <= Math.min(shared + 1, MOST_APART)
}

/** One word in place of another, in the same place of the same row of words; two words that are both `vague` do not count. */
function replaced(left: readonly Token[], right: readonly Token[], vague: (token: Token) => boolean = isLight): boolean {
  if (left.length !== right.length || left.length < 2) return false
  let at = -1
  for (const [place, token] of left.entries()) {
    const other = right[place]!
    if ((token.word.stop && other.word.stop) || related(token.word, other.word)) continue
    if (at !== -1) return false
    at = place
  }
  if (at === -1) return false
  const [one, other] = [left[at]!, right[at]!]
  return one.kind === 'word' && other.kind === 'word' && !one.word.stop && !other.word.stop && !(vague(one) && vague(other))
}

const isLight = ({ word }: Token): boolean => word.light
/** In a sentence that was put differently, one verb of many uses often takes the place of another. */
const isVague = ({ word }: Token): boolean => word.light || word.generic
const weighty = (tokens: readonly Token[]): readonly Token[] => tokens.filter(({ word, kind }) => !word.light && !word.generic && kind === 'word')

/** In long prose another word is often only another way to say it. */
const MOST_WORDS = 12
/** The more the texts share, the more words may stand for the one thing in which they differ. */
const MOST_APART = 2
