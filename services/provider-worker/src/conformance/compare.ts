import { inputTokens, outputTokens } from '@gomodel/contracts'
import type { End } from '../provider.ts'
import type { Answer, Call, Spent, Told } from './shapes.ts'
import { inputOf } from './read-json.ts'
import type { Tells } from './wires/wire.ts'

/** Everything in which a client was told something else than the provider said. */
export function differences(answer: Answer, told: Told, tells: Tells): string[] {
  const faults = [...told.faults]
  const same = (what: string, got: unknown, wanted: unknown): void => {
    if (JSON.stringify(got) !== JSON.stringify(wanted)) faults.push(`${what} is ${JSON.stringify(got)} instead of ${JSON.stringify(wanted)}`)
  }
  // A dialect without a place for a refusal has it in the text.
  same('the text', told.text + told.refusal, answer.text.join('') + (tells.refusals ? (answer.refusal ?? '') : ''))
  same('the thought', told.thought, tells.thoughts ? (answer.thought ?? '') : '')
  same('the end', told.ending, answer.ending)
  same('the second choice', told.second, answer.second)
  same('the pieces with logprobs', told.likely, answer.likely ? answer.text.length : 0)
  const wanted = (answer.calls ?? []).map(({ id, name, arguments: pieces }): Call => ({ id, name, input: inputOf(pieces.join('')) }))
  same('the calls', told.calls.map(({ name, input }) => [name, input]), wanted.map(({ name, input }) => [name, input]))
  if (tells.callIds) same('the ids of the calls', told.calls.map(({ id }) => id), wanted.map(({ id }) => id))
  if (new Set(told.calls.map(({ id }) => id || undefined)).size !== wanted.length) faults.push('some calls have no ids of their own')
  return faults
}

/** The same for what it cost, as the client sees it. */
export function spentDifferently(spent: Spent | undefined, { input, output, cached = 0, thought = 0 }: Spent): string[] {
  const wanted = { input, output, cached, thought }
  return JSON.stringify(spent) === JSON.stringify(wanted) ? [] : [`the client sees that it cost ${JSON.stringify(spent)} instead of ${JSON.stringify(wanted)}`]
}

/** The same for the books. */
export function bookedDifferently({ usage, natural }: End, answer: Answer, spent: Spent): string[] {
  const booked = usage && { input: inputTokens(usage), output: outputTokens(usage), cached: usage.inputCacheRead, thought: usage.outputReasoning }
  const { input, output, cached = 0, thought = 0 } = spent
  const wanted = { input, output, cached, thought }
  return [
    ...(JSON.stringify(booked) === JSON.stringify(wanted) ? [] : [`${JSON.stringify(booked)} is booked instead of ${JSON.stringify(wanted)}`]),
    ...(usage?.source === 'final' ? [] : ['what it cost is not known to be final']),
    ...(natural === (answer.ending === 'stop' || answer.ending === 'calls') ? [] : [`its end counts as ${natural ? '' : 'not '}natural`]),
  ]
}
