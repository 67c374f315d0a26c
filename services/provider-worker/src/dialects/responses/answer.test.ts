import { NO_TOKENS, type Usage } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import type { HubAnswerMessage, HubChunk, HubDelta } from '../../hub/hub.ts'
import type { End, GenerateRequest } from '../../provider.ts'
import { responsesDialect } from './index.ts'

const request: GenerateRequest = { requestId: 'r1', endpoint: 'responses', model: 'm-1', stream: true, includeUsage: false }
const usage: Usage = { ...NO_TOKENS, inputUncached: 3, inputCacheRead: 2, outputText: 4, outputReasoning: 5, source: 'final' }
const end: End = { usage, finish: 'stop', natural: true }

interface Item { id: string; type: string; status?: string; content?: { text: string }[]; summary?: object[]; encrypted_content?: string; call_id?: string; arguments?: string; extra_content?: unknown }
interface Event { type: string; sequence_number: number; output_index?: number; item?: Item; item_id?: string; delta?: string; response?: Response_ }
interface Response_ { id: string; status: string; output: Item[]; usage: unknown; [field: string]: unknown }

const begin = (body: object = {}) => responsesDialect.begin(Buffer.from(JSON.stringify({ model: 'x/m', input: 'hi', ...body })), request, new Changes())

function whole(message: Partial<HubAnswerMessage>, { body = {}, finish = 'stop', id = 'chatcmpl-1', logprobs = undefined as unknown } = {}): Response_ {
  const completion = { id, object: 'chat.completion' as const, created: 9, model: 'm-1-2025', choices: [{ index: 0, message: { role: 'assistant' as const, content: null, ...message }, finish_reason: finish, logprobs }] }
  return JSON.parse(Buffer.from(begin(body).answer({ completion, end })).toString()) as Response_
}

const chunk = (delta: HubDelta, finish: string | null = null, more: object = {}): HubChunk => ({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 9, model: 'm-1-2025', choices: [{ index: 0, delta, finish_reason: finish, ...more }] })

function streamed(chunks: readonly HubChunk[], body: object = {}, closing: End = end): Event[] {
  const writer = begin(body).writer()
  const text = [...chunks.map(one => writer.chunk(one)), writer.close(closing)].map(bytes => Buffer.from(bytes ?? []).toString()).join('')
  const events = text.split('\n\n').slice(0, -1).map(event => {
    const [, name, data] = /^event: (\S+)\ndata: (.*)$/.exec(event) ?? []
    const parsed = JSON.parse(data!) as Event
    expect(parsed.type).toBe(name)
    return parsed
  })
  expect(events.map(event => event.sequence_number)).toEqual(events.map((_, index) => index))
  return events
}

const types = (events: readonly Event[]): string[] => events.map(({ type }) => type.replace('response.', ''))
const final = (events: readonly Event[]): Response_ => events.at(-1)!.response!

