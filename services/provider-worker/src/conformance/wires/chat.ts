import { sse } from '../read-json.ts'
import type { Answer, Fields } from '../shapes.ts'
import { type ChatHabits, failuresOf } from './chat-habits.ts'
import { PROOF, THOUGHT, type Wire } from './wire.ts'

const ID = 'chatcmpl-9Zk1'
const CREATED = 1_760_000_000

/** A provider that speaks OpenAI's chat, in its own way. */
export function chatWire(habits: ChatHabits): Wire {
  const { busy, atFault, broken } = failuresOf(habits)
  return {
    whole: (answer, model) => JSON.stringify({ id: ID, object: 'chat.completion', created: CREATED, model, choices: wholeChoices(answer, habits), usage: habits.usage, ...habits.besides }),
    stream: (answer, model) => streamed(answer, model, habits),
    busy,
    atFault,
    errorEvent: sse(broken),
    errorBody: broken,
    tells: {
      thoughts: habits.thought !== undefined,
      proof: habits.proof && (habits.proof === 'signature' ? PROOF : THOUGHT),
      refusals: habits.refuses === 'in words',
      callIds: true,
      spent: habits.spent,
    },
  }
}

const finishOf = ({ ending, refusal }: Answer, { refuses }: ChatHabits): string =>
  refusal !== undefined ? (refuses === 'in words' ? 'stop' : refuses) : ending === 'calls' ? 'tool_calls' : ending

function wholeChoices(answer: Answer, habits: ChatHabits): Fields[] {
  const text = answer.text.join('')
  const thought = answer.thought === undefined ? {} : (habits.thought?.(answer.thought, true) ?? {})
  // Where a thought is a part of the content, so is the text.
  const content = Array.isArray(thought.content) ? [...(thought.content as unknown[]), ...(text === '' ? [] : [{ type: 'text', text }])] : text === '' ? null : text
  const calls = (answer.calls ?? []).map(({ id, name, arguments: pieces }) => ({ id, type: 'function', function: { name, arguments: pieces.join('') } }))
  const refusal = answer.refusal !== undefined && habits.refuses === 'in words' ? { refusal: answer.refusal } : {}
  const message = { role: 'assistant', ...thought, content, ...refusal, ...(calls.length > 0 && { tool_calls: calls }) }
  const logprobs = answer.likely ? { content: answer.text.map(likelihood), refusal: null } : null
  const first = { index: 0, message, logprobs, finish_reason: finishOf(answer, habits) }
  return answer.second === undefined ? [first] : [first, { index: 1, message: { role: 'assistant', content: answer.second }, logprobs: null, finish_reason: 'stop' }]
}

const likelihood = (token: string) => ({ token, logprob: -0.25, bytes: [...Buffer.from(token)], top_logprobs: [{ token, logprob: -0.25, bytes: [...Buffer.from(token)] }] })

function streamed(answer: Answer, model: string, habits: ChatHabits) {
  const head = { id: ID, object: 'chat.completion.chunk', created: CREATED, model, ...habits.besides }
  const chunk = (delta: Fields, more: Fields = {}): string => sse({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...more }] })
  const begins = [
    habits.first + chunk({ role: 'assistant', content: '' }),
    ...(answer.thought !== undefined && habits.thought ? halves(answer.thought).map((half, at) => chunk(habits.thought?.(half, at === 1) ?? {})) : []),
    ...answer.text.map(text => chunk({ content: text }, answer.likely ? { logprobs: { content: [likelihood(text)], refusal: null } } : {})),
    ...(answer.refusal !== undefined && habits.refuses === 'in words' ? halves(answer.refusal).map(half => chunk({ refusal: half })) : []),
    ...(answer.calls ?? []).flatMap(({ id, name, arguments: pieces }, index) => [
      chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
      ...pieces.map(piece => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
    ]),
    ...(answer.second === undefined ? [] : [sse({ ...head, choices: [{ index: 1, delta: { role: 'assistant', content: answer.second }, logprobs: null, finish_reason: 'stop' }] })]),
  ]
  const last = { index: 0, delta: {}, logprobs: null, finish_reason: finishOf(answer, habits) }
  const ends = {
    'own chunk': [sse({ ...head, choices: [last] }), sse({ ...head, choices: [], usage: habits.usage })],
    'last chunk': [sse({ ...head, choices: [last], usage: habits.usage })],
    x_groq: [sse({ ...head, choices: [last], x_groq: { id: 'req_01k', usage: habits.usage } })],
  }[habits.usageIn]
  return { begins, ends: [...ends, sse('[DONE]')] }
}

/** A text in two pieces. */
export const halves = (text: string): string[] => [text.slice(0, Math.ceil(text.length / 2)), text.slice(Math.ceil(text.length / 2))]
