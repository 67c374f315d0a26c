import { NO_TOKENS, responseItemId } from '@gomodel/contracts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Changes } from '../hub/changes.ts'
import { sealed } from '../hub/sealed-reasoning.ts'
import type { GenerateRequest } from '../provider.ts'
import { EventSplitter } from '../sse.ts'
import { nativeInputTokens, nativeResponses } from './responses.ts'

const identity = { name: 'openai', type: 'openai', apiKey: 'sk-test-1234', baseUrl: 'http://x' }
const request: GenerateRequest = { requestId: 'r', endpoint: 'responses', model: 'gpt-5', stream: true, includeUsage: false }
const begin = (body = '{"model":"openai/gpt-5"}', changes = new Changes()) => nativeResponses(identity)(Buffer.from(body), request, changes)

const spent = { input_tokens: 10, input_tokens_details: { cached_tokens: 4 }, output_tokens: 7, output_tokens_details: { reasoning_tokens: 5 }, total_tokens: 17 }
const counted = { ...NO_TOKENS, inputUncached: 6, inputCacheRead: 4, outputText: 2, outputReasoning: 5, source: 'final' }
const text = { type: 'message', content: [{ type: 'output_text', text: 'a' }] }
const response = (more: object = {}) => ({ id: 'resp_1', object: 'response', status: 'completed', error: null, incomplete_details: null, output: [text], usage: spent, ...more })
const answer = (body: unknown) => begin().answer(Buffer.from(JSON.stringify(body)))

describe('a request', () => {
  test('passes byte for byte but for the model', () => {
    const { path, body } = begin('{ "input":[{"n":12345678901234567890}],"model":"openai/gpt-5", "stream":true,"unheard_of":1.0}')
    expect(path).toBe('/responses')
    expect(Buffer.from(body).toString()).toBe('{ "input":[{"n":12345678901234567890}],"model":"gpt-5", "stream":true,"unheard_of":1.0}')
  })

  test('leaves out what another provider thought, and says so', () => {
    const changes = new Changes()
    const foreign = { type: 'reasoning', summary: [], encrypted_content: sealed({ details: [] }) }
    const kept = [{ role: 'user', content: 'hi' }, { type: 'reasoning', summary: [], encrypted_content: 'gAAA' }]
    const called = { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }
    const { body } = begin(JSON.stringify({ model: 'm', input: [kept[0], foreign, kept[1], { type: 'reasoning', id: responseItemId('reasoning', 'ab'.repeat(20), 0), summary: [] }, { ...called, extra_content: { google: {} } }] }), changes)
    expect(JSON.parse(Buffer.from(body).toString())).toEqual({ model: 'gpt-5', input: [...kept, called] })
    expect(changes.list).toEqual([{ kind: 'dropped', param: 'input[1]' }, { kind: 'dropped', param: 'input[3]' }, { kind: 'dropped', param: 'input[4].extra_content' }])
  })

  test('that only speaks of sealed reasoning passes as it is', () => {
    const body = JSON.stringify({ model: 'gpt-5', input: `what is ${sealed({ details: [] })}?` })
    expect(Buffer.from(begin(body).body).toString()).toBe(body)
  })

  test('to count tokens goes where they are counted', () => {
    const call = nativeInputTokens(identity)(Buffer.from('{"model":"x","input":"hi"}'), { ...request, endpoint: 'input_tokens' }, new Changes())
    expect([call.path, Buffer.from(call.body).toString()]).toEqual(['/responses/input_tokens', '{"model":"gpt-5","input":"hi"}'])
    const told = Buffer.from('{"object":"response.input_tokens","input_tokens":3}')
    expect(call.answer(told).bytes).toBe(told)
    expect(() => call.answer(Buffer.from('{}'))).toThrow(expect.objectContaining({ failure: 'protocol', code: 'provider_failed' }))
    expect(() => call.answer(Buffer.from('{"error":{"message":"x","code":429}}'))).toThrow(expect.objectContaining({ failure: 'rate' }))
  })
})

describe('a whole answer', () => {
  test('passes byte for byte with what it cost', () => {
    const bytes = Buffer.from(` ${JSON.stringify(response())}\n`)
    expect(begin().answer(bytes)).toEqual({ bytes, end: { usage: counted, nativeUsage: spent, finish: 'completed', natural: true } })
  })

  test.each([
    ['max_output_tokens', { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }, false],
    ['queued', { status: 'queued', output: [] }, false],
    ['completed', { output: [{ type: 'function_call' }, { type: 'reasoning', summary: [] }] }, true],
    ['completed', { output: [{ type: 'message', content: [{ type: 'refusal', refusal: 'no' }] }] }, false],
  ])('says how it ended: %s', (finish, more, natural) => {
    expect(answer(response(more)).end).toMatchObject({ finish, natural })
  })

  test.each([
    ['OpenAI', spent, counted],
    ['xAI, whose output is without the reasoning', { ...spent, total_tokens: 22, cost_in_usd_ticks: 15_000_000 }, { ...counted, outputText: 7, costUsd: 0.0015 }],
    ['OpenRouter', { ...spent, cost: 0.25 }, { ...counted, costUsd: 0.25 }],
    ['somebody who counts in floats and below zero', { input_tokens: 10.4, output_tokens: -1 }, { ...NO_TOKENS, inputUncached: 10, source: 'final' }],
    ['somebody whose cache is larger than the input', { input_tokens: 3, input_tokens_details: { cached_tokens: 9 }, output_tokens: 0 }, { ...NO_TOKENS, inputCacheRead: 3, source: 'final' }],
    ['somebody who writes to a cache', { ...spent, input_tokens_details: { cached_tokens: 4, cache_write_tokens: 5 } }, { ...counted, inputUncached: 1, inputCacheWrite5m: 5 }],
    ['nobody', null, undefined],
  ])('costs what it says: %s', (_, usage, expected) => {
    expect(answer(response({ usage })).end.usage).toEqual(expected)
  })

  test.each([
    [{ status: 'failed', error: { code: 'server_error', message: 'x' } }, 'overload', 'provider_failed'],
    [{ status: 'failed', error: { code: 'rate_limit_exceeded', message: 'x' } }, 'rate', 'rate_limited'],
    [{ status: 'failed', error: { code: 'insufficient_quota', message: 'x' } }, 'key', 'provider_key_refused'],
    [{ status: 'failed', error: { code: 'invalid_prompt', message: 'x' } }, 'caller', 'invalid_request'],
    [{ status: 'failed', error: { code: 'image_too_large', message: 'x' } }, 'caller', 'invalid_request'],
    [{ status: 'failed', error: { code: 'vector_store_timeout', message: 'x' } }, 'overload', 'provider_failed'],
    [{ status: 'failed', error: null }, 'overload', 'provider_failed'],
    [{ error: { message: 'x', type: 'rate_limit_error' }, output: undefined }, 'rate', 'rate_limited'],
    [{ output: undefined }, 'protocol', 'provider_failed'],
    [{ output: undefined, message: 'x', code: 429 }, 'rate', 'rate_limited'],
  ])('that is none is an error: %j', (more, failure, code) => {
    expect(() => answer(response(more))).toThrow(expect.objectContaining({ failure, code }))
  })
})

