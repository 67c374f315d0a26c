import type { Comparison } from './comparison.ts'
import { isTurned } from './denial.ts'
import type { Prepared } from './text/prepare.ts'
import type { Token } from './text/token.ts'

/** Differs when one text is denied and the other is not ("not", "never", "without", "unsafe"); a double denial is none, and "not open" is "closed". */
export function negation({ asked, stored }: Comparison): boolean {
  return (asked.kept.denials ??= denials(asked)) % 2 !== denials(stored) % 2 &&
    !opposed(asked, stored) && !opposed(stored, asked) && !paraphrased(asked, stored) && !paraphrased(stored, asked)
}

/** "I never got it" may be "I don't have it": the phrase of the tables denies too. */
const paraphrased = (text: Prepared, other: Prepared): boolean => text.tokens.some(({ word }) => DENYING.test(word.text)) && denials(other) > 0

function denials({ tokens }: Prepared): number {
  let denied = 0
  let at = -1
  for (let place = 0; place < tokens.length; place += 1) {
    if (tokens[place]!.word.text !== 'not') continue
    denied += 1
    at = place
  }
  return denied === 1 && isExpectant(tokens, at) ? 0 : denied
}

/** "Isn't it safe?" asks what "is it safe?" does. */
function isExpectant(tokens: readonly Token[], at: number): boolean {
  const verb = tokens[at - 1]
  const before = tokens[at - 2]
  return verb !== undefined && AUXILIARY.has(verb.word.text) && (!before || before.ends || before.pauses) && SUBJECTS.has(tokens[at + 1]?.word.text ?? '')
}

/** Whether the one text denies what the other says by the opposite word. */
function opposed(text: Prepared, other: Prepared): boolean {
  return text.tokens.some(token => token.word.sides.length > 0 && isTurned(text, token) && token.word.sides.some(side => says(other, -side)))
}

const says = (text: Prepared, side: number): boolean => text.tokens.some(token => token.word.sides.includes(side) && !isTurned(text, token))

const DENYING = /\bnot .|. not\b/
const AUXILIARY = new Set(['is', 'are', 'was', 'were', 'do', 'does', 'did', 'should', 'would', 'will', 'has', 'have'])
const SUBJECTS = new Set(['i', 'you', 'we', 'it', 'he', 'she', 'they', 'there', 'the', 'this', 'that', 'these', 'those', 'my', 'your', 'our'])
