import { assert, nat, property, uniqueArray } from 'fast-check'
import { expect, test } from 'vitest'
import { openAiDialect } from '../../providers/openai/dialect.ts'
import type { GenerateRequest, ProviderCall } from '../../provider.ts'
import { EventSplitter } from '../../sse.ts'
import { providerCall } from '../index.ts'

const provider = openAiDialect({ name: 'openai', type: 'openai', apiKey: 'sk-test', baseUrl: 'http://x' })
const request: GenerateRequest = { requestId: 'request-1', endpoint: 'messages', model: 'gpt-5', stream: true, includeUsage: false }
const body = Buffer.from(JSON.stringify({ model: 'openai/gpt-5', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }))

const chunk = (delta: object, finish_reason: string | null = null) => `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-5', choices: [{ index: 0, delta, finish_reason }] })}\n\n`
const events = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ reasoning_content: 'Mal sehen … 🤔' }),
  chunk({ content: 'Grüße' }),
  chunk({ content: ' aus\n\nKraków 🐉' }),
  chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '' } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
  chunk({ tool_calls: [{ index: 0, function: { arguments: '"Łódź"}' } }] }),
  chunk({}, 'tool_calls'),
  'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"gpt-5","choices":[],"usage":{"prompt_tokens":7,"completion_tokens":5}}\n\n',
  'data: [DONE]\n\n',
]
const stream = Buffer.from(events.join(''))

function begun(): ProviderCall {
  const { call } = providerCall(provider, 'openai', { body, request })
  if (!call) throw new Error('it was answered without a call')
  return call
}

/** What the client gets of a stream that arrives in these pieces. */
function received(pieces: readonly Uint8Array[]): string {
  const reader = begun().reader()
  const splitter = new EventSplitter()
  const out: Uint8Array[] = []
  for (const piece of pieces) {
    for (const event of splitter.push(piece)) {
      const bytes = reader.read(event)
      if (bytes) out.push(bytes)
    }
  }
  const last = splitter.end()
  const rest = last && reader.read(last)
  return Buffer.concat([...out, ...(rest ? [rest] : []), reader.close()]).toString()
}

test('the client gets the same wherever the network cuts the stream of the provider', () => {
  const whole = received([stream])
  expect(whole).toContain('"partial_json":"\\"Łódź\\"}"')
  expect(whole).toContain('event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null,"stop_details":null},"usage":{"input_tokens":7,')
  expect(whole.endsWith('event: message_stop\ndata: {"type":"message_stop"}\n\n')).toBe(true)
  assert(
    property(uniqueArray(nat({ max: stream.length }), { maxLength: 12 }), places => {
      const cuts = [0, ...places.toSorted((a, b) => a - b), stream.length]
      expect(received(cuts.slice(1).map((end, place) => stream.subarray(cuts[place], end)))).toBe(whole)
    }),
  )
})

test('a stream that is cut off has no proper end', () => {
  expect(() => received([Buffer.from(events.slice(0, 7).join(''))])).toThrow(/ended its answer early/)
})

test('the answer has begun with its first word, not with the role', () => {
  const reader = begun().reader()
  const [first, second] = new EventSplitter().push(stream)
  reader.read(first!)
  expect(reader.speaking).toBe(false)
  reader.read(second!)
  expect(reader.speaking).toBe(true)
})

test('the end tells usage as the client saw it', () => {
  const answer = begun().answer(Buffer.from('{"id":"c","model":"gpt-5","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":7,"completion_tokens":5}}'))
  expect(answer.end).toMatchObject({ finish: 'stop', natural: true, usage: { inputUncached: 7, outputText: 5 }, nativeUsage: { input_tokens: 7, output_tokens: 5 } })
  expect(JSON.parse(Buffer.from(answer.bytes).toString())).toMatchObject({ type: 'message', usage: { input_tokens: 7, output_tokens: 5 } })
})