describe('a whole answer', () => {
  test('is a response with everything that its request asked for', () => {
    const body = { instructions: 'be brief', temperature: 0.5, max_output_tokens: 9, metadata: { a: 'b' }, reasoning: { effort: 'low', summary: 'auto' }, text: { format: { type: 'json_object' }, verbosity: 'low' }, user: 'u', store: false, tools: [{ type: 'function', name: 'f' }], tool_choice: 'auto' }
    const response = whole({ content: 'Hello' }, { body })
    const { id } = response
    expect(id).toMatch(/^resp_gw[0-9a-f]{40}$/)
    expect(response).toEqual({
      id,
      object: 'response',
      created_at: 9,
      status: 'completed',
      background: false,
      completed_at: null,
      error: null,
      incomplete_details: null,
      instructions: 'be brief',
      max_output_tokens: 9,
      max_tool_calls: null,
      model: 'm-1-2025',
      output: [{ id: `${id.replace('resp', 'msg')}0000`, type: 'message', status: 'completed', content: [{ type: 'output_text', annotations: [], logprobs: [], text: 'Hello' }], role: 'assistant' }],
      parallel_tool_calls: true,
      previous_response_id: null,
      prompt_cache_key: null,
      reasoning: { effort: 'low', summary: null },
      safety_identifier: null,
      service_tier: 'default',
      store: false,
      temperature: 0.5,
      text: { format: { type: 'json_object' }, verbosity: 'low' },
      tool_choice: 'auto',
      tools: [{ type: 'function', name: 'f' }],
      top_logprobs: 0,
      top_p: null,
      truncation: 'disabled',
      usage: { input_tokens: 5, input_tokens_details: { cached_tokens: 2, cache_write_tokens: 0 }, output_tokens: 9, output_tokens_details: { reasoning_tokens: 5 }, total_tokens: 14 },
      user: 'u',
      metadata: { a: 'b' },
    })
  })

  test('thinks, speaks and calls in this order, and says what a call without arguments means', () => {
    const { output } = whole({
      content: 'c',
      reasoning_content: 'hm',
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }, { id: 'b', type: 'function', function: { name: 'g', arguments: '' } }],
    }, { finish: 'tool_calls' })
    expect(output).toMatchObject([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] },
      { type: 'message', content: [{ text: 'c' }] },
      { type: 'function_call', call_id: 'a', name: 'f', arguments: '{"x":1}', status: 'completed' },
      { type: 'function_call', call_id: 'b', name: 'g', arguments: '{}' },
    ])
    expect(new Set(output.map(({ id }) => id)).size).toBe(4)
  })

  test('may be a refusal, with sources and tokens beside a text', () => {
    expect(whole({ refusal: 'no' }).output).toMatchObject([{ content: [{ type: 'refusal', refusal: 'no' }] }])
    const cited = whole({ content: 'a', annotations: [{ type: 'url_citation', url_citation: { url: 'http://x', title: 't', start_index: 0, end_index: 1 } }] }, { logprobs: { content: [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: [] }] } })
    expect(cited.output).toMatchObject([{ content: [{ annotations: [{ type: 'url_citation', url: 'http://x', title: 't', start_index: 0, end_index: 1 }], logprobs: [{ token: 'a' }] }] }])
  })

  test.each([['length', 'max_output_tokens'], ['content_filter', 'content_filter']])('that ended by %s is incomplete', (finish, reason) => {
    expect(whole({ content: 'a' }, { finish })).toMatchObject({ status: 'incomplete', incomplete_details: { reason }, output: [{ status: 'incomplete' }] })
  })

  test('has an id of its own for every call, and the same one for the same', () => {
    expect(whole({ content: 'a' }).id).toBe(whole({ content: 'b' }).id)
    expect(whole({ content: 'a' }, { id: 'chatcmpl-2' }).id).not.toBe(whole({ content: 'a' }).id)
  })
})

test('an answer names the earlier response that it goes on from', () => {
  const { answer } = responsesDialect.begin(Buffer.from('{"model":"m","input":"hi"}'), { ...request, continues: 'resp_0' }, new Changes())
  const completion = { id: 'x', object: 'chat.completion' as const, created: 0, model: 'm', choices: [] }
  expect(JSON.parse(Buffer.from(answer({ completion, end })).toString())).toMatchObject({ previous_response_id: 'resp_0' })
})

