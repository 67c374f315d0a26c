import { at } from '../read-json.ts'
import type { Feature } from '../shapes.ts'
import { BLUE, HELLO } from './conversation.ts'

const CHAT = { messages: [{ role: 'user', content: HELLO }] }
const RESPONSES = { input: HELLO }
const MESSAGES = { max_tokens: 100, ...CHAT }

const SCHEMA = { type: 'object', properties: { colour: { type: 'string', enum: ['blue', 'grey'] }, certain: { type: 'boolean' } }, required: ['colour', 'certain'], additionalProperties: false }

const jsonSchema: Feature = {
  name: 'JSON schema',
  requests: {
    chat: { ...CHAT, response_format: { type: 'json_schema', json_schema: { name: 'sky', schema: SCHEMA, strict: true } } },
    responses: { ...RESPONSES, text: { format: { type: 'json_schema', name: 'sky', schema: SCHEMA, strict: true } } },
    messages: { ...MESSAGES, output_config: { format: { type: 'json_schema', schema: SCHEMA } } },
  },
  answer: { text: ['{"colour":', '"blue","certain":true}'], ending: 'stop' },
  needs: [{ what: 'the schema', met: ({ answerSchema }) => JSON.stringify(at(answerSchema, 'properties', 'colour', 'enum')) === '["blue","grey"]', field: /format/ }],
}

const stopSequences: Feature = {
  name: 'stop sequences',
  requests: { chat: { ...CHAT, stop: ['END', '###'] }, messages: { ...MESSAGES, stop_sequences: ['END', '###'] } },
  answer: BLUE,
  needs: [{ what: 'both stop sequences', met: ({ stops }) => stops.join() === 'END,###', field: /stop/ }],
}

const SAMPLING = { temperature: 0.5, top_p: 0.9 }
const sampling: Feature = {
  name: 'sampling',
  requests: { chat: { ...CHAT, ...SAMPLING }, responses: { ...RESPONSES, ...SAMPLING }, messages: { ...MESSAGES, ...SAMPLING } },
  answer: BLUE,
  needs: [
    { what: 'temperature', met: ({ temperature }) => temperature === 0.5, field: /temperature/ },
    { what: 'top_p', met: ({ topP }) => topP === 0.9, field: /top_p/ },
  ],
}

const choices: Feature = {
  name: 'n > 1',
  requests: { chat: { ...CHAT, n: 2 } },
  answer: { ...BLUE, second: 'It is grey.' },
  needs: [{ what: 'how many answers', met: asked => asked.choices === 2, field: /^n$/ }],
}

const logprobs: Feature = {
  name: 'logprobs',
  requests: { chat: { ...CHAT, logprobs: true, top_logprobs: 1 }, responses: { ...RESPONSES, include: ['message.output_text.logprobs'], top_logprobs: 1 } },
  answer: { ...BLUE, likely: true },
  needs: [{ what: 'logprobs', met: ({ likely }) => likely, field: /logprobs/ }],
}

const length: Feature = {
  name: 'length stop',
  requests: { chat: { ...CHAT, max_tokens: 16 }, responses: { ...RESPONSES, max_output_tokens: 16 }, messages: { ...MESSAGES, max_tokens: 16 } },
  answer: { ...BLUE, ending: 'length' },
  needs: [{ what: 'the limit', met: ({ limit }) => limit === 16, field: /max_/ }],
}

const refusal: Feature = {
  name: 'refusal',
  requests: { chat: CHAT, responses: RESPONSES, messages: MESSAGES },
  answer: { text: [], refusal: 'I will not speak of the sky.', ending: 'refused' },
  needs: [],
}

const usage: Feature = { name: 'usage', requests: { chat: CHAT, responses: RESPONSES, messages: MESSAGES }, answer: { text: ['Blue.'], ending: 'stop' }, needs: [] }

const failure = (name: string, fails: 'before' | 'inside' | 'cut'): Feature => ({ name, fails, requests: { chat: CHAT, responses: RESPONSES, messages: MESSAGES }, answer: BLUE, needs: [] })

/** How an answer is to be, and how it ends. */
export const CONTROLS: readonly Feature[] = [jsonSchema, stopSequences, sampling, choices, logprobs, refusal, length, usage]

export const FAILURES: readonly Feature[] = [failure('error before the answer', 'before'), failure('error inside a stream', 'inside'), failure('cut stream', 'cut')]
