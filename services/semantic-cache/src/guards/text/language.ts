import { wordSets } from './table.ts'
import type { Token } from './token.ts'

/** The language of a text as far as its script or its function words tell; nothing where they do not. */
export function languageOf(text: string, tokens: readonly Token[]): string | undefined {
  if (NOT_LATIN.test(text)) {
    const script = SCRIPTS.find(([, letters]) => (text.match(letters)?.length ?? 0) * 2 > (text.match(LETTERS)?.length ?? 0))
    if (script) return script[0]
  }
  const stops = stopsOf(tokens)
  if (stops >= 3 && stops * 5 >= tokens.length * 2) return 'en'
  const hits = new Map<string, number>()
  for (const { word } of tokens) {
    for (const language of SPEAKERS.get(word.text) ?? []) hits.set(language, (hits.get(language) ?? 0) + 1)
  }
  const english = hits.get('en') ?? 0
  hits.delete('en')
  const [first, second] = [...hits].sort((a, b) => b[1] - a[1])
  // "do" and "as" are Portuguese too, "is" is Dutch
  if (!first || first[1] < 2 || first[1] <= stops) return english > 0 && stops >= 2 && stops > (first?.[1] ?? 0) ? 'en' : undefined
  return first[1] > (second?.[1] ?? 0) ? first[0] : FOREIGN
}

/** Not English, but which of several it is remains open. */
export const FOREIGN = 'foreign'

/** Function words of English: with three or more, at least two of five words, there is no need to ask for other languages. */
function stopsOf(tokens: readonly Token[]): number {
  let stops = 0
  for (const { word } of tokens) if (word.stop) stops += 1
  return stops
}

/** Whether a word only holds a sentence of that language together. */
export function isFunctionWord(language: string, text: string): boolean {
  return FUNCTION_WORDS.get(language)?.has(text) ?? false
}

const FUNCTION_WORDS = wordSets('languages')
const SPEAKERS = new Map<string, string[]>()
for (const [language, words] of FUNCTION_WORDS) {
  for (const word of words) {
    const plain = word.normalize('NFKD').replaceAll(/[\u0300-\u036f]/g, '')
    const speakers = SPEAKERS.get(plain)
    if (!speakers) SPEAKERS.set(plain, [language])
    else if (!speakers.includes(language)) speakers.push(language)
  }
}

const NOT_LATIN = /[\u0370-\u1fff\u3040-\ud7ff]/
const LETTERS = /\p{L}/gu
const SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ['ja', /[\u3040-\u30ff]/g], ['ko', /\p{Script=Hangul}/gu], ['zh', /\p{Script=Han}/gu], ['cyrillic', /\p{Script=Cyrillic}/gu],
  ['ar', /\p{Script=Arabic}/gu], ['el', /\p{Script=Greek}/gu], ['he', /\p{Script=Hebrew}/gu], ['devanagari', /\p{Script=Devanagari}/gu],
  ['th', /\p{Script=Thai}/gu],
]
