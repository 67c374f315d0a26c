import { table } from './text/table.ts'
import { MONTHS, WEEKDAYS } from './text/number-words.ts'
import type { Prepared } from './text/prepare.ts'
import { stem } from './text/stem.ts'
import type { Token } from './text/token.ts'

/** A number of a text with what it counts. */
export interface Quantity {
  /** "length", "usd"…; empty for a bare number. */
  readonly dimension: string
  /** In the base unit of the dimension; as written for a bare number. */
  readonly value: string
  /** As written, before conversion. */
  readonly written: string
  readonly unit: string
  /** Below or above it, where the text says so. */
  readonly side: 'below' | 'above' | undefined
}

/** The numbers, units and moments that a text names. */
export interface Measures {
  readonly quantities: readonly Quantity[]
  /** Units that stand without a number ("how many feet in a mile"). */
  readonly units: readonly { readonly dimension: string; readonly unit: string }[]
  /** "month:3", "day:3/5", "weekday:1", "time:900", "relative:next week". */
  readonly moments: ReadonlySet<string>
}

/** Reads the numbers and moments of a text; kept with the text for the guards that share them. */
export function measuresOf(text: Prepared): Measures {
  return text.kept.measures ??= text.tokens.some(measures) ? read(text.tokens) : NOTHING
}

function read(tokens: readonly Token[]): Measures {
  const moments = new Set<string>()
  const quantities: Quantity[] = []
  const units: { dimension: string; unit: string }[] = []
  const used = new Set<number>()
  for (const at of tokens.keys()) moment(tokens, at, { moments, used, year: value => quantities.push(bare(value)) })
  for (const [at, token] of tokens.entries()) {
    if (token.kind === 'number' && !used.has(at)) {
      const unitAt = unitOf(tokens[at + 1]) ? at + 1 : -1
      const unit = unitAt === -1 ? undefined : unitOf(tokens[unitAt])
      if (unit) used.add(unitAt)
      quantities.push(quantity(token.value, unit, sideBefore(tokens, at)))
    }
  }
  for (const [at, token] of tokens.entries()) {
    const unit = used.has(at) || token.word.text.length < 2 ? undefined : unitOf(token)
    if (unit) units.push({ dimension: unit.dimension, unit: unit.unit })
  }
  return { quantities, units, moments }
}

interface Findings { readonly moments: Set<string>; readonly used: Set<number>; readonly year: (value: string) => void }

function moment(tokens: readonly Token[], at: number, found: Findings): void {
  const { kind, value, word: { text } } = tokens[at]!
  if (kind === 'word' && !TIMELY.has(text)) return
  if (kind === 'date') dateParts(value, found)
  else if (kind === 'time') found.moments.add(`time:${value}`)
  else if (text === 'noon' || text === 'midday') found.moments.add('time:720')
  else if (text === 'midnight') found.moments.add('time:0')
  else if (RELATIVE.has(text)) found.moments.add(`relative:${text}`)
  else if (WEEKDAYS.has(text)) found.moments.add(`weekday:${WEEKDAYS.get(text)}`)
  else if (SHIFTED.test(text) && PERIOD.test(tokens[at + 1]?.word.text ?? '')) found.moments.add(`relative:${shift(text)} ${tokens[at + 1]!.word.stem}`)
  else if (/^[ap]m$/.test(text) && tokens[at - 1]?.kind === 'number') {
    const hour = Number(tokens[at - 1]!.value) % 12
    found.used.add(at - 1)
    found.moments.add(`time:${(hour + (text === 'pm' ? 12 : 0)) * 60}`)
  } else if (MONTHS.has(text)) month(tokens, at, found)
}

