import { NO_TOKENS } from '@gomodel/contracts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import { openAiDialect } from './dialect.ts'
import { chunk, instanceOf, joined, oneChoice, readAll, saying, streamed, wire } from './fixtures/wire.ts'
import { ChatHubReader } from './hub-reader.ts'
import { ChatStream } from './stream.ts'

const usage = { prompt_tokens: 9, completion_tokens: 4, total_tokens: 13 }
const counted = { ...NO_TOKENS, inputUncached: 9, outputText: 4, source: 'final' }
const nothing = { content: '', reasoning: '', calls: [], finish: ['stop'] }
const stop = (more: object = {}) => chunk([saying({}, { finish_reason: 'stop' })], more)
const piece = (index: number, json: string) => ({ index, function: { arguments: json } })

type Said = ReturnType<typeof joined>

/** What providers send, and what it says. */
const STREAMS: [name: string, type: string, chunks: unknown[], said: Partial<Said>, usage: object | undefined][] = [
  ['text', 'openai', [chunk([saying({ role: 'assistant', content: '', refusal: null })]), chunk([saying({ content: 'He' })]), chunk([saying({ content: 'y' })]), stop(), chunk([], { usage })], { content: 'Hey' }, counted],
  [
    'two tools at once, in pieces',
    'openai',
    [
      chunk([saying({ role: 'assistant', content: null, tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] })]),
      chunk([saying({ tool_calls: [piece(0, '{"x"')] })]),
      chunk([saying({ tool_calls: [piece(0, ':1}')] })]),
      chunk([saying({ tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '' } }] })]),
      chunk([saying({ tool_calls: [piece(1, '{}')] })]),
      chunk([saying({}, { finish_reason: 'tool_calls' })], { usage }),
    ],
    { calls: [{ id: 'a', name: 'f', arguments: '{"x":1}' }, { id: 'b', name: 'g', arguments: '{}' }], finish: ['tool_calls'] },
    counted,
  ],
  [
    'no finish reason until there is one, and money in ticks',
    'xai',
    [
      chunk([{ index: 0, delta: { reasoning_content: 'hm', role: 'assistant' } }]),
      chunk([{ index: 0, delta: { content: 'Yes' } }]),
      chunk([{ index: 0, delta: {}, finish_reason: 'stop' }]),
      chunk([], {
        usage: { prompt_tokens: 12, completion_tokens: 1, total_tokens: 303, prompt_tokens_details: { cached_tokens: 14 }, completion_tokens_details: { reasoning_tokens: 290 }, cost_in_usd_ticks: 1_466_250 },
      }),
    ],
    { content: 'Yes', reasoning: 'hm' },
    { ...NO_TOKENS, inputCacheRead: 12, outputText: 1, outputReasoning: 290, costUsd: 0.000146625, source: 'final' },
  ],
  [
    'usage in the last chunk with a choice, and tokens counted by hit and miss',
    'deepseek',
    [
      chunk([saying({ role: 'assistant', content: null, reasoning_content: '' })], { usage: null }),
      chunk([saying({ content: null, reasoning_content: 'so' })], { usage: null }),
      chunk([saying({ content: 'Hi', reasoning_content: null })], { usage: null }),
      chunk([saying({ content: '' }, { finish_reason: 'stop' })], { usage: { prompt_tokens: 9, completion_tokens: 4, prompt_cache_hit_tokens: 6, prompt_cache_miss_tokens: 3, completion_tokens_details: { reasoning_tokens: 3 } } }),
    ],
    { content: 'Hi', reasoning: 'so' },
    { ...NO_TOKENS, inputUncached: 3, inputCacheRead: 6, outputText: 1, outputReasoning: 3, source: 'final' },
  ],
  [
    'content in parts',
    'mistral',
    [
      chunk([saying({ role: 'assistant', content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'a' }] }] })]),
      chunk([saying({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'b' }] }, { type: 'text', text: 'c' }] })]),
      chunk([saying({ content: 'd' }, { finish_reason: 'stop' })], { usage: { ...usage, num_cached_tokens: 5 } }),
    ],
    { content: 'cd', reasoning: 'ab' },
    { ...NO_TOKENS, inputUncached: 4, inputCacheRead: 5, outputText: 4, source: 'final' },
  ],
  [
    'tool calls without numbers and types, whole, with the finish',
    'mistral',
    [
      chunk([saying({ role: 'assistant', content: '' })]),
      chunk([saying({ content: '', tool_calls: [{ id: 'abcdefghi', function: { name: 'f', arguments: '{"a":1}' } }, { id: 'jklmnopqr', function: { name: 'g', arguments: '{}' } }] }, { finish_reason: 'tool_calls' })], { usage }),
    ],
    { calls: [{ id: 'abcdefghi', name: 'f', arguments: '{"a":1}' }, { id: 'jklmnopqr', name: 'g', arguments: '{}' }], finish: ['tool_calls'] },
    counted,
  ],
  [
    'an empty name in the later pieces of a call',
    'mistral',
    [
      chunk([saying({ tool_calls: [{ id: 'x', type: 'function', function: { name: 'f', arguments: '' }, index: 0 }], index: 0, content: '' })]),
      chunk([saying({ tool_calls: [{ type: 'function', function: { name: '', arguments: '{"q":2}' }, index: 0 }], index: 0, content: '' })]),
      chunk([saying({ index: 0, content: '' }, { finish_reason: 'tool_calls' })], { usage }),
    ],
    { calls: [{ id: 'x', name: 'f', arguments: '{"q":2}' }], finish: ['tool_calls'] },
    counted,
  ],
  [
    'the same number for each of several calls',
    'gemini',
    [
      chunk([saying({ tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }] })]),
      chunk([saying({ tool_calls: [{ index: 0, id: 'b', type: 'function', function: { name: 'f', arguments: '{}' } }] })]),
      stop({ usage }),
    ],
    { calls: [{ id: 'a', name: 'f', arguments: '{}' }, { id: 'b', name: 'f', arguments: '{}' }], finish: ['tool_calls'] },
    counted,
  ],
  [
    'usage beside the answer',
    'groq',
    [chunk([saying({ role: 'assistant', reasoning: 'r' })], { x_groq: { id: 'req' } }), chunk([saying({ content: 'a' })]), chunk([saying({}, { finish_reason: 'stop' })], { x_groq: { id: 'req', usage: { ...usage, queue_time: 0.25 } } })],
    { content: 'a', reasoning: 'r' },
    counted,
  ],
  [
    'a first chunk without choices and names, and filters',
    'azure',
    [
      { choices: [], created: 0, id: '', model: '', object: '', prompt_filter_results: [{ prompt_index: 0 }] },
      chunk([saying({ content: 'a' }, { content_filter_results: {} })]),
      { id: '', object: '', created: 0, model: '', choices: [{ index: 0, finish_reason: null, content_filter_offsets: {} }] },
      stop(),
      chunk([], { usage }),
    ],
    { content: 'a' },
    counted,
  ],
  [
    'usage that runs along',
    'vllm',
    [
      chunk([saying({ role: 'assistant', content: '' })], { usage: { prompt_tokens: 9, completion_tokens: 0 } }),
      chunk([saying({ reasoning: 'r' })], { usage: { prompt_tokens: 9, completion_tokens: 1 } }),
      chunk([saying({ content: 'a' })], { usage: { prompt_tokens: 9, completion_tokens: 2 } }),
      stop({ usage }),
    ],
    { content: 'a', reasoning: 'r' },
    counted,
  ],
  [
    'all of it again at the end',
    'minimax',
    [
      chunk([saying({ content: '', role: 'assistant', name: 'MiniMax AI', reasoning_details: [{ type: 'reasoning.text', text: 'r', format: 'MiniMax-response-v1', index: 0 }] })]),
      chunk([saying({ content: 'ab' })]),
      { ...stop({ usage, base_resp: { status_code: 0, status_msg: '' } }), object: 'chat.completion', choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'ab' } }] },
    ],
    { content: 'ab', reasoning: 'r' },
    counted,
  ],
  ['words of its own for the end', 'zai', [chunk([saying({ content: 'a' })]), chunk([saying({}, { finish_reason: 'sensitive' })], { usage: { prompt_tokens: 9.0, completion_tokens: 4.2 } })], { content: 'a', finish: ['content_filter'] }, counted],
  [
    'its price, and what is written to the cache',
    'openrouter',
    [chunk([saying({ content: 'a', reasoning: 'r', reasoning_details: [{ type: 'reasoning.text', text: 'r', format: 'x' }] })], { provider: 'Someone' }), stop(), chunk([], { usage: { ...usage, cost: 0.5, is_byok: true, cost_details: { upstream_inference_cost: 2 }, prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 3 } } })],
    { content: 'a', reasoning: 'r' },
    { ...NO_TOKENS, inputUncached: 4, inputCacheRead: 2, inputCacheWrite5m: 3, outputText: 4, costUsd: 2.5, source: 'final' },
  ],
]