describe('a stream', () => {
  test('of a text has the events of the Responses API in their order', () => {
    const events = streamed([chunk({ role: 'assistant', content: '' }), chunk({ content: 'Hel' }), chunk({ content: 'lo' }), chunk({}, 'stop')])
    expect(types(events)).toEqual(['created', 'in_progress', 'output_item.added', 'content_part.added', 'output_text.delta', 'output_text.delta', 'output_text.done', 'content_part.done', 'output_item.done', 'completed'])
    const { id } = final(events)
    const place = { item_id: `${id.replace('resp', 'msg')}0000`, output_index: 0, content_index: 0 }
    expect(events[0]).toMatchObject({ response: { id, status: 'in_progress', output: [], usage: null, model: 'm-1-2025' } })
    expect(events[2]).toMatchObject({ output_index: 0, item: { id: place.item_id, status: 'in_progress', content: [] } })
    expect(events[3]).toMatchObject({ ...place, part: { type: 'output_text', text: '' } })
    expect(events[4]).toEqual({ type: 'response.output_text.delta', sequence_number: 4, ...place, delta: 'Hel', logprobs: [] })
    expect(events[6]).toMatchObject({ ...place, text: 'Hello' })
    expect(events[8]).toMatchObject({ item: { status: 'completed', content: [{ text: 'Hello' }] } })
    expect(final(events)).toEqual({ ...whole({ content: 'Hello' }) })
  })

  test('of thinking, text and calls that come interleaved gives each item a place of its own', () => {
    const call = (index: number, args: string, first: object = {}) => ({ tool_calls: [{ index, ...first, function: { ...('id' in first && { name: `f${index}` }), arguments: args } }] })
    const events = streamed([
      chunk({ role: 'assistant', reasoning_content: 'h' }),
      chunk({ reasoning_content: 'm' }),
      chunk({ content: 'see' }),
      chunk(call(0, '', { id: 'a', type: 'function' })),
      chunk(call(1, '{"y":', { id: 'b', type: 'function' })),
      chunk(call(0, '{"x":1}')),
      chunk(call(1, '2}')),
      chunk({}, 'tool_calls'),
    ])
    expect(types(events)).toEqual([
      'created', 'in_progress',
      'output_item.added', 'reasoning_summary_part.added', 'reasoning_summary_text.delta', 'reasoning_summary_text.delta', 'reasoning_summary_text.done', 'reasoning_summary_part.done', 'output_item.done',
      'output_item.added', 'content_part.added', 'output_text.delta', 'output_text.done', 'content_part.done', 'output_item.done',
      'output_item.added', 'output_item.added', 'function_call_arguments.delta', 'function_call_arguments.delta', 'function_call_arguments.delta',
      'function_call_arguments.done', 'output_item.done', 'function_call_arguments.done', 'output_item.done',
      'completed',
    ])
    expect(events.filter(({ type }) => type.endsWith('arguments.delta')).map(({ output_index, delta }) => [output_index, delta])).toEqual([[3, '{"y":'], [2, '{"x":1}'], [3, '2}']])
    expect(final(events).output.map(({ type, call_id, arguments: text }) => [type, call_id, text])).toEqual([
      ['reasoning', undefined, undefined],
      ['message', undefined, undefined],
      ['function_call', 'a', '{"x":1}'],
      ['function_call', 'b', '{"y":2}'],
    ])
  })

  test('that thinks again after it spoke has a second stretch of thinking', () => {
    const events = streamed([chunk({ reasoning_content: 'a' }), chunk({ content: 'b' }), chunk({ reasoning_content: 'c' }), chunk({ content: 'd' }, 'stop')])
    expect(final(events).output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'reasoning', 'message'])
    expect(types(events).filter(type => type === 'output_item.done')).toHaveLength(4)
  })

  test('of a refusal, of sources and of tokens', () => {
    expect(types(streamed([chunk({ refusal: 'no' }), chunk({}, 'stop')]))).toEqual(['created', 'in_progress', 'output_item.added', 'content_part.added', 'refusal.delta', 'refusal.done', 'content_part.done', 'output_item.done', 'completed'])
    const events = streamed([chunk({ content: 'a' }, null, { logprobs: { content: [{ token: 'a' }] } }), chunk({ annotations: [{ type: 'file_citation', file_id: 'f' }] }), chunk({}, 'stop')])
    expect(events[4]).toMatchObject({ logprobs: [{ token: 'a' }] })
    expect(events[5]).toMatchObject({ type: 'response.output_text.annotation.added', annotation_index: 0, annotation: { type: 'file_citation', file_id: 'f' } })
    expect(final(events).output).toMatchObject([{ content: [{ annotations: [{ file_id: 'f' }], logprobs: [{ token: 'a' }] }] }])
  })

  test('calls a function without arguments as clients expect it', () => {
    const events = streamed([chunk({ tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] }), chunk({}, 'tool_calls')])
    expect(events.find(({ type }) => type.endsWith('arguments.delta'))?.delta).toBe('{}')
    expect(final(events).output).toMatchObject([{ arguments: '{}' }])
  })

  test('that was cut by its limit ends incomplete, and so does the item that was open', () => {
    const events = streamed([chunk({ content: 'a' }), chunk({}, 'length')])
    expect(events.at(-1)).toMatchObject({ type: 'response.incomplete', response: { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, output: [{ status: 'incomplete' }] } })
    expect(final(streamed([chunk({ tool_calls: [{ index: 0, id: 'a', function: { name: 'f' } }] }), chunk({}, 'length')])).output).toMatchObject([{ arguments: '', status: 'incomplete' }])
  })

  test('that says nothing begins and ends', () => {
    expect(types(streamed([]))).toEqual(['created', 'in_progress', 'completed'])
    expect(final(streamed([], {}, { natural: true }))).toMatchObject({ output: [], usage: null, model: 'm-1' })
  })

  test('begins with the first chunk that has a choice', () => {
    const odd = { ...chunk({}), id: '', model: '', created: 0, choices: [] }
    expect(final(streamed([odd, chunk({ content: 'a' }, 'stop')]))).toMatchObject({ model: 'm-1-2025', created_at: 9 })
  })
})

