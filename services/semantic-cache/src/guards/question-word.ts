import type { Comparison } from './comparison.ts'
import type { Prepared } from './text/prepare.ts'

/** Differs when the texts ask for different things about the same: who, when, where, why, how many… */
export function questionWord({ asked, stored, difference }: Comparison): boolean {
  const left = questionOf(asked)
  const right = questionOf(stored)
  if (left === right || left === undefined || right === undefined) return false
  if (SPECIFIC.has(left) && SPECIFIC.has(right)) return !ALLIED.has(`${left}/${right}`) && !ALLIED.has(`${right}/${left}`)
  if (!DISTINCT.has(`${left}/${right}`) && !DISTINCT.has(`${right}/${left}`)) return false
  const { onlyAsked, onlyStored } = difference()
  return ![...onlyAsked, ...onlyStored].some(({ word, kind }) => !word.light || kind !== 'word')
}

/** The first question word of a text; "yes" for a question that is answered with yes or no. */
export function questionOf(text: Prepared): string | undefined {
  if (!('question' in text.kept)) text.kept.question = read(text)
  return text.kept.question
}

function read({ tokens }: Prepared): string | undefined {
  for (const [at, { word: { text } }] of tokens.entries()) {
    const next = tokens[at + 1]?.word
    if (text === 'how') return next && AMOUNTS.get(next.stem) || 'how'
    if (text === 'what' || text === 'which') return next && ASPECTS.get(next.stem) || 'what'
    if (text === 'whose' || text === 'whom') return 'who'
    if ((text === 'when' || text === 'where') && at > 0 && !tokens[at - 1]!.ends && !tokens[at - 1]!.word.stop) continue
    if (WORDS.has(text)) return text
    if (VERBS.has(text) && (at === 0 || tokens[at - 1]!.ends || tokens[at - 1]!.pauses)) return 'yes'
  }
  return undefined
}

const WORDS = new Set(['who', 'when', 'where', 'why'])
const AMOUNTS = new Map([['many', 'how many'], ['much', 'how much'], ['length', 'how long'], ['often', 'how often'], ['distanc', 'how far'], ['height', 'how tall'], ['siz', 'how big'], ['ag', 'how old'], ['cost', 'how much']])
const ASPECTS = new Map([['tim', 'when'], ['dat', 'when'], ['day', 'when'], ['dai', 'when'], ['year', 'when'], ['plac', 'where'], ['person', 'who'], ['reason', 'why']])
const SPECIFIC = new Set(['who', 'when', 'where', 'why', 'how many', 'how much', 'how often', 'how far'])
/** Often two ways to ask one thing. */
const ALLIED = new Set(['how much/how many'])
/** Different where nothing else differs. */
const DISTINCT = new Set(['how/why', 'yes/why', 'yes/when', 'yes/where', 'yes/who', 'what/why', 'what/when', 'what/where', 'what/who', 'how/when', 'how/who', 'how/how many', 'how/how long', 'how/how often', 'when/how long', 'what/how many', 'what/how often', 'what/how long', 'yes/how many', 'yes/how long', 'yes/how often', 'why/how long', 'how often/how long', 'who/how', 'yes/what', 'what/how much'])
const VERBS = new Set(['is', 'are', 'was', 'were', 'do', 'does', 'did', 'has', 'have', 'will', 'should', 'must', 'would'])
