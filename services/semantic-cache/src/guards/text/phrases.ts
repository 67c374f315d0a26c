import { stem } from './stem.ts'
import { tokenOf, type Token } from './token.ts'
import { GROUP_PHRASES, RESOLVED, type Word } from './word.ts'

interface Phrase {
  /** Stems after the first word. */
  readonly rest: readonly string[]
  /** Up to three words may stand before the last one ("turn the light off"). */
  readonly gap: boolean
  readonly words: readonly Token[]
}

/** Replaces phrases of the tables by the word that they stand for; the longest one wins. */
export function withPhrases(tokens: readonly Token[]): readonly Token[] {
  let found: Token[] | undefined
  for (let at = 0; at < tokens.length;) {
    const match = tokens[at]!.word.opens ? matchAt(tokens, at) : undefined
    if (match === undefined) found?.push(tokens[at]!)
    else {
      found ??= tokens.slice(0, at)
      const last = tokens[at + match.length - 1]!
      for (const word of match.phrase.words) found.push({ ...word, capital: word === match.phrase.words[0] && tokens[at]!.capital, ends: last.ends, pauses: last.pauses, parts: partsOf(tokens, at, match) })
      if (match.phrase.gap) found.push(...tokens.slice(at + 1, at + match.length - 1))
    }
    at += match?.length ?? 1
  }
  return found ?? tokens
}

/** What else the other text may call it: a part of the phrase alone says as much as the phrase. */
function partsOf(tokens: readonly Token[], at: number, { phrase, length }: Match): readonly Word[] | undefined {
  if (phrase.words.length !== 1) return undefined
  const parts: Word[] = []
  for (let offset = 0; offset < length; offset += phrase.gap ? length - 1 : 1) {
    const { word } = tokens[at + offset]!
    if (word.text === 'not') return undefined
    if (!word.stop && !word.light) parts.push(word)
  }
  return parts.length === 0 ? undefined : parts
}

interface Match { readonly phrase: Phrase; readonly length: number }

function matchAt(tokens: readonly Token[], at: number): Match | undefined {
  const openings = BY_FIRST.get(tokens[at]!.word.stem)
  if (!openings || at + 1 === tokens.length || tokens[at]!.ends) return undefined
  const phrases = openings.bySecond.get(tokens[at + 1]!.word.stem)
  if (phrases) {
    for (const phrase of phrases) {
      const length = lengthOf(tokens, at, phrase.rest)
      if (length !== undefined) return { phrase, length }
    }
  }
  for (const phrase of openings.gapped) {
    const length = lengthWithGap(tokens, at, phrase.rest[0]!)
    if (length !== undefined) return { phrase, length }
  }
  return undefined
}

function lengthOf(tokens: readonly Token[], at: number, rest: readonly string[]): number | undefined {
  for (let offset = 0; offset < rest.length; offset += 1) {
    if (tokens[at + offset]!.ends || tokens[at + offset + 1]?.word.stem !== rest[offset]) return undefined
  }
  return rest.length + 1
}

function lengthWithGap(tokens: readonly Token[], at: number, last: string): number | undefined {
  for (let offset = 1; offset <= 4 && at + offset < tokens.length && !tokens[at + offset - 1]!.ends; offset += 1) {
    if (tokens[at + offset]!.word.stem === last) return offset + 1
  }
  return undefined
}

interface Openings { readonly gapped: Phrase[]; readonly bySecond: Map<string, Phrase[]> }

const BY_FIRST = new Map<string, Openings>()
for (const [pattern, replacement] of [...RESOLVED, ...[...GROUP_PHRASES].map(phrase => [phrase, phrase] as const)]) {
  const [first, ...rest] = pattern.split(/[ -]/).map(stem)
  const words = (GROUP_PHRASES.has(replacement) ? [replacement.replace('-', ' ')] : replacement.split(' ').filter(word => word !== '')).map(word => tokenOf(word))
  const openings = BY_FIRST.get(first!) ?? { gapped: [], bySecond: new Map<string, Phrase[]>() }
  BY_FIRST.set(first!, openings)
  if (rest[0] === '..') openings.gapped.push({ rest: rest.slice(1), gap: true, words })
  else openings.bySecond.set(rest[0]!, [...openings.bySecond.get(rest[0]!) ?? [], { rest, gap: false, words }])
}
for (const { bySecond } of BY_FIRST.values()) for (const phrases of bySecond.values()) phrases.sort((a, b) => b.rest.length - a.rest.length)