describe('what a provider wants back', () => {
  const replayed = (output: readonly Item[]) => responsesDialect.begin(Buffer.from(JSON.stringify({ model: 'x/m', input: [{ role: 'user', content: 'hi' }, ...output] })), request, new Changes()).chat.messages[1]
  const signed = { type: 'reasoning.text', text: 'hm', signature: 'sig', format: 'anthropic-claude-v1', index: 0 } as const
  const google = { google: { thought_signature: 's' } }

  test('comes back when its client sends the output again, streamed or whole', () => {
    const message = { content: 'a', reasoning_content: 'hm', reasoning_details: [signed], tool_calls: [{ id: 'c', type: 'function' as const, function: { name: 'f', arguments: '{}' }, extra_content: google }] }
    const expected = { role: 'assistant', ...message }
    expect(replayed(whole(message).output)).toEqual(expected)
    const events = streamed([
      chunk({ reasoning_content: 'h', reasoning_details: [{ type: 'reasoning.text', text: 'h', format: 'anthropic-claude-v1', index: 0 }] }),
      chunk({ reasoning_content: 'm', reasoning_details: [{ type: 'reasoning.text', text: 'm', index: 0 }] }),
      chunk({ reasoning_details: [{ type: 'reasoning.text', signature: 'sig', index: 0 }] }),
      chunk({ content: 'a' }),
      chunk({ tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '{}' }, extra_content: google }] }),
      chunk({}, 'tool_calls'),
    ])
    expect(replayed(final(events).output)).toEqual(expected)
    const known = final(events).output.map(item => ({ ...item, extra_content: undefined }))
    expect(replayed(known), 'by a client that keeps known fields only').toEqual(expected)
  })

  test('comes though it was told behind the text', () => {
    const { output } = final(streamed([chunk({ content: 'a' }), chunk({ reasoning_details: [signed] }), chunk({}, 'stop')]))
    expect(output.map(({ type }) => type)).toEqual(['message', 'reasoning'])
    expect(output[1]?.encrypted_content).toBeDefined()
  })

  test('is shown to who asked for it, and where the answer is kept', () => {
    const message = { content: 'a', reasoning_content: 'hm', reasoning_details: [signed] }
    const shown = (body: object) => whole(message, { body }).output[0]?.encrypted_content !== undefined
    expect(shown({})).toBe(true)
    expect(shown({ store: false })).toBe(false)
    expect(shown({ store: false, include: ['reasoning.encrypted_content'] })).toBe(true)
    expect(whole({ content: 'a', reasoning_content: 'hm' }).output[0]?.encrypted_content, 'so that no other provider takes it for its own').toBeDefined()
  })
})
