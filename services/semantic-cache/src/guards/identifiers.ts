import type { Comparison } from './comparison.ts'
import type { Prepared } from './text/prepare.ts'

/** Differs when one text names a version, flag, e-mail, path, hash or code name that the other does not. */
export function identifiers({ asked, stored }: Comparison): boolean {
  return misses(asked, stored) || misses(stored, asked)
}

function misses(text: Prepared, other: Prepared): boolean {
  return text.tokens.some(({ kind, value, word }) => kind === 'code' && !other.tokens.some(token => token.value === value) && !spelt(word.text, other))
}

/** "nodejs" and "node js" are "node.js", "JavaScript" is "javascript". */
function spelt(text: string, other: Prepared): boolean {
  const letters = text.replace(/[^\p{L}\d]/gu, '')
  return !/\d/.test(letters) && other.typed.some(({ word }, at) => word.text === text || word.text === letters || word.text + (other.typed[at + 1]?.word.text ?? '') === letters)
}
