import { resembles } from './related.ts'
import type { Prepared } from './text/prepare.ts'
import { stem } from './text/stem.ts'
import { wordSets } from './text/table.ts'
import type { Token } from './text/token.ts'
import type { Word } from './text/word.ts'

/** What two texts share and what only one of them says, function words aside. */
export interface Difference {
  readonly onlyAsked: readonly Token[]
  readonly onlyStored: readonly Token[]
  /** Words of one text, light ones apart, that the other has too. */
  readonly shared: number
}

/** A pair of texts; what both guards and their neighbours need is worked out once, when first asked for. */
export interface Comparison {
  readonly asked: Prepared
  readonly stored: Prepared
  readonly difference: () => Difference
}

/** Puts a stored text beside the asked one. */
export function compare(asked: Prepared, stored: Prepared): Comparison {
  let difference: Difference | undefined
  return { asked, stored, difference: () => difference ??= differenceOf(asked, stored) }
}

function differenceOf(asked: Prepared, stored: Prepared): Difference {
  const weight = weightOf(asked.content)
  const left = asked.content.filter(token => lacks(stored, token))
  const right = stored.content.filter(token => lacks(asked, token))
  if (left.length === 0 && right.length === 0) return { onlyAsked: left, onlyStored: right, shared: weight }
  const onlyAsked = left.filter(token => !isExplained(token, right) && !acronym(token, stored.content) && !isJoined(token, asked, stored))
  const onlyStored = right.filter(token => !isExplained(token, left) && !acronym(token, asked.content) && !isJoined(token, stored, asked))
  const here = withoutSpeltOut(onlyAsked, stored).filter(token => !isClassOfName(asked, token))
  const there = withoutSpeltOut(onlyStored, asked).filter(token => !isClassOfName(stored, token))
  const bothAskFor = here.some(token => isAskedFor(asked, token)) && there.some(token => isAskedFor(stored, token))
  return {
    onlyAsked: bothAskFor ? here : here.filter(token => !isAskedFor(asked, token)),
    onlyStored: bothAskFor ? there : there.filter(token => !isAskedFor(stored, token)),
    shared: Math.max(weight - weightOf(onlyAsked), weightOf(stored.content) - weightOf(onlyStored)),
  }
}

/** "Sea" in "the Mediterranean Sea", "file" in "a CSV file": the name alone says it. */
function isClassOfName({ tokens }: Prepared, token: Token): boolean {
  if (!CLASSES.has(token.word.stem)) return false
  const at = tokens.indexOf(token)
  return isNamed(tokens[at - 1]) || (!token.ends && isNamed(tokens[tokens[at + 1]?.word.text === 'of' ? at + 2 : at + 1]))
}

const isNamed = (token: Token | undefined): boolean => token !== undefined && !token.word.stop && (token.word.name || token.upper || token.capital || token.kind === 'code')

/** "Artist" in "by which artist", "long" in "how long": the question word of the other text says it. */
function isAskedFor({ tokens }: Prepared, token: Token): boolean {
  return ASKING.has(tokens[tokens.indexOf(token) - 1]?.word.text ?? '')
}

const isExplained = ({ word }: Token, others: readonly Token[]): boolean => others.some(other => resembles(word, other.word))
const weightOf = (tokens: readonly Token[]): number => tokens.filter(token => !token.word.light).length

/** "website" beside "web site", either way round. */
function isJoined(token: Token, own: Prepared, other: Prepared): boolean {
  for (let at = 1; at < other.content.length; at += 1) {
    if (joins(token, other.content[at - 1]!, other.content[at]!)) return true
  }
  const at = own.content.indexOf(token)
  const [before, behind] = [own.content[at - 1], own.content[at + 1]]
  for (const whole of other.typed) {
    if (whole.word.text.length <= token.word.text.length) continue
    if ((before && joins(whole, before, token)) || (behind && joins(whole, token, behind))) return true
  }
  return false
}

function joins({ word: { text } }: Token, { word: one }: Token, { word: next }: Token): boolean {
  return text.length === one.text.length + next.text.length && text.startsWith(one.text) && text.endsWith(next.text)
}

/** Whether a text has no word of this one's meaning. */
export function lacks(text: Prepared, { word, kind, value, parts }: Token): boolean {
  if (kind === 'number') return !text.tokens.some(token => token.kind === 'number' && token.value === value)
  if (says(text, word)) return false
  return parts === undefined || !parts.every(part => says(text, part))
}

/** Whether a text has a word of this meaning, in a phrase or by itself. */
function says(text: Prepared, word: Word): boolean {
  const senses = text.kept.senses ??= sensesOf(text)
  for (const sense of word.senses) if (senses.has(sense)) return true
  return false
}

function sensesOf({ content }: Prepared): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { word, parts } of content) {
    for (const sense of word.senses) found.add(sense)
    if (parts) for (const part of parts) for (const sense of part.senses) found.add(sense)
  }
  return found
}

/** "WHO" beside "World Health Organization". */
function acronym({ upper, word: { text } }: Token, others: readonly Token[]): boolean {
  return upper && text.length <= 5 && others.some((_, start) => spells(text, others, start))
}

/** The words that an acronym of the other text stands for. */
function withoutSpeltOut(tokens: readonly Token[], other: Prepared): readonly Token[] {
  if (!other.content.some(({ upper }) => upper)) return tokens
  const acronyms = other.content.filter(token => token.upper && token.word.text.length <= 5)
  const spelt = new Set(acronyms.flatMap(({ word: { text } }) => tokens.flatMap((_, start) => spells(text, tokens, start) ? tokens.slice(start, start + text.length) : [])))
  return spelt.size === 0 ? tokens : tokens.filter(token => !spelt.has(token))
}

const spells = (letters: string, tokens: readonly Token[], start: number): boolean => [...letters].every((letter, at) => tokens[start + at]?.word.text.startsWith(letter))

const ASKING = new Set(['what', 'which', 'how'])
const CLASSES = new Set([...wordSets('plain-words').get('classes')!].map(stem))
