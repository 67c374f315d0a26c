import { numberToken } from './numeral.ts'
import { table } from './table.ts'
import type { Token } from './token.ts'

/** Replaces numbers that are spelt out ("twenty-five", "2 million", "third", "Henry VIII") by their value. */
export function withNumbers(tokens: readonly Token[]): readonly Token[] {
  if (!tokens.some(spelt)) return tokens
  const found: Token[] = []
  for (let at = 0; at < tokens.length;) {
    const run = runFrom(tokens, at)
    if (run === undefined) found.push(tokens[at++]!)
    else {
      const last = tokens[at + run.length - 1]!
      found.push({ ...numberToken(run.value, last.word.text), ends: last.ends, pauses: last.pauses })
      at += run.length
    }
  }
  return found
}

function runFrom(tokens: readonly Token[], start: number): { value: string; length: number } | undefined {
  const token = tokens[start]!
  if (isSecond(tokens, start)) return { value: '2', length: 1 }
  const roman = token.upper ? ROMANS.get(token.word.text.toUpperCase()) : undefined
  if (roman !== undefined && tokens[start - 1]?.capital) return { value: String(roman), length: 1 }
  let total = 0
  let group = 0
  let at = start
  for (; at < tokens.length; at += 1) {
    const { kind, value, word: { text } } = tokens[at]!
    const unit = VALUES.get(text) ?? ORDINALS.get(text) ?? (kind === 'number' && at === start ? Number(value) : undefined)
    const scale = SCALES.get(text) ?? (text === 'dozen' && at > start ? 12 : undefined)
    if (scale !== undefined && kind === 'word') {
      group = (group || 1) * scale
      if (scale >= 1000) [total, group] = [total + group, 0]
    } else if (unit !== undefined && joins(group, unit, at === start)) group += unit
    else if (text !== 'and' || at === start || !continues(tokens, at)) break
  }
  const spelled = at - start > 1 || (token.kind === 'word' && token.word.text !== 'one')
  return at === start || !spelled ? undefined : { value: String(total + group), length: at - start }
}

/** "two three" are two numbers, "twenty three" and "hundred three" are one. */
const joins = (group: number, unit: number, first: boolean): boolean => first || (group === 0 ? false : group >= 100 ? unit < 100 : group >= 20 && unit < 10)

/** "two hundred and five", but not "five and six". */
const continues = (tokens: readonly Token[], at: number): boolean => SCALES.has(tokens[at - 1]!.word.text) && VALUES.has(tokens[at + 1]?.word.text ?? '')

/** A place in a row, not a unit of time: "the second largest", "second edition". */
function isSecond(tokens: readonly Token[], at: number): boolean {
  if (tokens[at]!.word.text !== 'second') return false
  const before = tokens[at - 1]
  return before?.kind !== 'number' && !/^(?:per|a|each|every|in|one)$/.test(before?.word.text ?? '') && at + 1 < tokens.length
}

const spelt = ({ word: { text } }: Token): boolean => SPELT.has(text)

const NUMBER_WORDS = table<Record<'values' | 'ordinals' | 'scales' | 'romans' | 'months' | 'weekdays', string>>('number-words')
const map = (row: string): ReadonlyMap<string, number> => new Map(row.split(' ').map(entry => [entry.split('=')[0]!, Number(entry.split('=')[1])] as const))
const VALUES = map(NUMBER_WORDS.values)
const ORDINALS = map(NUMBER_WORDS.ordinals)
const SCALES = map(NUMBER_WORDS.scales)
const ROMANS = map(NUMBER_WORDS.romans)
const SPELT = new Set(['second', ...VALUES.keys(), ...ORDINALS.keys(), ...SCALES.keys(), ...[...ROMANS.keys()].map(roman => roman.toLowerCase())])

/** Months by name and short name, 1 to 12. */
export const MONTHS = map(NUMBER_WORDS.months)
/** Days of the week by name and short name, 1 (Monday) to 7. */
export const WEEKDAYS = map(NUMBER_WORDS.weekdays)
