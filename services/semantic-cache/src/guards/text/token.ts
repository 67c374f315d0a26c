import { wordOf, type Word } from './word.ts'

/** One word, number or identifier of a text. */
export interface Token {
  readonly word: Word
  /** What stands there: `sign` is a currency or percent sign, `code` anything that is compared letter by letter. */
  readonly kind: 'word' | 'number' | 'sign' | 'date' | 'time' | 'code'
  /** Plain decimal of a number; "y-m-d" of a date with 0 for an unknown year; minutes since midnight of a time; the spelling of a code. */
  readonly value: string
  /** Begins with a capital letter. */
  readonly capital: boolean
  /** Two or more letters, all capital. */
  readonly upper: boolean
  /** A sentence ends behind it. */
  readonly ends: boolean
  /** A comma or another pause stands behind it. */
  readonly pauses: boolean
  /** The weighty words of the phrase that the word stands for ("remote work"). */
  readonly parts?: readonly Word[] | undefined
}

/** A token of small letters in the middle of a sentence, unless told otherwise; of digits it is a number. */
export function tokenOf(text: string, change: Partial<Token> = {}): Token {
  const number = /^\d+$/.test(text)
  return { word: wordOf(text), kind: number ? 'number' : 'word', value: number ? text : '', capital: false, upper: false, ends: false, pauses: false, ...change }
}
