import { table } from './table.ts'

const IRREGULAR = new Map(Object.entries(table<Record<string, string>>('irregular')))

/** The part of an English word that its inflections share; not a word itself ("deliveries" and "delivery" are both "deliveri"). */
export function stem(word: string): string {
  const known = IRREGULAR.get(word)
  if (known !== undefined) return level(american(known))
  const single = withoutPlural(word)
  // "shots" goes where "shot" goes
  return level(american(IRREGULAR.get(single) ?? withoutEnding(single)))
}

/** British spelling with the American ending; words that only look like it change alike on both sides. */
function american(word: string): string {
  if (word.length < 5 || !BRITISH.test(word)) return word
  return word
    .replace(/is(e|er|ation)?$/, 'iz$1')
    .replace(/our(?=$|it|ful|abl|hood)/, 'or')
    .replace(/([bt])re$/, '$1er')
    .replace(/yse?$/, 'yz')
    .replace(/ogue?$/, 'og')
    .replace(/ae(?=.{3})/, 'e')
}

function withoutPlural(word: string): string {
  if (word.length < 4 || !word.endsWith('s')) return word
  if (word.endsWith('ies') && word.length > 4) return `${word.slice(0, -3)}y`
  if (/(?:ss|x|ch|sh|z)es$/.test(word)) return word.slice(0, -2)
  return /(?:ss|us|is)$/.test(word) ? word : word.slice(0, -1)
}

function withoutEnding(word: string): string {
  if (word.length > 5 && word.endsWith('ing') && VOWEL.test(word.slice(0, -3))) return word.slice(0, -3)
  if (word.length > 4 && word.endsWith('ed') && !word.endsWith('eed') && VOWEL.test(word.slice(0, -2))) return word.slice(0, -2)
  return word.length > 5 && word.endsWith('ly') ? word.slice(0, -2) : word
}

/** Stripping leaves "stopp", "mak" and "studi": the same is done to every word. */
function level(word: string): string {
  if (word.length < 4) return word
  let end = word.length
  if (word[end - 1] === 'e') end -= 1
  if (word[end - 1] === word[end - 2]) end -= 1
  return word[end - 1] === 'y' ? `${word.slice(0, end - 1)}i` : word.slice(0, end)
}

const VOWEL = /[aeiouy]/
/** "Organise", "organisation", "flavour", "centre", "analyse", "catalogue", "anaemia". */
const BRITISH = /is(?:e|er|ation)?$|our(?:$|it|ful|abl|hood)|[bt]re$|yse?$|ogue?$|ae.{3}/
