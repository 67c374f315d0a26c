import type { Comparison } from './comparison.ts'
import { related } from './related.ts'
import type { Prepared } from './text/prepare.ts'
import type { Word } from './text/word.ts'

/** Differs in how much or whose is meant: all or some, first or last, only, except, my or your. */
export function scope({ asked, stored }: Comparison): boolean {
  const left = asked.kept.scopes ??= scopesOf(asked)
  const right = stored.kept.scopes ??= scopesOf(stored)
  if (left.size === 0 && right.size === 0) return false
  return EXCLUSIVE.some(([a, b]) => apart(left, right, a, b) || apart(left, right, b, a)) ||
    DECISIVE.some(name => left.has(name) !== right.has(name)) || left.has('the first') !== right.has('the first') && left.has('first') !== right.has('first') || otherOwner(asked, stored, left, right)
}

function scopesOf({ typed }: Prepared): ReadonlySet<string> {
  const found = new Set<string>()
  for (let at = 0; at < typed.length; at += 1) {
    const { text, scope: name } = typed[at]!.word
    if (name !== undefined && !isFixed(typed[at - 1]?.word.text ?? '', text, typed[at + 1]?.word.text)) found.add(name)
    if (text === 'first' && typed[at - 1]?.word.text === 'the') found.add('the first')
  }
  return found
}

const apart = (left: ReadonlySet<string>, right: ReadonlySet<string>, a: string, b: string): boolean => left.has(a) && right.has(b) && !left.has(b) && !right.has(a)

/** "How do I raise my score" and "how do you raise your score" speak of anybody; "my" against "your" under the same subject does not. */
function otherOwner(asked: Prepared, stored: Prepared, left: ReadonlySet<string>, right: ReadonlySet<string>): boolean {
  if (!OWNERS.some(([a, b]) => apart(left, right, a, b) || apart(left, right, b, a))) return false
  const [thing, otherThing] = [owned(asked), owned(stored)]
  if (thing && otherThing && !related(thing, otherThing)) return false
  const [own, other] = [ownsItself(asked, left), ownsItself(stored, right)]
  return !(own && other) && !(own && isAnybodys(stored, right)) && !(other && isAnybodys(asked, left))
}

/** "My payment" and "your site" are no two payments. */
function owned({ typed }: Prepared): Word | undefined {
  const at = typed.findIndex(({ word }) => word.scope !== undefined && OWNING.has(word.scope))
  return typed.find(({ word: { stop } }, place) => place > at && !stop)?.word
}

function ownsItself(text: Prepared, scopes: ReadonlySet<string>): boolean {
  return [...SUBJECTS].some(([owner, subject]) => scopes.has(owner) && says(text, subject))
}

/** "Is it allowed to bring your own food" names nobody. */
const isAnybodys = (text: Prepared, scopes: ReadonlySet<string>): boolean => scopes.has('yours') && !says(text, ANYBODY)

/** Where a word of scope does not say how much: "at all", "last name", a "but" that does not follow "all". */
function isFixed(before: string, text: string, after: string | undefined): boolean {
  return (text === 'but' && !BEFORE_BUT.test(before)) || FIXED.test(`${before} ${text} ${after ?? ''}`)
}

const says = ({ typed }: Prepared, words: RegExp): boolean => typed.some(({ word }) => words.test(word.text))

const EXCLUSIVE = [['everything', 'part'], ['everything', 'single'], ['everything', 'first'], ['everything', 'last'], ['first', 'last'], ['most', 'least']] as const
const OWNERS = [['mine', 'yours'], ['mine', 'theirs'], ['yours', 'theirs']] as const
const DECISIVE = ['only', 'except'] as const
const SUBJECTS = new Map([['mine', /^(?:i|we)$/], ['yours', /^you$/], ['theirs', /^(?:people|they|one|person|someone)$/]])
const OWNING = new Set(OWNERS.flat() as string[])
const ANYBODY = /^(?:i|we|you|he|she|they|me|us|him|them)$/
const BEFORE_BUT = /^(?:all|everything|everyone|anything|nothing)$/
const FIXED = /^(?:at|after|first of) all |^\S* (?:first|last) name|^\S* first (?:world|class|lady|person|step|thing)|^\S* (?:each|every) (?:other|day|time|week|month|year)|^\S* just |^\S* (?:half|one) (?:of|time)|^not only|^(?:no|this|that|which|the|any|every) one |^\S* one (?:of|should|can|does|is)|^\S* (?:last|long|first) (?:week|month|year|night|long|aid|time)|^\S* any |^\S* current /
