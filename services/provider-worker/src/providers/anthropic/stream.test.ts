import { NO_TOKENS } from '@gomodel/contracts'
import { array, assert, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { HAIKU, begun, block, calling, said, start, stop, streamed, text, wire } from './fixtures/calls.ts'

const PING = { type: 'ping' }
const usage = { ...NO_TOKENS, inputUncached: 10, outputText: 20, source: 'final' }
const reader = () => begun({}, { stream: true }).call.reader()
const read = (...events: object[]) => streamed(reader(), wire(events))
const thinking = (index: number, signature: string, ...pieces: string[]) =>
  block(index, { type: 'thinking', thinking: '', signature: '' }, ...pieces.map(piece => ({ type: 'thinking_delta', thinking: piece })), { type: 'signature_delta', signature })

const emulated = () => {
  const chat = { response_format: { type: 'json_schema' as const, json_schema: { name: 'n', schema: { type: 'object', properties: { n: { type: 'integer' } } } } } }
  return begun(chat, { model: 'claude-sonnet-4-20250514', stream: true }).call.reader()
}
const answerTool = (index: number, ...pieces: string[]) =>
  block(index, { type: 'tool_use', id: 't', name: 'give_answer', input: {} }, ...pieces.map(piece => ({ type: 'input_json_delta', partial_json: piece })))

describe('a streamed answer', () => {
  test('of text, chunk by chunk', () => {
    const { chunks, end } = read(start(), PING, ...text(0, 'Hel', 'lo.'), ...stop('end_turn'))
    const head = { id: 'msg_1', object: 'chat.completion.chunk', created: 0, model: HAIKU }
    const chunk = (delta: object, finish: object = { finish_reason: null }) => ({ ...head, choices: [{ index: 0, delta, ...finish }] })
    expect(chunks).toEqual([
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Hel' }),
      chunk({ content: 'lo.' }),
      chunk({}, { finish_reason: 'stop', native_finish_reason: 'end_turn' }),
    ])
    expect(end).toEqual({ usage, finish: 'stop', natural: true })
  })

  test('with parallel calls among text, counted by themselves, one without arguments', () => {
    const { chunks, end } = read(start(), ...text(0, 'I look.'), ...calling(1, 'toolu_1', '', '{"city":', '"Rome"}'), ...calling(2, 'toolu_2'), ...stop('tool_use'))
    expect(chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? [])).toEqual([
      { index: 0, id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '' } },
      { index: 0, function: { arguments: '{"city":' } },
      { index: 0, function: { arguments: '"Rome"}' } },
      { index: 1, id: 'toolu_2', type: 'function', function: { name: 'weather', arguments: '' } },
      { index: 1, function: { arguments: '{}' } },
    ])
    expect(said(chunks)).toMatchObject({ content: 'I look.', finish: 'tool_calls' })
    expect(end).toMatchObject({ finish: 'tool_calls', natural: true })
  })

  test('whose call came at once', () => {
    const { chunks } = read(start(), ...block(0, { type: 'tool_use', id: 't', name: 'f', input: { player: 2 } }), ...stop('tool_use'))
    expect(said(chunks).calls).toEqual([{ id: 't', name: 'f', arguments: '{"player":2}' }])
  })

  test('with thoughts, their signatures and what is hidden of them', () => {
    const { chunks } = read(start(), ...thinking(0, 'sig', 'Let me ', 'see.'), ...block(1, { type: 'redacted_thinking', data: 'hidden' }), ...thinking(2, 'omitted'), ...text(3, 'Yes.'), ...stop('end_turn'))
    const format = 'anthropic-claude-v1'
    expect(chunks.map(({ choices }) => choices[0]?.delta).filter(delta => delta?.reasoning_details)).toEqual([
      { reasoning_content: 'Let me ', reasoning_details: [{ type: 'reasoning.text', text: 'Let me ', format, index: 0 }] },
      { reasoning_content: 'see.', reasoning_details: [{ type: 'reasoning.text', text: 'see.', format, index: 0 }] },
      { reasoning_details: [{ type: 'reasoning.text', signature: 'sig', format, index: 0 }] },
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'hidden', format, index: 1 }] },
      { reasoning_details: [{ type: 'reasoning.text', signature: 'omitted', format, index: 2 }] },
    ])
    expect(said(chunks)).toMatchObject({ thoughts: 'Let me see.', content: 'Yes.', signatures: ['sig', 'hidden', 'omitted'] })
  })

  test('in which the provider’s own tools took part names what it cites', () => {
    const citation = { type: 'web_search_result_location', url: 'https://example.com/a', title: 'A', cited_text: 'so' }
    const { chunks } = read(
      start(),
      ...text(0, 'I search. '),
      ...block(1, { type: 'server_tool_use', id: 's', name: 'web_search', input: {} }, { type: 'input_json_delta', partial_json: '{"query":"x"}' }),
      ...block(2, { type: 'web_search_tool_result', tool_use_id: 's', content: [] }),
      ...block(3, { type: 'text', text: '', citations: [] }, { type: 'citations_delta', citation }, { type: 'text_delta', text: 'It is ' }, { type: 'text_delta', text: 'so.' }),
      ...stop('end_turn'),
    )
    expect(said(chunks)).toMatchObject({ content: 'I search. It is so.', calls: [], annotations: [{ type: 'url_citation', url_citation: { start_index: 10, end_index: 19, url: 'https://example.com/a', title: 'A' } }] })
  })

  test('of kinds that are not known leaves them out', () => {
    const { chunks } = read(start(), { type: 'novelty' }, ...block(0, { type: 'hologram' }, { type: 'hologram_delta', light: 1 }), ...block(1, { type: 'text', text: 'Hi' }, { type: 'odd_delta' }), { type: 'content_block_delta', index: 9, delta: { type: 'text_delta', text: 'lost' } }, ...stop('end_turn'))
    expect(said(chunks).content).toBe('Hi')
  })

  test('that is a refusal says why', () => {
    const { chunks, end } = read(start(), PING, ...stop('refusal', { output_tokens: 5 }, { stop_details: { type: 'refusal', explanation: 'Not this.' } }))
    expect(said(chunks)).toMatchObject({ refusal: 'Not this.', finish: 'content_filter' })
    expect(end).toMatchObject({ finish: 'content_filter', natural: false })
  })

  test.each([['max_tokens', 'length'], ['pause_turn', 'stop']])('that stopped for %s did not end by itself', (reason, finish) => {
    expect(read(start(), ...text(0, 'x'), ...stop(reason)).end).toMatchObject({ finish, natural: false })
  })

  test('in a form which the model does not know is what the tool is called with', () => {
    const { chunks, end } = streamed(emulated(), wire([start(), ...text(0, 'Here you are:'), ...answerTool(1, '{"n"', ':3}'), ...answerTool(2, '{"n":4}'), ...stop('tool_use')]))
    expect(chunks.map(({ choices }) => choices[0]?.delta.content)).toEqual(['', '{"n"', ':3}', undefined])
    expect(said(chunks)).toMatchObject({ calls: [], finish: 'stop' })
    expect(end).toMatchObject({ finish: 'stop', natural: true })
  })

  test('in such a form is the text where the tool was not called', () => {
    expect(said(streamed(emulated(), wire([start(), ...text(0, '{"n":', '3}'), ...stop('end_turn')])).chunks)).toMatchObject({ content: '{"n":3}', finish: 'stop' })
  })

  test('counts its tokens by the last word on each', () => {
    const cached = { input_tokens: 43, cache_creation_input_tokens: 30, cache_read_input_tokens: 5, cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 }, output_tokens: 1 }
    const closing = { input_tokens: 61, cache_creation_input_tokens: 30, cache_read_input_tokens: null, output_tokens: 9, output_tokens_details: { thinking_tokens: 4 } }
    expect(read(start(cached), ...text(0, 'x'), ...stop('end_turn', closing)).end.usage).toEqual({
      ...NO_TOKENS,
      inputUncached: 61,
      inputCacheRead: 5,
      inputCacheWrite5m: 10,
      inputCacheWrite1h: 20,
      outputText: 5,
      outputReasoning: 4,
      source: 'final',
    })
  })

  test('is over with message_stop: nothing after it counts, and the stream may stay open', () => {
    const open = reader()
    const { chunks, end } = streamed(open, wire([start(), ...text(0, 'x'), ...stop('end_turn'), ...text(1, 'more'), { type: 'error', error: { type: 'api_error', message: 'x' } }]))
    expect(open.done).toBe(true)
    expect(said(chunks)).toMatchObject({ content: 'x', finish: 'stop' })
    expect(end.natural).toBe(true)
    expect(open.close()).toEqual([])
  })

  test('is whole with its stop reason, should the last event be missing', () => {
    const { chunks, end } = read(start(), ...text(0, 'x'), stop('max_tokens')[0]!)
    expect(said(chunks)).toMatchObject({ content: 'x', finish: 'length' })
    expect(end).toMatchObject({ finish: 'length', usage })
  })

  test('that is cut off is a failure, and its cost so far is known', () => {
    const open = reader()
    expect(() => streamed(open, wire([start(), ...text(0, 'x')]))).toThrow(expect.objectContaining({ failure: 'transport', code: 'provider_failed', message: 'anthropic-eu ended its answer early' }) as Error)
    expect(open.end).toEqual({ usage: { ...usage, outputText: 1, source: 'partial' }, natural: false })
  })

  test('of nothing is a failure', () => {
    expect(() => read()).toThrow('ended its answer early')
  })

  test.each([
    ['overloaded_error', 'overload', 'provider_failed'],
    ['api_error', 'overload', 'provider_failed'],
    ['rate_limit_error', 'rate', 'rate_limited'],
    ['authentication_error', 'key', 'provider_key_refused'],
    ['billing_error', 'key', 'provider_key_refused'],
    ['permission_error', 'key', 'provider_key_refused'],
    ['invalid_request_error', 'caller', 'invalid_request'],
    ['not_found_error', 'caller', 'model_not_found'],
  ])('with an error of type %s inside is a failure of kind %s', (type, failure, code) => {
    expect(() => read(start(), ...text(0, 'x'), { type: 'error', error: { type, message: 'm' } })).toThrow(expect.objectContaining({ failure, code }) as Error)
  })

  test('with something that is no JSON inside is a failure', () => {
    expect(() => streamed(reader(), Buffer.from('data: {"type":\n\n'))).toThrow(expect.objectContaining({ failure: 'transport' }) as Error)
  })

  test('that begins twice begins once', () => {
    const { chunks } = read(start(), start(), ...text(0, 'x'), ...stop('end_turn'))
    expect(chunks.filter(({ choices }) => choices[0]?.delta.role)).toHaveLength(1)
    expect(said(chunks).content).toBe('x')
  })

  test('with another one spliced into it goes on with that, unless a call is broken off', () => {
    const spliced = start({ input_tokens: 99, output_tokens: 1 }, { id: 'msg_2' })
    const { chunks, end } = read(start(), ...text(0, 'One ').slice(0, 2), spliced, ...text(0, 'two.'), ...stop('end_turn'))
    expect(said(chunks).content).toBe('One two.')
    expect(end.usage?.inputUncached).toBe(99)
    expect(() => read(start(), ...calling(0, 't', '{"ci').slice(0, 2), spliced)).toThrow('began another answer inside a call of a tool')
  })

  test('that is there from its start is read too', () => {
    const content = [{ type: 'code_execution_tool_result', tool_use_id: 's', content: {} }, { type: 'tool_use', id: 't', name: 'f', input: { id: 'c' } }]
    const { chunks, end } = read(start({ input_tokens: 0, output_tokens: 0 }, { content, stop_reason: 'tool_use' }), { type: 'message_stop' })
    expect(said(chunks)).toMatchObject({ calls: [{ id: 't', name: 'f', arguments: '{"id":"c"}' }], finish: 'tool_calls' })
    expect(end.natural).toBe(true)
  })

  test('is the same wherever the network cuts it', () => {
    const bytes = wire([start(), PING, ...thinking(0, 'sig', 'Zażółć ', '🙂'), ...text(1, 'gęślą', ' jaźń\r\n'), ...calling(2, 't', '{"a":', '"ł"}'), ...stop('tool_use')])
    const whole = streamed(reader(), bytes)
    expect(said(whole.chunks)).toMatchObject({ thoughts: 'Zażółć 🙂', content: 'gęślą jaźń\r\n', calls: [{ arguments: '{"a":"ł"}' }] })
    const cuts = array(integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 })
    assert(property(cuts, places => void expect(streamed(reader(), bytes, places)).toEqual(whole)))
    expect(streamed(reader(), bytes, Array.from(bytes.keys()))).toEqual(whole)
  })
})