describe('a stream for clients of another dialect', () => {
  test.each(STREAMS)('with %s (%s) is told in clean chunks', (...[, type, chunks, said, spent]) => {
    const reader = new ChatHubReader(instanceOf(type), streamed, oneChoice)
    const read = readAll(reader, wire(chunks)).flat()
    expect(joined(read)).toEqual({ ...nothing, ...said })
    expect(reader.end).toMatchObject({ usage: spent, finish: said.finish?.at(-1) ?? 'stop' })
    for (const { id, object, created, model, usage: none, choices } of read) {
      expect({ id, object, created, model, none }).toEqual({ id: 'c1', object: 'chat.completion.chunk', created: 7, model: 'm-1', none: undefined })
      expect(choices.length).toBeGreaterThan(0)
    }
  })

  test.each(STREAMS)('with %s (%s) is the same wherever it is cut, in either dialect', (_, type, chunks) => {
    const bytes = wire(chunks)
    const hub = (cuts: readonly number[]) => JSON.stringify(readAll(new ChatHubReader(instanceOf(type), streamed, oneChoice), bytes, cuts))
    const native = (cuts: readonly number[]) => Buffer.concat(readAll(new ChatStream(instanceOf(type), { ...streamed, includeUsage: true }, oneChoice), bytes, cuts).filter(part => part !== undefined))
    const [told, passed] = [hub([]), native([])]
    expect(passed).toEqual(bytes)
    fc.assert(
      fc.property(fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }), cuts => {
        expect(hub(cuts)).toBe(told)
        expect(native(cuts)).toEqual(passed)
      }),
      { numRuns: 40 },
    )
  })

  test('carries what only the provider says', () => {
    const [first] = readAll(new ChatHubReader(instanceOf('openrouter'), streamed, oneChoice), wire([chunk([saying({ content: 'a', annotations: [{}] }, { logprobs: { content: [] } })], { provider: 'P' }), stop()])).flat()
    expect(first).toMatchObject({ provider: 'P', choices: [{ delta: { annotations: [{}] }, logprobs: { content: [] } }] })
  })

  test('keeps the provider’s own word for its end', () => {
    const read = readAll(new ChatHubReader(instanceOf('zai'), streamed, oneChoice), wire([chunk([saying({}, { finish_reason: 'sensitive' })])])).flat()
    expect(read[0]?.choices[0]).toMatchObject({ finish_reason: 'content_filter', native_finish_reason: 'sensitive' })
  })

  test('gives what has no name one that is the same every time', () => {
    const told = () => readAll(new ChatHubReader(instanceOf('vllm'), streamed, oneChoice), wire([{ choices: [{ delta: { tool_calls: [{ function: { name: 'f', arguments: { a: 1 } } }, { function: { name: 'g' } }] } }] }, { choices: [{ index: 0, finish_reason: 'stop' }] }])).flat()
    expect(told()).toEqual(told())
    expect(told()[0]).toMatchObject({ id: 'chatcmpl-r1', created: 0, model: 'm', choices: [{ index: 0, delta: { tool_calls: [{ index: 0, id: expect.stringMatching(/^call_\w+0$/) as string, function: { arguments: '{"a":1}' } }, { index: 1, function: { name: 'g' } }] } }] })
    expect(told()[1]?.choices[0]?.finish_reason).toBe('tool_calls')
  })

  test.each([
    ['openrouter', { error: { code: 502, message: 'x' }, choices: [saying({ content: '' }, { finish_reason: 'error' })] }, 'overload'],
    ['openrouter', { choices: [saying({}, { finish_reason: 'error' })] }, 'overload'],
    ['zai', { choices: [saying({}, { finish_reason: 'network_error' })] }, 'overload'],
    ['zai', { error: { code: '1302', message: 'x' } }, 'rate'],
    ['groq', { x_groq: { id: 'a', error: 'over_capacity' }, choices: [] }, 'overload'],
    ['minimax', { base_resp: { status_code: 1008, status_msg: 'insufficient balance' } }, 'key'],
  ])('of %s that reads %j fails', (type, fault, failure) => {
    for (const reader of [new ChatHubReader(instanceOf(type), streamed, oneChoice), new ChatStream(instanceOf(type), streamed, oneChoice)]) {
      expect(() => readAll<unknown>(reader, wire([chunk([saying({ content: 'a' })]), fault]))).toThrow(expect.objectContaining({ failure }))
    }
  })

  test('that breaks off has an end only for the books', () => {
    const reader = new ChatHubReader(instanceOf('vllm'), streamed, oneChoice)
    expect(() => readAll(reader, wire([chunk([saying({ content: 'a' })], { usage })], false))).toThrow('ended its answer early')
    expect(reader.end).toEqual({ usage: { ...counted, source: 'partial' }, nativeUsage: usage, natural: false })
  })

  test('that ends without [DONE] is whole when as many choices have finished as were asked for', () => {
    const request = (type: string) => openAiDialect(instanceOf(type)).chat.begin({ model: 'm', messages: [], n: 2 }, streamed, new Changes())
    const answer = wire([chunk([saying({ content: 'a' }, { finish_reason: 'stop' })], { usage })], false)
    const reader = request('openai').reader()
    expect(() => readAll(reader, answer)).toThrow('ended its answer early')
    expect(reader.end).toMatchObject({ finish: 'stop', natural: false })
    // It has no `n`: one choice is all that was asked for.
    expect(() => readAll(request('ollama').reader(), answer)).not.toThrow()
  })
})
