import { NO_TOKENS } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { instanceOf, streamed } from './fixtures/wire.ts'
import { hubAnswer } from './hub-answer.ts'

const request = { ...streamed, stream: false }
const answer = (type: string, body: unknown) => hubAnswer(instanceOf(type), request, Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
const usage = { prompt_tokens: 9, completion_tokens: 4 }
const counted = { ...NO_TOKENS, inputUncached: 9, outputText: 4, source: 'final' }
const completion = (message: object, finish: string | null = 'stop', more: object = {}) => ({ id: 'c1', object: 'chat.completion', created: 7, model: 'm-1', choices: [{ index: 0, message, finish_reason: finish }], usage, ...more })

describe('a whole answer for clients of another dialect', () => {
  test.each([
    ['text', 'openai', { role: 'assistant', content: 'Hi', refusal: null, annotations: [] }, { role: 'assistant', content: 'Hi', refusal: null, annotations: [] }],
    ['a refusal', 'openai', { role: 'assistant', content: null, refusal: 'No' }, { role: 'assistant', content: null, refusal: 'No' }],
    ['reasoning by another name', 'groq', { role: 'assistant', content: 'a', reasoning: 'r' }, { role: 'assistant', content: 'a', reasoning_content: 'r' }],
    [
      'content in parts',
      'mistral',
      { role: 'assistant', content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'r' }] }, { type: 'text', text: 'a' }, { type: 'reference', reference_ids: [1] }] },
      { role: 'assistant', content: 'a', reasoning_content: 'r', content_parts: [{ type: 'reference', reference_ids: [1] }] },
    ],
    [
      'details of its reasoning',
      'openrouter',
      { role: 'assistant', content: 'a', reasoning_details: [{ type: 'reasoning.summary', summary: 's' }, { type: 'reasoning.encrypted', data: 'x' }] },
      { role: 'assistant', content: 'a', reasoning_content: 's', reasoning_details: [{ type: 'reasoning.summary', summary: 's' }, { type: 'reasoning.encrypted', data: 'x' }] },
    ],
    ['nothing', 'ollama', undefined, { role: 'assistant', content: null }],
  ])('with %s', (_, type, message, told) => {
    const { completion: said, end } = answer(type, completion(message as object))
    expect(said.choices).toEqual([{ index: 0, message: told, finish_reason: 'stop' }])
    expect(said).not.toHaveProperty('usage')
    expect(end).toMatchObject({ usage: counted, nativeUsage: usage, finish: 'stop' })
  })

  test('has text for the arguments of each of its tool calls, though it was given none', () => {
    const calls = [
      { id: 'a', type: 'function', index: 0, function: { name: 'f', arguments: '' } },
      { function: { name: 'g', arguments: { x: 1 } } },
    ]
    const { completion: said, end } = answer('vllm', completion({ content: '', tool_calls: calls }, 'stop'))
    expect(said.choices[0]?.message.tool_calls).toEqual([
      { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } },
      { id: expect.stringMatching(/^call_\w{17}$/) as string, type: 'function', function: { name: 'g', arguments: '{"x":1}' } },
    ])
    expect(said.choices[0]).toMatchObject({ finish_reason: 'tool_calls', native_finish_reason: 'stop' })
    expect(end.finish).toBe('tool_calls')
  })

  test('keeps every choice and what rides along', () => {
    const choices = [{ index: 0, message: { content: 'a' }, finish_reason: 'length', logprobs: {} }, { index: 1, message: { content: 'b' }, finish_reason: 'stop' }]
    const { completion: said, end } = answer('openai', { ...completion({}), choices, system_fingerprint: 'f' })
    expect(said).toMatchObject({ system_fingerprint: 'f', choices: [{ finish_reason: 'length', logprobs: {} }, { index: 1, message: { content: 'b' } }] })
    expect(end).toMatchObject({ finish: 'length', natural: false })
  })

  test('is given a name where it has none', () => {
    expect(answer('ollama', { choices: [{ message: { content: 'a' }, finish_reason: 'stop' }] }).completion).toMatchObject({ id: 'chatcmpl-r1', object: 'chat.completion', created: 0, model: 'm', choices: [{ index: 0 }] })
  })

  test('is billed at Cohere by what is billed', () => {
    const { end } = answer('cohere', completion({ content: 'a' }, 'COMPLETE', { usage: { billed_units: { input_tokens: 12, output_tokens: 7 }, tokens: { input_tokens: 507, output_tokens: 10 }, prompt_tokens: 507, completion_tokens: 10 } }))
    expect(end).toMatchObject({ usage: { ...NO_TOKENS, inputUncached: 12, outputText: 7 }, finish: 'stop' })
  })

  test('may hold sound, which is counted apart', () => {
    const details = { prompt_tokens_details: { audio_tokens: 5, cached_tokens: 2 }, completion_tokens_details: { audio_tokens: 3, reasoning_tokens: 0 } }
    expect(answer('openai', completion({ content: 'a' }, 'stop', { usage: { ...usage, ...details } })).end.usage).toEqual({ ...NO_TOKENS, inputUncached: 2, inputCacheRead: 2, inputAudio: 5, outputText: 1, outputAudio: 3, source: 'final' })
  })

  test.each([
    ['openai', { choices: [] }, 'protocol'],
    ['xai', { code: 'The model is busy', error: 'try later' }, 'overload'],
    ['xai', { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: xa***' }, 'key'],
    ['minimax', { base_resp: { status_code: 1002, status_msg: 'rate limit' } }, 'rate'],
    ['zai', completion({ content: '' }, 'network_error'), 'overload'],
    ['vllm', '\n\n', 'transport'],
  ])('of %s is none when it reads %j', (type, body, failure) => {
    expect(() => answer(type, body)).toThrow(expect.objectContaining({ failure }))
  })
})