const sse = (events: readonly object[]): string => events.map(event => `event: ${(event as { type: string }).type}\ndata: ${JSON.stringify(event)}\n\n`).join('')
const created = { type: 'response.created', sequence_number: 0, response: response({ status: 'in_progress', output: [], usage: null }) }
const added = { type: 'response.output_item.added', sequence_number: 1, output_index: 0, item: text }
const delta = { type: 'response.output_text.delta', sequence_number: 2, delta: 'a' }
const completed = { type: 'response.completed', sequence_number: 3, response: response() }
const stream = [created, added, delta, completed]

/** What a client gets of bytes that are cut at these places. */
function read(bytes: Buffer, cuts: readonly number[] = []) {
  const reader = begin().reader()
  const splitter = new EventSplitter()
  const places = [0, ...cuts.map(cut => cut % bytes.length).toSorted((a, b) => a - b), bytes.length]
  const events = places.slice(1).flatMap((end, index) => splitter.push(bytes.subarray(places[index], end)))
  const rest = splitter.end()
  const passed = [...events, ...(rest ? [rest] : [])].map(event => reader.read(event) ?? Buffer.alloc(0))
  return { passed: Buffer.concat([...passed, reader.close()]).toString(), reader }
}

describe('a stream', () => {
  test('passes byte for byte wherever it is cut', () => {
    const bytes = Buffer.from(sse([...stream.slice(0, 2), { ...delta, delta: '"ö\u{1f600}' }, completed]))
    fc.assert(fc.property(fc.array(fc.nat()), cuts => {
      const { passed, reader } = read(bytes, cuts)
      expect(passed).toBe(bytes.toString())
      expect(reader.end).toEqual({ usage: counted, nativeUsage: spent, finish: 'completed', natural: true })
    }))
  })

  test.each([
    ['created', [created, { type: 'response.in_progress' }, { type: 'response.queued' }], false],
    ['an item', [created, added], true],
    ['a piece of text', [created, delta], true],
    ['a piece whose type comes last', [created, { delta: 'a', type: 'response.output_text.delta' }], true],
    ['the news that it runs in the background', [{ ...created, response: { ...created.response, background: true } }], true],
  ])('speaks or not with %s', (_, events, speaking) => {
    const reader = begin().reader()
    for (const event of events) reader.read({ raw: Buffer.alloc(0), data: JSON.stringify(event) })
    expect(reader.speaking).toBe(speaking)
  })

  test('is over with its last event, whatever follows', () => {
    expect(read(Buffer.from(`${sse([...stream, delta])}data: [DONE]\n\n`)).passed).toBe(sse(stream))
  })

  test('that was cut by its limit says so', () => {
    const incomplete = { ...completed, type: 'response.incomplete', response: response({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } }) }
    expect(read(Buffer.from(sse([created, delta, incomplete]))).reader.end).toMatchObject({ usage: counted, finish: 'max_output_tokens', natural: false })
  })

  test('without its last event is an error', () => {
    expect(() => read(Buffer.from(sse([created, added, delta])))).toThrow(expect.objectContaining({ failure: 'transport', code: 'provider_failed' }))
  })

  test.each([
    [{ type: 'error', code: 'server_error', message: 'x', param: null }, 'overload', 'provider_failed'],
    [{ type: 'error', error: { type: 'insufficient_quota', code: 'insufficient_quota', message: 'x' } }, 'key', 'provider_key_refused'],
    [{ type: 'error', code: 'rate_limit_exceeded', message: 'x' }, 'rate', 'rate_limited'],
    [{ type: 'response.failed', response: response({ status: 'failed', error: { code: 'invalid_prompt', message: 'x' } }) }, 'caller', 'invalid_request'],
    [{ type: 'response.failed', response: response({ status: 'failed', error: { code: 'server_error', message: 'x' } }) }, 'overload', 'provider_failed'],
    [{ error: { message: 'x', code: 429 } }, 'rate', 'rate_limited'],
  ])('fails with %j', (event, failure, code) => {
    expect(() => read(Buffer.from(sse([created, event])))).toThrow(expect.objectContaining({ failure, code }))
  })
})
