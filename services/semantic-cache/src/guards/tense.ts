import type { Comparison } from './comparison.ts'
import { questionOf } from './question-word.ts'
import type { Prepared } from './text/prepare.ts'
import type { Token } from './text/token.ts'

/** Differs when two texts that say the same ask about what was, is or will be, or what may, should or must be. */
export function tense({ asked, stored, difference }: Comparison): boolean {
  if (!('time' in asked.kept)) asked.kept.time = timeOf(asked)
  const left = asked.kept.time
  const right = timeOf(stored)
  const [may, might] = [modalityOf(asked), modalityOf(stored)]
  if ((left === right || left === undefined || right === undefined) && may === might) return false
  const { onlyAsked, onlyStored } = difference()
  if ([...onlyAsked, ...onlyStored].some(({ word, kind }) => !word.light || kind !== 'word')) return false
  // "where was he born" and "what is his birthplace" look at one fact from two times
  if (left !== undefined && right !== undefined && left !== right && questionOf(asked) === questionOf(stored) && sameWords(asked, stored) && sameWords(stored, asked)) return true
  return may !== might && may !== undefined && might !== undefined
}

/** "Invented by whom" and "the inventor" tell one fact in two times. */
const sameWords = ({ content }: Prepared, other: Prepared): boolean => content.every(({ word }) => word.light || other.content.some(token => token.word.stem === word.stem))

/** The time of the first auxiliary of a question. */
function timeOf({ tokens }: Prepared): string | undefined {
  const asking = tokens.findIndex(({ word }) => QUESTION.has(word.text))
  if (asking === -1 && !VERB.has(tokens[0]?.word.text ?? '')) return undefined
  // "my flight was cancelled, what are my rights" asks about now
  return timeFrom(tokens, Math.max(asking, 0)) ?? timeFrom(tokens, 0)
}

function timeFrom(tokens: readonly Token[], start: number): string | undefined {
  for (let at = start; at < tokens.length; at += 1) {
    const time = TIMES.get(tokens[at]!.word.text)
    if (time !== undefined) return time
  }
  return undefined
}

/** What a question asks about an act; "how can I" and "how should I" both ask for the way. */
function modalityOf(text: Prepared): string | undefined {
  const question = questionOf(text)
  if (question === 'what' || question?.startsWith('how')) return undefined
  for (const { word } of text.tokens) {
    const modality = MODALITIES.get(word.text) ?? (word.senses.includes('ned') || word.senses.includes('need') ? 'must' : undefined)
    if (modality !== undefined) return modality
  }
  return undefined
}

const QUESTION = new Set(['who', 'what', 'when', 'where', 'why', 'which', 'how'])
const VERB = new Set(['is', 'are', 'was', 'were', 'do', 'does', 'did', 'will', 'has', 'have', 'can', 'could', 'should', 'must', 'may'])
const TIMES = new Map([['is', 'now'], ['are', 'now'], ['do', 'now'], ['does', 'now'], ['was', 'past'], ['were', 'past'], ['did', 'past'], ['will', 'future'], ['gonna', 'future']])
const MODALITIES = new Map([['can', 'can'], ['could', 'can'], ['may', 'can'], ['should', 'should'], ['must', 'must'], ['allowed', 'can'], ['did', 'did'], ['will', 'will']])
