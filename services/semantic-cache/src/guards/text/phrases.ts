import { stem } from './stem.ts'
import { table } from './table.ts'
import { tokenOf, type Token } from './token.ts'
import { GROUP_PHRASES } from './word.ts'

interface Phrase {
  /** Stems after the first word. */
  readonly rest: readonly string[]
  /** Up to three words may stand before the last one ("turn the light off"). */
  readonly gap: boolean
  readonly words: readonly string[]
}

/** Replaces phrases of the tables by the word that they stand for; the longest one wins. */
export function withPhrases(tokens: readonly Token[]): readonly Token[] {
  let found: Token[] | undefined
  for (let at = 0; at < tokens.length;) {
    const match = matchAt(tokens, at)
    if (match === undefined) found?.push(tokens[at]!)
    else {
      found ??= tokens.slice(0, at)
      const last = tokens[at + match.length - 1]!
      for (const [place, text] of match.phrase.words.entries()) found.push(tokenOf(text, { capital: place === 0 && tokens[at]!.capital, ends: last.ends, pauses: last.pauses, ...partsOf(tokens, at, match) }))
      if (match.phrase.gap) found.push(...tokens.slice(at + 1, at + match.length - 1))
    }
    at += match?.length ?? 1
  }
  return found ?? tokens
}

/** What else the other text may call it: a part of the phrase alone says as much as the phrase. */
function partsOf(tokens: readonly Token[], at: number, { phrase, length }: Match): Pick<Token, 'parts'> {
  if (phrase.words.length !== 1) return {}
  const typed = phrase.gap ? [tokens[at]!, tokens[at + length - 1]!] : tokens.slice(at, at + length)
  const parts = typed.map(({ word }) => word).filter(({ stop, light }) => !stop && !light)
  return parts.length === 0 || typed.some(({ word }) => word.text === 'not') ? {} : { parts }
}

interface Match { readonly phrase: Phrase; readonly length: number }

function matchAt(tokens: readonly Token[], at: number): Match | undefined {
  const { word: { stem: first }, ends } = tokens[at]!
  const phrases = BY_FIRST.get(first)
  if (!phrases || ends) return undefined
  for (const phrase of phrases.get(tokens[at + 1]?.word.stem ?? '') ?? []) {
    const length = lengthOf(tokens, at, phrase.rest)
    if (length !== undefined) return { phrase, length }
  }
  for (const phrase of phrases.get(GAP) ?? []) {
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

const GAP = '..'
/** By the first and the second stem. */
const BY_FIRST = new Map<string, Map<string, Phrase[]>>()
const RESOLVED = table<string[]>('phrases').map(row => row.split('=') as [string, string])
for (const [pattern, replacement] of [...RESOLVED, ...[...GROUP_PHRASES].map(phrase => [phrase, phrase] as const)]) {
  const [first, ...rest] = pattern.split(/[ -]/).map(stem)
  const gap = rest[0] === GAP
  const words = replacement === '' ? [] : GROUP_PHRASES.has(replacement) ? [replacement.replace('-', ' ')] : replacement.split(' ')
  const seconds = BY_FIRST.get(first!) ?? new Map<string, Phrase[]>()
  BY_FIRST.set(first!, seconds.set(rest[0]!, [...seconds.get(rest[0]!) ?? [], { rest: gap ? rest.slice(1) : rest, gap, words }]))
}
for (const seconds of BY_FIRST.values()) for (const phrases of seconds.values()) phrases.sort((a, b) => b.rest.length - a.rest.length)
