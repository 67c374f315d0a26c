import type { Comparison } from './comparison.ts'
import type { Prepared } from './text/prepare.ts'
import type { Token } from './text/token.ts'

/** Differs when each text has a proper name that the other lacks; a demonym is its country. */
export function entities({ asked, stored, difference }: Comparison): boolean {
  const left = namesOf(asked)
  if (left.length === 0) return false
  const right = namesOf(stored)
  if (right.length === 0) return false
  const { onlyAsked, onlyStored } = difference()
  return left.some(name => onlyAsked.includes(name)) && right.some(name => onlyStored.includes(name))
}

/** Names by the tables, and by their capital letter where that letter tells something. */
export function namesOf(text: Prepared): readonly Token[] {
  return text.kept.names ??= read(text)
}

function read(text: Prepared): readonly Token[] {
  const telling = capitalsTell(text)
  return text.content.filter(token => token.word.name || (telling && isNamed(text, token)))
}

function isNamed({ tokens }: Prepared, token: Token): boolean {
  if (!token.capital || token.word.light || token.kind !== 'word') return false
  const at = tokens.indexOf(token)
  const begins = at === 0 || tokens[at - 1]!.ends
  return !begins || (tokens[at + 1]?.capital === true && !token.ends && !tokens[at + 1]!.word.stop)
}

/** Not in headlines or shouting, where most words have one. */
function capitalsTell({ content }: Prepared): boolean {
  const words = content.filter(({ kind }) => kind === 'word')
  return words.length < 3 || words.filter(({ capital }) => capital).length * 3 <= words.length * 2
}
