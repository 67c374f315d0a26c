import type { HubAnswerMessage, HubCompletion, ToolCall } from '../../hub/hub.ts'
import { type GenerateRequest, type HubAnswer, type Identity, ProviderError } from '../../provider.ts'
import { blockOf, endOfAnswer, finishFields, headOf } from './answer-head.ts'
import { Candidate, type Said } from './candidate.ts'
import { type Fields, records, recordsIn, textOf } from './fields.ts'
import type { Finish } from './finish.ts'
import { geminiError } from './error.ts'
import { geminiUsage } from './usage.ts'

type Choice = HubCompletion['choices'][number]

/** Reads a whole answer; throws when the body is none. */
export function wholeAnswer(identity: Identity, request: GenerateRequest, body: Uint8Array): HubAnswer {
  const said = recordsIn(identity, textOf(body))
  const failed = said.find(({ error }) => error)
  if (failed) throw geminiError(identity, failed.error)
  const answer = said[0] ?? {}
  const head = headOf(answer, request)
  const finishes = new Map<number, Finish | undefined>()
  const choices = choicesOf(answer, { identity, answerId: head.id, finishes })
  const end = endOfAnswer(geminiUsage(answer.usageMetadata), finishes)
  return { completion: { id: head.id, object: 'chat.completion', created: head.created, model: head.model, choices }, end }
}

function choicesOf(answer: Fields, { identity, answerId, finishes }: { identity: Identity; answerId: string; finishes: Map<number, Finish | undefined> }): Choice[] {
  const candidates = records(answer.candidates)
  const block = candidates.length === 0 ? blockOf(answer) : undefined
  if (block) {
    finishes.set(0, block)
    return [{ index: 0, message: { role: 'assistant', content: '' }, ...finishFields(block) }]
  }
  const choices = candidates.map((piece, place) => {
    const index = typeof piece.index === 'number' ? piece.index : place
    const said = new Candidate(identity, index).read(piece, answerId)
    finishes.set(index, said?.finish)
    return said?.finish && choiceOf(index, said)
  })
  if (choices.length > 0 && choices.every(choice => choice !== undefined)) return choices
  const { name: provider } = identity
  throw new ProviderError('transport', 'provider_failed', `${provider} gave an answer that has no end`, { provider })
}

function choiceOf(index: number, { delta, logprobs, finish }: Said): Choice {
  const { role: _, content, tool_calls: deltas, reasoning_content: reasoning, reasoning_details: details, ...rest } = delta
  const calls = deltas?.map(({ index: _index, ...call }) => call as ToolCall)
  const message: HubAnswerMessage = {
    role: 'assistant',
    content: content ?? (calls ? null : ''),
    ...(reasoning && { reasoning_content: reasoning }),
    ...(details && { reasoning_details: details }),
    ...(calls && { tool_calls: calls }),
    ...rest,
  }
  return { index, message, ...finishFields(finish), ...(logprobs !== undefined && { logprobs }) }
}
