import type { Comparison } from './comparison.ts'
import type { Prepared } from './text/prepare.ts'
import { table } from './text/table.ts'
import type { Token } from './text/token.ts'
import { senseOf } from './text/word.ts'

/** Differs when the texts ask for different things about the same: who, when, where, why, how many… */
export function questionWord({ asked, stored, difference }: Comparison): boolean {
  const left = questionOf(asked)
  const right = questionOf(stored)
  if (left === right || left === undefined || right === undefined) return false
  if (isAllied(left, right) || implies(asked, left, right) || implies(stored, right, left)) return false
  if (SPECIFIC.has(left) && SPECIFIC.has(right)) return true
  // "what is the rent" is "how much is the rent"; "what do owls eat" is not "how much do owls eat"
  if (asksForValue(asked, left, right) || asksForValue(stored, right, left)) return false
  if (!DISTINCT.has(`${left}/${right}`) && !DISTINCT.has(`${right}/${left}`)) return false
  const { onlyAsked, onlyStored } = difference()
  return ![...onlyAsked, ...onlyStored].some(token => (!token.word.light || token.kind !== 'word') && !meansTo(token, left) && !meansTo(token, right))
}

/** The first question word of a text; "yes" for a question that is answered with yes or no. */
export function questionOf(text: Prepared): string | undefined {
  if (!('question' in text.kept)) text.kept.question = read(text)
  return text.kept.question
}

function read({ tokens }: Prepared): string | undefined {
  for (let at = 0; at < tokens.length; at += 1) {
    const { text } = tokens[at]!.word
    const next = tokens[at + 1]?.word
    if (text === 'how') return amountOf(tokens, at + 1) ?? 'how'
    if (text === 'what' || text === 'which') return next && ASPECTS.get(next.stem) || 'what'
    if (text === 'whose' || text === 'whom') return 'who'
    if ((text === 'when' || text === 'where') && at > 0 && !tokens[at - 1]!.ends && !tokens[at - 1]!.word.stop) continue
    if (WORDS.has(text)) return text
    if (VERBS.has(text) && (at === 0 || tokens[at - 1]!.ends || tokens[at - 1]!.pauses)) return next && OFFERED.has(next.text) ? 'yes, what' : 'yes'
  }
  return undefined
}

/** "How much sleep" asks for another thing than "how much does it cost": what amount of sleep, which may be hours. */
function amountOf(tokens: readonly Token[], at: number): string | undefined {
  const amount = AMOUNTS.get(tokens[at]?.word.stem ?? '')
  return amount === 'how much' && tokens[at + 1]?.word.stop === false ? 'how much of' : amount
}

/** "What is the price" asks how much, "which author" asks who, and "is there" may ask what there is. */
function implies({ content, tokens }: Prepared, question: string, other: string): boolean {
  // "which is bigger, A or B" and "is A bigger than B"
  if (question === 'what' && other === 'yes' && tokens.some(({ word }) => word.text === 'or')) return true
  if (question === 'yes, what') return other === 'what' || other === 'yes'
  return question === 'what' && content.some(token => meansTo(token, other))
}

const meansTo = ({ word }: Token, question: string): boolean => word.senses.some(sense => IMPLIED.get(sense)?.has(question))

function asksForValue({ tokens }: Prepared, question: string, other: string): boolean {
  return question === 'what' && other.startsWith('how ') && tokens.some(({ word }, at) => word.text === 'what' && tokens[at + 1]?.word.stem === 'be')
}

const isAllied = (left: string, right: string): boolean => ALLIED.has(`${left}/${right}`) || ALLIED.has(`${right}/${left}`)

const WORDS = new Set(['who', 'when', 'where', 'why'])
const AMOUNTS = new Map([['many', 'how many'], ['much', 'how much'], ['length', 'how long'], ['often', 'how often'], ['distanc', 'how far'], ['height', 'how tall'], ['siz', 'how big'], ['ag', 'how old'], ['cost', 'how much']])
const ASPECTS = new Map([['tim', 'when'], ['dat', 'when'], ['day', 'when'], ['dai', 'when'], ['year', 'when'], ['plac', 'where'], ['person', 'who'], ['reason', 'why'], ['mak', 'what makes']])
const SPECIFIC = new Set(['who', 'when', 'where', 'why', 'how many', 'how much', 'how much of', 'how often', 'how far'])
/** Often two ways to ask one thing. */
const ALLIED = new Set(['how much/how many', 'how much of/how many', 'how much/how much of', 'what makes/why', 'what makes/how', 'what makes/what', 'yes, what/where', 'how long/how far', 'how big/how tall'])
/** Different where nothing else differs. */
const DISTINCT = new Set(['how/why', 'yes/why', 'yes/when', 'yes/where', 'yes/who', 'yes, what/why', 'yes, what/when', 'yes, what/where', 'yes, what/who', 'yes, what/how many', 'what/why', 'what/when', 'what/where', 'what/who', 'how/when', 'how/who', 'how/how many', 'how/how long', 'how/how often', 'when/how long', 'where/how long', 'who/how long', 'what/how many', 'what/how often', 'what/how long', 'yes/how many', 'yes/how long', 'yes/how often', 'why/how long', 'how often/how long', 'who/how', 'yes/what', 'what/how much', 'how long/how much', 'how long/how many', 'how old/how big', 'how old/how tall', 'how old/how far'])
const VERBS = new Set(['is', 'are', 'was', 'were', 'do', 'does', 'did', 'has', 'have', 'will', 'should', 'must', 'would'])
/** "Are there side effects", "do you have vegan dishes": the yes alone would be a poor answer. */
const OFFERED = new Set(['there', 'you'])
const IMPLIED = new Map<string, Set<string>>()
for (const [question, nouns] of Object.entries(table<Record<string, string>>('aspects'))) {
  for (const noun of nouns.split(' ').map(senseOf)) IMPLIED.set(noun, (IMPLIED.get(noun) ?? new Set()).add(question))
}
