import type { CachedAnswer } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { replayMessage } from './replay.ts'

const answer = (form: 'stream' | 'whole'): CachedAnswer => ({ provider: 'anthropic', form, storedAt: 0 })
const wanted = (stream: boolean) => ({ stream, includeUsage: true })

const events = (...said: object[]) => said.map(one => `event: ${(one as { type: string }).type}\ndata: ${JSON.stringify(one)}\n\n`).join('')
const start = (more: object = {}) => ({ type: 'message_start', message: { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 9, cache_creation: { ephemeral_5m_input_tokens: 0 }, output_tokens: 1 }, ...more } })
const begin = (index: number, content_block: object) => ({ type: 'content_block_start', index, content_block })
const piece = (index: number, delta: object) => ({ type: 'content_block_delta', index, delta })
const stop = (index: number) => ({ type: 'content_block_stop', index })
const end = (stop_reason = 'end_turn', more: object = {}) => ({ type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 7 }, ...more })
const over = { type: 'message_stop' }

const toWhole = (text: string) => replayMessage(answer('stream'), Buffer.from(text), wanted(false))?.toString()
const toEvents = (message: unknown) => replayMessage(answer('whole'), Buffer.from(JSON.stringify(message)), wanted(true))?.toString()

const message = (content: unknown[], more: object = {}) => ({
  id: 'msg_1', type: 'message', role: 'assistant', model: 'claude', content, stop_reason: 'end_turn', stop_sequence: null,
  usage: { input_tokens: 9, cache_creation: { ephemeral_5m_input_tokens: 0 }, output_tokens: 7 }, ...more,
})

const hello = events(start(), begin(0, { type: 'text', text: '' }), { type: 'ping' }, piece(0, { type: 'text_delta', text: 'Hel' }), piece(0, { type: 'text_delta', text: 'lo' }), stop(0), end(), over)

describe('a stored answer in the form in which it came', () => {
  test('is the same bytes', () => {
    const odd = `: hi\n\n${hello}`
    expect(replayMessage(answer('stream'), Buffer.from(odd), wanted(true))?.toString()).toBe(odd)
    expect(replayMessage(answer('whole'), Buffer.from(' {"id": 1.0}\n'), wanted(false))?.toString()).toBe(' {"id": 1.0}\n')
  })
})

