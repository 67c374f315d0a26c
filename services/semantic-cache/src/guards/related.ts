import { table } from './text/table.ts'
import type { Word } from './text/word.ts'

/** Whether two words mean the same: a shared sense, another form of one word, or a slip of the keyboard. */
export function related(a: Word, b: Word): boolean {
  return a === b || sharesSense(a, b) || resembles(a, b)
}

/** Whether two words look like forms or slips of one. */
export function resembles(a: Word, b: Word): boolean {
  if (a.text[0] !== b.text[0] || (a.name && b.name)) return false
  return sameFamily(a.stem, b.stem) || abbreviates(a, b) || abbreviates(b, a) || (!(a.known && b.known) && slip(a, b) && !LOOKALIKES.has(`${a.text}/${b.text}`) && !LOOKALIKES.has(`${b.text}/${a.text}`))
}

/** Whether the tables give two words one meaning. */
function sharesSense(a: Word, b: Word): boolean {
  for (const sense of a.senses) if (b.senses.includes(sense)) return true
  return false
}

/** "install" and "installation": one beginning of five letters or more, endings that only change the kind of word. */
function sameFamily(a: string, b: string): boolean {
  let shared = 0
  while (shared < a.length && a[shared] === b[shared]) shared += 1
  if (shared < 4) return false
  for (let length = shared; length >= Math.max(4, shared - 1); length -= 1) {
    const [endA, endB] = [ending(a, length), ending(b, length)]
    if (ENDINGS.has(endA) && ENDINGS.has(endB) && !OPPOSED_ENDINGS.has(`${endA}/${endB}`) && (length > 4 || endA === '' || endB === '')) return true
  }
  return false
}

/** "Pres" for "president": a beginning that is no word itself. */
const abbreviates = (short: Word, whole: Word): boolean => !short.known && whole.known && short.text.length >= 3 && whole.text.length >= short.text.length + 3 && whole.text.startsWith(short.text)

/** What follows, a doubled letter not counted: "instal" and "installation". */
const ending = (word: string, from: number): string => word.slice(word[from] === word[from - 1] ? from + 1 : from)

/** One letter swapped with its neighbour, dropped, added or doubled, in words of five letters or more that begin alike; or another letter in a word of six. */
function slip(one: Word, other: Word): boolean {
  const [a, b] = one.text.length > other.text.length ? [other.text, one.text] : [one.text, other.text]
  if (a.length < 4 || b.length < 5 || b.length - a.length > 1) return false
  let at = 0
  while (at < a.length && a[at] === b[at]) at += 1
  if (a.length < b.length) return a.slice(at) === b.slice(at + 1)
  if (a[at] === b[at + 1] && a[at + 1] === b[at] && a.slice(at + 2) === b.slice(at + 2)) return true
  // of two unknown words either may be right: "chloride", "chlorine"
  return a.length >= 6 && one.known !== other.known && a.slice(at + 1) === b.slice(at + 1)
}

const ENDINGS = new Set(['', 's', 'i', 'er', 'or', 'ion', 'ation', 'ition', 'iti', 'at', 'ment', 'al', 'abl', 'ibl', 'nes', 'enc', 'anc', 'ent', 'ant', 'iv', 'ativ', 'ful', 'ur', 'ag', 'ou', 'est', 'ing', 'ed', 'th', 'ar', 'ist', 'ism', 'ic', 'ical', 'iz', 'izer', 'ization', 'li', 'ian', 'es', 'e', 'sion', 'tion', 'cation', 'n', 't'])
const OPPOSED_ENDINGS = new Set(['er/e', 'e/er', 'ful/les', 'les/ful'])
const LOOKALIKES = new Set(table<string[]>('lookalikes'))
