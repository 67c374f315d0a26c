import { NO_TOKENS } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import type { GenerateRequest, Provider } from '../../provider.ts'
import { Changes } from '../../hub/changes.ts'
import { openAiDialect } from './dialect.ts'

const provider = openAiDialect({ name: 'openai', type: 'openai', apiKey: 'sk-1', baseUrl: 'http://x' })
const request: GenerateRequest = { requestId: 'r', endpoint: 'chat', model: 'm', stream: true, includeUsage: false }

function reading(more: Partial<GenerateRequest> = {}, asked: { body?: string; of?: Provider } = {}) {
  const reader = (asked.of ?? provider).native.chat!(Buffer.from(asked.body ?? '{}'), { ...request, ...more }, new Changes()).reader()
  const read = (data: unknown): string | undefined => {
    const text = typeof data === 'string' ? data : JSON.stringify(data)
    const bytes = reader.read({ raw: Buffer.from(`data: ${text}\n\n`), data: text })
    return bytes && Buffer.from(bytes).toString()
  }
  return { reader, read }
}
const delta = (content: unknown, more: object = {}) => ({ choices: [{ index: 0, delta: content, finish_reason: null, ...more }] })
const usage = { prompt_tokens: 3, completion_tokens: 2 }
const counted = { ...NO_TOKENS, inputUncached: 3, outputText: 2, source: 'final' }