/** "March 5, 2024", "5th of March", "in May"; "may" and "march" in small letters need a number beside them. */
function month(tokens: readonly Token[], at: number, { moments, used }: Findings): void {
  const token = tokens[at]!
  const number = MONTHS.get(token.word.text)!
  const dayAt = [at + 1, at - 1, tokens[at - 1]?.word.text === 'of' ? at - 2 : at - 1].find(place => isDay(tokens[place]) && !used.has(place))
  const certain = dayAt !== undefined || tokens[at + 1]?.kind === 'number' || /^(?:in|of|by|since|until|last|next|for|during|every|early|late|mid)$/.test(tokens[at - 1]?.word.text ?? '') || !/^(?:may|march|mar|sep|dec|jan)$/.test(token.word.text)
  if (!certain) return
  moments.add(`month:${number}`)
  if (dayAt === undefined) return
  used.add(dayAt)
  moments.add(dayKey(number, Number(tokens[dayAt]!.value)))
}

function dateParts(value: string, { moments, year }: Findings): void {
  const [first, second, third] = value.split(/[-?]/).map(Number)
  year(String(first))
  moments.add(dayKey(second!, third!))
  moments.add(value.includes('?') ? `order:${second}/${third}` : `month:${second}`)
}

const dayKey = (a: number, b: number): string => `day:${Math.min(a, b)}/${Math.max(a, b)}`
const isDay = (token: Token | undefined): boolean => token?.kind === 'number' && /^\d{1,2}$/.test(token.value) && Number(token.value) <= 31

function sideBefore(tokens: readonly Token[], at: number): Quantity['side'] {
  for (let back = 1; back <= 2; back += 1) {
    const text = tokens[at - back]?.word.text ?? ''
    if (BELOW.has(text)) return 'below'
    if (ABOVE.has(text)) return 'above'
  }
  return undefined
}

interface Unit { readonly dimension: string; readonly factor: number; readonly unit: string }

const bare = (value: string): Quantity => quantity(value, undefined, undefined)

function quantity(written: string, unit: Unit | undefined, side: Quantity['side']): Quantity {
  if (!unit) return { dimension: '', value: written, written, unit: '', side }
  return { dimension: unit.dimension, value: String(Number((Number(written) * unit.factor).toPrecision(6))), written, unit: unit.unit, side }
}

const unitOf = (token: Token | undefined): Unit | undefined => token && (UNITS.get(token.word.text) ?? UNITS.get(token.word.stem))

const shift = (text: string): string => (text === 'previous' ? 'last' : text === 'coming' || text === 'upcoming' ? 'next' : text === 'current' ? 'this' : text)
const SHIFTED = /^(?:last|next|this|previous|coming|upcoming|current)$/
const PERIOD = /^(?:week|month|year|quarter|weekend|semester|season|summer|winter|spring|autumn)$/
const RELATIVE = new Set(['today', 'tomorrow', 'yesterday', 'tonight'])
const TIMELY = new Set([...RELATIVE, ...MONTHS.keys(), ...WEEKDAYS.keys(), 'noon', 'midday', 'midnight', 'am', 'pm', 'last', 'next', 'this', 'previous', 'coming', 'upcoming', 'current'])
const BELOW = new Set(['under', 'below', 'maximum', 'within', 'until', 'before', 'fewer', 'less', 'beneath', 'max', 'younger'])
const ABOVE = new Set(['over', 'above', 'minimum', 'exceeding', 'after', 'beyond', 'exceeds', 'exceed', 'min', 'older'])

const UNITS = new Map(table<string[]>('units').flatMap(row => {
  const [dimension, factor, names] = row.split(' ')
  const [unit, ...others] = names!.split('|')
  return [unit!, ...others].flatMap(name => [name, stem(name)].map(key => [key, { dimension: dimension!, factor: Number(factor), unit: unit! }] as const))
}))

const MEASURING = new Set([...TIMELY, ...UNITS.keys()])
const measures = ({ kind, word: { text, stem: root } }: Token): boolean => kind !== 'word' || MEASURING.has(text) || UNITS.has(root)
const NOTHING: Measures = { quantities: [], units: [], moments: new Set() }
