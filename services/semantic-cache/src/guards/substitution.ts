import type { Comparison } from './comparison.ts'
import { related } from './related.ts'
import type { Prepared } from './text/prepare.ts'
import type { Token } from './text/token.ts'

/** Differs when two short texts are the same but for one thing, and the words for it mean neither the same nor next to nothing. */
export function substitution({ asked, stored, difference }: Comparison): boolean {
  if (asked.content.length > MOST_WORDS || stored.content.length > MOST_WORDS) return false
  const { onlyAsked, onlyStored, shared } = difference()
  const inPlace = replaced(asked.tokens, stored.tokens)
  if (inPlace && (onlyAsked.includes(inPlace[0]) || onlyStored.includes(inPlace[1])) && sameFrame(asked, stored, inPlace) && !areLight(inPlace)) return true
  if (onlyAsked.length === 0 || onlyStored.length === 0) return false
  const apart = asked.content.length > 1 ? replaced(asked.content, stored.content) : undefined
  if (apart && onlyAsked.includes(apart[0]) && onlyStored.includes(apart[1])) {
    if (sameFrame(asked, stored, apart)) return !areLight(apart)
    if (apart.every(token => !isVague(token)) && !(isAct(asked, apart[0]) && isAct(stored, apart[1]))) return true
  }
  if (sameMould(asked, stored)) return true
  const [left, ...moreLeft] = onlyAsked.filter(isWeighty)
  const [right, ...moreRight] = onlyStored.filter(isWeighty)
  if (!left || !right || moreLeft.length + moreRight.length > 0 || shared === 0) return false
  // what is done has many names once a sentence is put another way; what it is done to has few
  return !isAct(asked, left) && !isAct(stored, right) && sameNeighbours(asked, stored, [left, right])
}

type Replaced = readonly [Token, Token]

/** One word in place of another, in the same place of the same row of words. */
function replaced(left: readonly Token[], right: readonly Token[]): Replaced | undefined {
  if (left.length !== right.length || left.length < 2) return undefined
  let at = -1
  for (const [place, token] of left.entries()) {
    const other = right[place]!
    if ((token.word.stop && other.word.stop) || related(token.word, other.word)) continue
    if (at !== -1) return undefined
    at = place
  }
  if (at === -1) return undefined
  const [one, other] = [left[at]!, right[at]!]
  return one.kind === 'word' && other.kind === 'word' && !one.word.stop && !other.word.stop ? [one, other] : undefined
}

/** Two sentences of one mould, filled with other words: "a rattling noise", "a burning smell". */
function sameMould(asked: Prepared, stored: Prepared): boolean {
  if (asked.tokens.length !== stored.tokens.length) return false
  let apart = 0
  for (const [at, { word, kind }] of asked.tokens.entries()) {
    const other = stored.tokens[at]!
    if (word === other.word) continue
    if (word.stop || other.word.stop || word.light || other.word.light || kind !== 'word' || other.kind !== 'word') return false
    if (!related(word, other.word)) apart += 1
  }
  return apart > 1
}

/** A verb, by the word before it: "to switch", "how do I switch", a command. */
function isAct({ tokens }: Prepared, token: Token): boolean {
  const at = tokens.indexOf(token)
  return at === 0 || token.word.text.endsWith('ing') || BEFORE_VERBS.has(tokens[at - 1]!.word.text)
}

/** Whether two words are led up to by the same words. */
function sameFrame(asked: Prepared, stored: Prepared, [left, right]: Replaced): boolean {
  const at = asked.tokens.indexOf(left)
  return at === stored.tokens.indexOf(right) && asked.tokens.slice(0, at).every(({ word }, place) => word.stem === stored.tokens[place]!.word.stem)
}

const areLight = ([one, other]: Replaced): boolean => one.word.light && other.word.light

/** Whether the weighty words next to both on either side are the same. */
function sameNeighbours(asked: Prepared, stored: Prepared, [left, right]: Replaced): boolean {
  return [-1, 1].every(step => {
    const [one, other] = [neighbour(asked, [left, right], step), neighbour(stored, [right, left], step)]
    return one === undefined || other === undefined ? one === other : related(one.word, other.word)
  })
}

/** What the other text says in one phrase with its word is no neighbour: "deep learning", where it has "machine learning". */
function neighbour({ content }: Prepared, [token, other]: Replaced, step: number): Token | undefined {
  for (let at = content.indexOf(token) + step; ; at += step) {
    const next = content[at]
    if (!next || !(next.word.light || other.parts?.includes(next.word))) return next
  }
}

/** In a sentence that was put differently, one verb of many uses often takes the place of another. */
const isVague = ({ word }: Token): boolean => word.light || word.generic
const isWeighty = ({ word, kind }: Token): boolean => !word.light && !word.generic && kind === 'word'

/** In long prose another word is often only another way to say it. */
const MOST_WORDS = 12
const BEFORE_VERBS = new Set(['to', 'i', 'you', 'we', 'they', 'he', 'she', 'it', 'can', 'could', 'will', 'would', 'should', 'must', 'may', 'not', 'please', 'how'])
