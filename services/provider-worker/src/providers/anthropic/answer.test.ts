import { NO_TOKENS } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import type { HubAnswer } from '../../provider.ts'
import { HAIKU, begun } from './fixtures/calls.ts'

const message = (content: object[], reason: string | null = 'end_turn', more: object = {}) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: HAIKU,
  content,
  stop_reason: reason,
  stop_sequence: null,
  usage: { input_tokens: 10, output_tokens: 20 },
  ...more,
})

const answered = (body: unknown, call = begun({}).call): HubAnswer => call.answer(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)))
const choice = (answer: HubAnswer) => answer.completion.choices[0]!
const usage = { ...NO_TOKENS, inputUncached: 10, outputText: 20, source: 'final' }

describe('a whole answer', () => {
  test('of text', () => {
    expect(answered(message([{ type: 'text', text: 'Hello ' }, { type: 'text', text: 'you.' }]))).toEqual({
      completion: {
        id: 'msg_1',
        object: 'chat.completion',
        created: 0,
        model: HAIKU,
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hello you.' }, finish_reason: 'stop', native_finish_reason: 'end_turn' }],
      },
      end: { usage, finish: 'stop', natural: true },
    })
  })

  test('with thoughts, text and several calls, one without arguments', () => {
    const content = [
      { type: 'thinking', thinking: 'Two cities.', signature: 'sig' },
      { type: 'redacted_thinking', data: 'hidden' },
      { type: 'thinking', thinking: '', signature: 'omitted' },
      { type: 'text', text: 'I look.' },
      { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Łódź' }, caller: { type: 'direct' } },
      { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} },
    ]
    const answer = answered(message(content, 'tool_use'))
    expect(choice(answer)).toEqual({
      index: 0,
      finish_reason: 'tool_calls',
      native_finish_reason: 'tool_use',
      message: {
        role: 'assistant',
        content: 'I look.',
        reasoning_content: 'Two cities.',
        reasoning_details: [
          { type: 'reasoning.text', text: 'Two cities.', signature: 'sig', format: 'anthropic-claude-v1', index: 0 },
          { type: 'reasoning.encrypted', data: 'hidden', format: 'anthropic-claude-v1', index: 1 },
          { type: 'reasoning.text', text: '', signature: 'omitted', format: 'anthropic-claude-v1', index: 2 },
        ],
        tool_calls: [
          { id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Łódź"}' } },
          { id: 'toolu_2', type: 'function', function: { name: 'now', arguments: '{}' } },
        ],
      },
    })
    expect(answer.end).toEqual({ usage, finish: 'tool_calls', natural: true })
    const again = begun({ messages: [{ role: 'user', content: 'Hi' }, choice(answer).message, { role: 'tool', tool_call_id: 'toolu_1', content: 'x' }] })
    expect(again.body.messages).toMatchObject([{}, { content: content.map(({ caller: _caller, ...block }: Record<string, unknown>) => block) }, {}])
    expect(again.notes).toEqual([])
  })

  test('keeps every digit of what a tool is called with', () => {
    const text = JSON.stringify(message([{ type: 'tool_use', id: 't', name: 'f', input: { id: 1 } }], 'tool_use')).replace('"id":1', '"id":12345678901234567890')
    expect(choice(answered(text)).message.tool_calls?.[0]?.function.arguments).toBe('{"id":12345678901234567890}')
  })

  test('in which the provider’s own tools took part names what it cites', () => {
    const content = [
      { type: 'text', text: 'I search. ' },
      { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
      { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
      { type: 'fallback', from: { model: 'a' }, to: { model: 'b' } },
      {
        type: 'text',
        text: 'It is so.',
        citations: [
          { type: 'web_search_result_location', url: 'https://example.com/a', title: 'A', encrypted_index: 'x', cited_text: 'so' },
          { type: 'char_location', document_index: 0, cited_text: 'so' },
        ],
      },
    ]
    expect(choice(answered(message(content))).message).toEqual({
      role: 'assistant',
      content: 'I search. It is so.',
      annotations: [{ type: 'url_citation', url_citation: { start_index: 10, end_index: 19, url: 'https://example.com/a', title: 'A' } }],
    })
  })

  test('that was asked for in a form which the model does not know is what the tool was called with', () => {
    const chat = { response_format: { type: 'json_schema' as const, json_schema: { name: 'n', schema: { type: 'object', properties: { n: { type: 'integer' } } } } } }
    const { call } = begun(chat, { model: 'claude-sonnet-4-20250514' })
    const answer = answered(message([{ type: 'text', text: 'Here:' }, { type: 'tool_use', id: 't', name: 'give_answer', input: { n: 3 } }], 'tool_use'), call)
    expect(choice(answer)).toEqual({ index: 0, message: { role: 'assistant', content: '{"n":3}' }, finish_reason: 'stop', native_finish_reason: 'tool_use' })
    expect(answer.end).toMatchObject({ finish: 'stop', natural: true })
    expect(choice(answered(message([{ type: 'text', text: '{"n":4}' }]), call)).message.content).toBe('{"n":4}')
  })

  test.each<[string | null, string | null, boolean]>([
    ['end_turn', 'stop', true],
    ['stop_sequence', 'stop', true],
    ['pause_turn', 'stop', false],
    ['max_tokens', 'length', false],
    ['model_context_window_exceeded', 'length', false],
    ['refusal', 'content_filter', false],
    ['something_new', 'stop', false],
    [null, null, false],
  ])('that stopped for %s finishes with %s', (reason, finish, natural) => {
    const answer = answered(message([{ type: 'text', text: 'x' }], reason))
    expect(choice(answer).finish_reason).toBe(finish)
    expect(choice(answer).native_finish_reason).toBe(reason ?? undefined)
    expect(answer.end).toEqual({ usage, natural, ...(finish !== null && { finish }) })
  })

  test('that is a refusal says why, if the provider does', () => {
    const answer = answered(message([], 'refusal', { stop_details: { type: 'refusal', category: 'cyber', explanation: 'Not this.' } }))
    expect(choice(answer).message).toEqual({ role: 'assistant', content: null, refusal: 'Not this.' })
    expect(choice(answered(message([], 'refusal', { stop_details: null }))).message).toEqual({ role: 'assistant', content: null })
  })

  test.each<[string, object | null, object | undefined]>([
    ['nothing', null, undefined],
    ['what a cache gave and took', { input_tokens: 5, cache_read_input_tokens: 100, cache_creation_input_tokens: 30, cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 }, output_tokens: 7 }, { inputUncached: 5, inputCacheRead: 100, inputCacheWrite5m: 10, inputCacheWrite1h: 20, outputText: 7 }],
    ['a sum without its parts', { input_tokens: 5, cache_creation_input_tokens: 30, output_tokens: 7 }, { inputUncached: 5, inputCacheWrite5m: 30, outputText: 7 }],
    ['parts without their sum', { input_tokens: 5, cache_creation_input_tokens: null, cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 2 }, output_tokens: 7 }, { inputUncached: 5, inputCacheWrite5m: 1, inputCacheWrite1h: 2, outputText: 7 }],
    ['thoughts', { input_tokens: 5, output_tokens: 50, output_tokens_details: { thinking_tokens: 42 } }, { inputUncached: 5, outputText: 8, outputReasoning: 42 }],
    ['odd numbers', { input_tokens: -3, cache_read_input_tokens: 2.4, output_tokens: 6.6 }, { inputCacheRead: 2, outputText: 7 }],
  ])('costs %s', (_, given, parts) => {
    expect(answered(message([], 'end_turn', { usage: given })).end.usage).toEqual(parts && { ...NO_TOKENS, ...parts, source: 'final' })
  })

  test.each([
    ['not JSON', '<html>', 'protocol', 'provider_failed'],
    ['a list', '[]', 'protocol', 'provider_failed'],
    ['cut', '{"content":[', 'transport', 'provider_failed'],
    ['nothing that was asked for', '{"status":"queued"}', 'protocol', 'provider_failed'],
    ['an error', '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}', 'overload', 'provider_failed'],
    ['a limit', '{"type":"error","error":{"type":"rate_limit_error","message":"Slowly"}}', 'rate', 'rate_limited'],
  ])('that is %s is a failure', (_, body, failure, code) => {
    expect(() => answered(body)).toThrow(expect.objectContaining({ failure, code }) as Error)
  })
})