describe('a stored stream for a client that does not stream', () => {
  test('is the message that its events make up', () => {
    expect(JSON.parse(toWhole(hello)!)).toEqual(message([{ type: 'text', text: 'Hello' }]))
  })

  test('has every kind of block as it is when it comes whole', () => {
    const text = events(
      start(),
      begin(0, { type: 'thinking', thinking: '', signature: '' }),
      piece(0, { type: 'thinking_delta', thinking: 'Hm' }),
      piece(0, { type: 'thinking_delta', thinking: '.' }),
      piece(0, { type: 'signature_delta', signature: 'sig' }),
      stop(0),
      begin(1, { type: 'redacted_thinking', data: 'xyz' }),
      stop(1),
      begin(2, { type: 'text', text: '', citations: [] }),
      piece(2, { type: 'citations_delta', citation: { type: 'page_location' } }),
      piece(2, { type: 'text_delta', text: 'So.' }),
      stop(2),
      begin(3, { type: 'tool_use', id: 't1', name: 'f', input: {} }),
      piece(3, { type: 'input_json_delta', partial_json: '' }),
      piece(3, { type: 'input_json_delta', partial_json: '{"a":' }),
      piece(3, { type: 'input_json_delta', partial_json: '[1.5]}' }),
      stop(3),
      begin(4, { type: 'tool_use', id: 't2', name: 'g', input: {} }),
      stop(4),
      begin(5, { type: 'web_search_tool_result', tool_use_id: 's1', content: [{ url: 'https://example.org' }] }),
      stop(5),
      end('tool_use', { usage: { input_tokens: 11, cache_read_input_tokens: null, output_tokens: 7 }, context_management: { applied_edits: [] } }),
      over,
    )
    const content = [
      { type: 'thinking', thinking: 'Hm.', signature: 'sig' },
      { type: 'redacted_thinking', data: 'xyz' },
      { type: 'text', text: 'So.', citations: [{ type: 'page_location' }] },
      { type: 'tool_use', id: 't1', name: 'f', input: { a: [1.5] } },
      { type: 'tool_use', id: 't2', name: 'g', input: {} },
      { type: 'web_search_tool_result', tool_use_id: 's1', content: [{ url: 'https://example.org' }] },
    ]
    const whole = message(content, { stop_reason: 'tool_use', context_management: { applied_edits: [] }, usage: { input_tokens: 11, cache_creation: { ephemeral_5m_input_tokens: 0 }, output_tokens: 7 } })
    expect(JSON.parse(toWhole(text)!)).toEqual(whole)
    expect(JSON.parse(toWhole(toEvents(whole)!)!)).toEqual(whole)
  })

  test('keeps the blocks that it began with', () => {
    const block = { type: 'tool_use', id: 't', name: 'f', input: { a: 1 }, caller: { type: 'code_execution_20250825' } }
    expect(JSON.parse(toWhole(events(start({ content: [block] }), end('tool_use'), over))!)).toEqual(message([block], { stop_reason: 'tool_use' }))
  })

  test.each([
    ['cut before its end', hello.replace(events(over), '')],
    ['that begins twice', events(start()) + hello],
    ['that does not begin', hello.replace(events(start()), '')],
    ['with a block that does not end', hello.replace(events(stop(0)), '')],
    ['with a piece for no block', hello.replace(events(begin(0, { type: 'text', text: '' })), '')],
    ['with a piece for a block that is over', hello.replace(events(stop(0)), events(stop(0), piece(0, { type: 'text_delta', text: 'x' })))],
    ['with a gap between blocks', hello.replaceAll('"index":0', '"index":1')],
    ['with an error', hello.replace(events(over), events({ type: 'error', error: {} }, over))],
    ['with an event that nobody knows', hello.replace(events(over), events({ type: 'surprise' }, over))],
    ['with a piece that nobody knows', hello.replace('text_delta', 'song_delta')],
    ['with an input that is no JSON', events(start(), begin(0, { type: 'tool_use', id: 't', name: 'f', input: {} }), piece(0, { type: 'input_json_delta', partial_json: '{"a":' }), stop(0), end(), over)],
    ['with a number that JavaScript cannot hold', hello.replace('"input_tokens":9', '"input_tokens":12345678901234567890')],
    ['of nothing', ''],
  ])('%s is a miss', (_, text) => {
    expect(text).not.toBe(hello)
    expect(toWhole(text)).toBeUndefined()
  })
})

describe('a stored whole answer for a client that streams', () => {
  test('is the events that it could have been', () => {
    expect(toEvents(message([{ type: 'text', text: 'Hello' }, { type: 'tool_use', id: 't', name: 'f', input: {} }], { stop_details: null }))).toBe(
      events(
        { type: 'message_start', message: { ...message([], { stop_reason: null, stop_details: null }), usage: { input_tokens: 9, cache_creation: { ephemeral_5m_input_tokens: 0 }, output_tokens: 0 } } },
        begin(0, { type: 'text', text: '' }),
        piece(0, { type: 'text_delta', text: 'Hello' }),
        stop(0),
        begin(1, { type: 'tool_use', id: 't', name: 'f', input: {} }),
        stop(1),
        { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null, stop_details: null }, usage: message([]).usage },
        over,
      ),
    )
  })

  test('comes in pieces of words that add up to it, whatever it says', () => {
    const long = 'The quick brown fox jumps over the lazy dog, and so on.\n\n'.repeat(20) + '中文字符'.repeat(50) + '🐉'.repeat(40)
    const whole = message([{ type: 'thinking', thinking: long, signature: 's' }, { type: 'text', text: long }, { type: 'tool_use', id: 't', name: 'f', input: { long } }])
    const text = toEvents(whole)!
    expect(text.split('event: content_block_delta').length).toBeGreaterThan(60)
    expect(JSON.parse(toWhole(text)!)).toEqual(whole)
  })

  test.each([
    ['an error', { type: 'error', error: {} }],
    ['content that is no list', message('text' as unknown as unknown[])],
    ['content of no blocks', message(['text'])],
    ['no usage', message([], { usage: null })],
    ['a list', []],
  ])('with %s is a miss', (_, stored) => {
    expect(toEvents(stored)).toBeUndefined()
  })
})
