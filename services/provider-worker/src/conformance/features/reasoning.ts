import type { DialectName, Feature, Fields } from '../shapes.ts'
import { THOUGHT } from '../wires/wire.ts'
import { BLUE, HELLO } from './conversation.ts'
import { ASKING, resultOf, WEATHER } from './tools.ts'

const HARD = {
  chat: { reasoning_effort: 'high' },
  responses: { reasoning: { effort: 'high', summary: 'auto' }, store: false, include: ['reasoning.encrypted_content'] },
  messages: { max_tokens: 16_000, thinking: { type: 'enabled', budget_tokens: 10_000 } },
} as const

const THINKS = { what: 'that it is to think', met: ({ thinking }: { thinking: unknown }) => thinking !== undefined, field: /^(?:reasoning_effort|reasoning\.effort|thinking)/ }

const reasoning: Feature = {
  name: 'reasoning',
  thinks: true,
  requests: {
    chat: { messages: [{ role: 'user', content: HELLO }], ...HARD.chat },
    responses: { input: HELLO, ...HARD.responses },
    messages: { messages: [{ role: 'user', content: HELLO }], ...HARD.messages },
  },
  answer: { ...BLUE, thought: THOUGHT },
  needs: [THINKS],
}

const RESULT = 'cloudy'

const replay: Feature = {
  name: 'reasoning replay',
  thinks: true,
  requests: { chat: { ...ASKING.chat, ...HARD.chat }, responses: { ...ASKING.responses, ...HARD.responses }, messages: { ...ASKING.messages, ...HARD.messages } },
  answer: { text: [], thought: THOUGHT, calls: [WEATHER], ending: 'calls' },
  needs: [THINKS],
  next: {
    request: (dialect, turn, { id }) => {
      const answered = { chat: { role: 'tool', tool_call_id: id, content: RESULT }, responses: { type: 'function_call_output', call_id: id, output: RESULT }, messages: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: RESULT }] } }
      return { ...ASKING[dialect], ...HARD[dialect], ...conversation(dialect, [...turn, answered[dialect]]) }
    },
    needs: [{ what: 'the result, with its call', met: asked => resultOf(asked, 'get_weather').includes(RESULT), field: /messages|input/ }],
  },
}

function conversation(dialect: DialectName, more: readonly unknown[]): Fields {
  return dialect === 'responses' ? { input: [...ASKING.responses.input, ...more] } : { messages: [...ASKING[dialect].messages, ...more] }
}

/** What a model thinks, and what its provider wants back of it. */
export const REASONING: readonly Feature[] = [reasoning, replay]
