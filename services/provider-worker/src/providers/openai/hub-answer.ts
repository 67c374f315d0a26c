import type { HubCompletion } from '../../hub/hub.ts'
import type { GenerateRequest, HubAnswer, Identity } from '../../provider.ts'
import { isRecord } from '../usage.ts'
import { unasked } from '../whole-body.ts'
import { answerIn, endOfAnswer } from './answer.ts'
import { type Parsed, argumentsOf, callId, finishOf, isParsed, tidyThoughts } from './hub-words.ts'

/** A whole answer in the hub's words. What the provider says besides rides along. Throws when there is none. */
export function hubAnswer(identity: Identity, request: GenerateRequest, body: Uint8Array): HubAnswer {
  const { usage: _, choices, ...answer } = answerIn(identity, body)
  const end = endOfAnswer(identity, { choices, ...answer, usage: _ })
  const given = Array.isArray(choices) ? choices.filter(isParsed) : []
  if (given.length === 0) throw unasked(identity, 'without a choice')
  const id = textOr(answer.id, `chatcmpl-${request.requestId}`)
  const tidied = given.map((choice, at) => choiceOf(choice, at, id))
  const completion = { ...answer, id, object: 'chat.completion', created: createdIn(answer), model: textOr(answer.model, request.model), choices: tidied }
  const first = tidied.find(({ index }) => index === 0)
  return { completion: completion as unknown as HubCompletion, end: { ...end, ...(typeof first?.finish_reason === 'string' && { finish: first.finish_reason }) } }
}

/** A text that says something, else another. */
export const textOr = (value: unknown, otherwise: string): string => (typeof value === 'string' && value !== '' ? value : otherwise)

/** When an answer was made, in seconds; 0 where its provider did not say. */
export const createdIn = ({ created }: Readonly<Record<string, unknown>>): number => (typeof created === 'number' && Number.isFinite(created) ? Math.trunc(created) : 0)

function choiceOf(choice: Parsed, at: number, id: string) {
  const { finish_reason: finish, ...rest } = choice
  const message: Parsed = isParsed(choice.message) ? choice.message : {}
  tidyThoughts(message)
  const calls = Array.isArray(message.tool_calls) ? message.tool_calls.filter(isRecord) : []
  if (calls.length > 0) message.tool_calls = calls.map((call, position) => wholeCall(call, position, id))
  else delete message.tool_calls
  const said = typeof finish === 'string' ? finish : null
  const word = said === null ? null : finishOf(said, calls.length > 0)
  return {
    ...rest,
    index: typeof choice.index === 'number' ? choice.index : at,
    message: { ...message, role: 'assistant', content: message.content ?? null },
    finish_reason: word,
    ...(word !== said && { native_finish_reason: said }),
  }
}

function wholeCall(given: Readonly<Record<string, unknown>>, position: number, id: string) {
  // DeepSeek numbers them here as well.
  const { index: _, ...call } = given
  const called = isRecord(call.function) ? call.function : {}
  return { ...call, id: textOr(call.id, callId(id, position)), type: 'function', function: { ...called, name: textOr(called.name, ''), arguments: argumentsOf(called.arguments) || '{}' } }
}
