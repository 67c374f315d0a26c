import { stem } from './stem.ts'
import { table, wordSets } from './table.ts'

/** What the tables know of one word; made once per spelling. */
export interface Word {
  /** As typed, in lower case. */
  readonly text: string
  readonly stem: string
  /** Every sense: its own stem and the first words of its synonym groups. Two words mean the same when they share one. */
  readonly senses: readonly string[]
  /** A function word, ignored wherever meaning is compared. */
  readonly stop: boolean
  /** A word that people add and leave out freely ("way", "please", "best"). */
  readonly light: boolean
  /** A word of many uses ("get", "result"): where a sentence was put differently, it says little about the subject. */
  readonly generic: boolean
  /** A place, brand or person of the tables. */
  readonly name: boolean
  /** Found in a table: nobody mistyped it. */
  readonly known: boolean
  /** How much or whose it says is meant ("everything", "mine"), by the table of scopes. */
  readonly scope: string | undefined
  /** A phrase of the tables begins with it. */
  readonly opens: boolean
  /** Sides taken in `opposites`: n for the left one of row n, -n for the right one. */
  readonly sides: readonly number[]
  /** Its place in `alternatives`, as "row:member". */
  readonly members: readonly string[]
}

const PLAIN = wordSets('plain-words')
const STOP = PLAIN.get('stop')!
const LIGHT = new Set([...PLAIN.get('light')!].map(stem))
const GENERIC = new Set([...PLAIN.get('generic')!].map(stem))

const SCOPES = new Map([...wordSets('scopes')].flatMap(([name, words]) => [...words].map(word => [word, name] as const)))

/** Groups of the tables; entries of several words are phrases (see `phrases.ts`) that stand for the first of their group. */
const GROUPS: readonly (readonly string[])[] = table<string[]>('synonyms').map(row => row.split('|'))
const NAMES: readonly (readonly string[])[] = table<string[]>('names').map(row => row.split('|'))

const SENSES = groupsByStem(GROUPS)
const NAME_SENSES = groupsByStem(NAMES)

const SIDES = new Map<string, number[]>()
for (const [row, pair] of table<string[]>('opposites').entries()) {
  const [left, right] = pair.split('/')
  note(SIDES, senseOf(left!), row + 1)
  note(SIDES, senseOf(right!), -row - 1)
}

const MEMBERS = new Map<string, string[]>()
for (const [row, members] of table<string[]>('alternatives').entries()) {
  for (const member of members.split('|')) note(MEMBERS, senseOf(member), `${row}:${member}`)
}

/** The name under which the tables know a phrase or a word. */
export function senseOf(entry: string): string {
  return /[ -]/.test(entry) ? entry.split(/[ -]/).map(stem).join('-') : stem(entry)
}

/** Phrases of the tables; each becomes one word with the senses of all its groups. */
export const GROUP_PHRASES: ReadonlySet<string> = new Set([...GROUPS, ...NAMES].flat().filter(entry => /[ -]/.test(entry)))

/** Phrases and what they are replaced by. */
export const RESOLVED: readonly (readonly [phrase: string, words: string])[] = table<string[]>('phrases').map(row => row.split('=') as [string, string])
const OPENINGS = new Set([...GROUP_PHRASES, ...RESOLVED.map(([phrase]) => phrase)].map(phrase => stem(phrase.split(/[ -]/)[0]!)))

/** Looks a word up; `english: false` leaves out stems, synonyms and the English function words. */
export function wordOf(text: string, english = true): Word {
  const memo = english ? ENGLISH : FOREIGN
  const known = memo.get(text)
  if (known) return known
  if (memo.size >= MOST_WORDS) memo.clear()
  const word = english ? look(text) : foreign(text)
  memo.set(text, word)
  return word
}

function look(text: string): Word {
  const phrase = text.includes(' ')
  const root = senseOf(text)
  const names = NAME_SENSES.get(root)
  const senses = names ? [root, ...names] : [root, ...(SENSES.get(root) ?? [])]
  const unique = [...new Set(senses)]
  return {
    text,
    stem: root,
    senses: unique,
    stop: STOP.has(text),
    light: LIGHT.has(root) || (phrase && unique.length > 1 && unique.slice(1).every(sense => LIGHT.has(sense))),
    generic: GENERIC.has(root) || (phrase && unique.some(sense => GENERIC.has(sense))),
    name: names !== undefined,
    known: unique.length > 1 || SENSES.has(root) || names !== undefined || STOP.has(text) || LIGHT.has(root) || GENERIC.has(root) || SIDES.has(root) || MEMBERS.has(root),
    scope: SCOPES.get(text),
    opens: OPENINGS.has(stem(text)),
    sides: unique.flatMap(sense => SIDES.get(sense) ?? []),
    members: unique.flatMap(sense => MEMBERS.get(sense) ?? []),
  }
}

function foreign(text: string): Word {
  return { text, stem: text, senses: [text], stop: false, light: false, generic: false, name: false, known: false, scope: undefined, opens: false, sides: [], members: [] }
}

function groupsByStem(groups: readonly (readonly string[])[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const group of groups) {
    const sense = senseOf(group[0]!)
    for (const entry of group) note(found, senseOf(entry), sense)
  }
  return found
}

function note<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key)
  if (values) values.push(value)
  else map.set(key, [value])
}

/** A word is some 300 bytes: two memos of this size stay under 15 MB. */
const MOST_WORDS = 20_000
const ENGLISH = new Map<string, Word>()
const FOREIGN = new Map<string, Word>()