describe('a chat stream', () => {
  test.each([
    { role: 'assistant', content: '', refusal: null, tool_calls: [], extra: {} },
    { role: 'assistant' },
    {},
    null,
  ])('does not speak yet with the delta %o', content => {
    const { reader, read } = reading()
    expect(read(delta(content))).toContain('choices')
    expect(reader.speaking).toBe(false)
  })

  test.each([
    { content: ' ' },
    { role: 'assistant', tool_calls: [{ index: 0, function: { name: 'f', arguments: '' } }] },
    { refusal: 'no' },
    { reasoning_content: 'hm' },
    { audio: { id: 'a' } },
    { unheard_of: 1 },
  ])('speaks with the delta %o', content => {
    const { reader, read } = reading()
    read(delta(content))
    expect(reader.speaking).toBe(true)
  })

  test('speaks with its finish, though it said nothing', () => {
    const { reader, read } = reading()
    read(delta({}, { finish_reason: 'stop' }))
    expect(reader.speaking).toBe(true)
    expect(reader.end).toEqual({ finish: 'stop', natural: true })
  })

  test('takes usage from any chunk and keeps the last', () => {
    const { reader, read } = reading()
    read({ ...delta({ content: 'a' }), usage: { prompt_tokens: 3, completion_tokens: 1 } })
    read({ ...delta({}, { finish_reason: 'length' }), usage })
    read({ ...delta({}), usage: null })
    expect(reader.end).toEqual({ usage: counted, nativeUsage: usage, finish: 'length', natural: false })
  })

  test('keeps the chunk of usage alone from who did not ask, and every other', () => {
    const alone = { choices: [], usage }
    const quiet = reading()
    expect(quiet.read(alone)).toBeUndefined()
    expect(quiet.reader.end.usage).toEqual(counted)
    expect(quiet.read({ choices: [], prompt_filter_results: [] })).toBeDefined()
    expect(quiet.read({ ...delta({ content: 'a' }), usage })).toBeDefined()
    expect(reading({ includeUsage: true }).read(alone)).toBeDefined()
  })

  test('loses the usage that came beside a choice, and nothing else, where the client did not ask for it', () => {
    const data = '{"id":12345678901234567890,"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],\n"usage":{"prompt_tokens":3,"completion_tokens":2},"provider":"P"}'
    const { reader, read } = reading()
    expect(read(data)).toBe('data: {"id":12345678901234567890,"choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}],"provider":"P"}\n\n')
    expect(reader.end).toEqual({ usage: counted, nativeUsage: usage, finish: 'stop', natural: true })
    expect(reading({ includeUsage: true }).read(data)).toBe(`data: ${data}\n\n`)
  })

  test('stays one line where it came in several', () => {
    const read = reading().read('{"choices":[\n{"index":0,"delta":{}}],"usage":{"prompt_tokens":3}}')
    expect(read).toBe('data: {"choices":[ {"index":0,"delta":{}}]}\n\n')
  })

  test('is whole after [DONE], which is not passed on, and closes with one of ours', () => {
    const { reader, read } = reading()
    read(delta({ content: 'a' }))
    expect(read('[DONE]')).toBeUndefined()
    expect(reader.done).toBe(true)
    expect(read(delta({ content: 'late' }))).toBeUndefined()
    expect(Buffer.from(reader.close()).toString()).toBe('data: [DONE]\n\n')
  })

  test('is whole without [DONE] once every choice that spoke has finished', () => {
    const { reader, read } = reading()
    read({ choices: [{ index: 0, delta: { content: 'a' } }, { index: 1, delta: { content: 'b' } }] })
    read({ choices: [{ index: 1, delta: {}, finish_reason: 'length' }] })
    expect(() => reader.close()).toThrow('ended its answer early')
    read({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })
    expect(Buffer.from(reader.close()).toString()).toBe('data: [DONE]\n\n')
    expect(reader.end.finish).toBe('stop')
  })

  test.each(['{"n":2}', '{"messages":[],"n":2.0}', '{"n":1,"n":2}'])('is not whole without [DONE] before as many choices have finished as %s asks for', body => {
    const { reader, read } = reading({}, { body })
    read({ choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }], usage })
    expect(() => reader.close()).toThrow('ended its answer early')
    expect(reader.end).toMatchObject({ natural: false, usage: { source: 'partial' } })
    read({ choices: [{ index: 1, delta: { content: 'b' }, finish_reason: 'stop' }] })
    expect(Buffer.from(reader.close()).toString()).toBe('data: [DONE]\n\n')
    expect(reader.end).toMatchObject({ natural: true, usage: counted })
  })

  test.each(['{"n":null}', '{"n":1}'])('is whole without [DONE] after one choice where %s asks for one', body => {
    const { reader, read } = reading({}, { body })
    read({ choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] })
    expect(Buffer.from(reader.close()).toString()).toBe('data: [DONE]\n\n')
    expect(reader.end.natural).toBe(true)
  })

  test('is whole after one choice where the provider is never asked for more', () => {
    const of = openAiDialect({ name: 'ollama', type: 'ollama', apiKey: undefined, baseUrl: 'http://x' })
    const { reader, read } = reading({}, { body: '{"n":2}', of })
    read({ choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] })
    expect(Buffer.from(reader.close()).toString()).toBe('data: [DONE]\n\n')
  })

  test('is whole after [DONE], though a choice never came', () => {
    const { reader, read } = reading({}, { body: '{"n":2}' })
    read({ choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] })
    read('[DONE]')
    expect(Buffer.from(reader.close()).toString()).toBe('data: [DONE]\n\n')
    expect(reader.end.natural).toBe(true)
  })

  test.each([
    ['stop', [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }], true],
    ['tool calls and an old-style function call', [{ index: 0, delta: {}, finish_reason: 'tool_calls' }, { index: 1, delta: {}, finish_reason: 'function_call' }], true],
    ['length', [{ index: 0, delta: { content: 'a' }, finish_reason: 'length' }], false],
    ['a filter, of one choice of two', [{ index: 0, delta: {}, finish_reason: 'stop' }, { index: 1, delta: {}, finish_reason: 'content_filter' }], false],
    ['a reason that nobody knows', [{ index: 0, delta: {}, finish_reason: 'refusal' }], false],
    ['no reason', [{ index: 0, delta: { content: 'a' } }], false],
    ['stop, of one choice of two', [{ index: 0, delta: {}, finish_reason: 'stop' }, { index: 1, delta: { content: 'b' } }], false],
    ['no choice', [], false],
  ])('that ends with %s has come to its natural end or not', (_, choices, natural) => {
    const { reader, read } = reading()
    read({ choices })
    read('[DONE]')
    expect(reader.end.natural).toBe(natural)
  })

  test('that refuses has not come to its natural end, though it stops like any other', () => {
    const { reader, read } = reading()
    read(delta({ refusal: 'I' }))
    read(delta({ refusal: '' }))
    read(delta({}, { finish_reason: 'stop' }))
    expect(reader.end).toEqual({ finish: 'stop', natural: false })
  })

  test('is not whole when nothing came', () => {
    expect(() => reading().reader.close()).toThrow(expect.objectContaining({ failure: 'transport', code: 'provider_failed' }))
  })

  test.each([
    [{ error: { message: 'x', type: 'server_error', code: null } }, 'overload', 'provider_failed'],
    [{ error: { message: 'x', code: 529 } }, 'overload', 'provider_failed'],
    [{ error: { message: 'x', code: 429 }, choices: [{ index: 0, delta: {}, finish_reason: 'error' }] }, 'rate', 'rate_limited'],
    [{ error: { message: 'x', code: 'insufficient_quota' } }, 'key', 'provider_key_refused'],
    [{ error: { message: 'x', type: 'invalid_request_error', code: 'context_length_exceeded' } }, 'caller', 'invalid_request'],
    [{ error: 'x' }, 'overload', 'provider_failed'],
  ])('fails with %o', (chunk, failure, code) => {
    expect(() => reading().read(chunk)).toThrow(expect.objectContaining({ failure, code }))
  })

  test.each(['{"choices":[', 'ok', '5', '[]', 'null'])('fails with a chunk that reads %s', data => {
    expect(() => reading().read(data)).toThrow('not a JSON object')
  })
})
