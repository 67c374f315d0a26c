import type { Route } from '../direction.ts'
import type { Measures } from '../measures.ts'
import { tokensOf } from './chunk.ts'
import { isFunctionWord, languageOf } from './language.ts'
import { literalsOf, type Literals } from './literals.ts'
import { normalise } from './normalise.ts'
import { withNumbers } from './number-words.ts'
import { withPhrases } from './phrases.ts'
import type { Token } from './token.ts'
import { wordOf } from './word.ts'

/** A text as the guards read it. */
export interface Prepared extends Literals {
  /** In order, phrases and number words resolved. */
  readonly tokens: readonly Token[]
  /** In order, as typed: before phrases were resolved. */
  readonly typed: readonly Token[]
  /** Tokens that carry meaning: no function words. */
  readonly content: readonly Token[]
  readonly language: string | undefined
  /** What guards worked out about the text and share; filled when first asked for. */
  readonly kept: Kept
}

interface Kept {
  denials?: number
  measures?: Measures
  names?: readonly Token[]
  question?: string | undefined
  route?: Route
  scopes?: ReadonlySet<string>
  senses?: ReadonlySet<string>
  sides?: ReadonlyMap<number, Token>
  symmetric?: boolean
  time?: string | undefined
}

/** Reads a text once for all guards; texts over 2,000 characters are read up to there. */
export function prepare(text: string): Prepared {
  const { rest, code, links, quotes } = literalsOf(normalise(text.length > LONGEST_READ ? text.slice(0, LONGEST_READ) : text))
  const english: Token[] = []
  for (const chunk of (ODD_BLANKS.test(rest) ? rest.replace(/\s+/g, ' ') : rest).split(' ')) {
    for (const token of tokensOf(chunk)) english.push(token)
  }
  const language = languageOf(rest, english)
  const typed = language === undefined || language === 'en' ? english : english.map(token => foreign(token, language))
  const tokens = withNumbers(language === undefined || language === 'en' ? withPhrases(typed) : typed)
  const content = tokens.filter(token => !token.word.stop || (token.kind !== 'word'))
  return { rest, code, links, quotes, typed, tokens, content, language, kept: {} }
}

function foreign(token: Token, language: string): Token {
  const word = wordOf(token.word.text, false)
  return { ...token, word: isFunctionWord(language, token.word.text) ? { ...word, stop: true } : word }
}

const LONGEST_READ = 2000
const ODD_BLANKS = /[^\S ]/
