import { NO_TOKENS } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import type { GenerateRequest, Refusal } from '../../provider.ts'
import { Changes } from '../../hub/changes.ts'
import { openAiDialect } from './dialect.ts'

const KEY = 'sk-test-1234567890'
const provider = openAiDialect({ name: 'openai-east', type: 'openai', apiKey: KEY, baseUrl: 'http://x' })
const ask = (more: Partial<GenerateRequest> = {}): GenerateRequest => ({ requestId: 'r', endpoint: 'chat', model: 'gpt-5', stream: false, includeUsage: false, ...more })
const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
const errorOf = (status: number, body: unknown, more: Partial<Refusal> = {}) => provider.error({ status, body: bytes(body), retryAfterMs: undefined, ...more })
const openAiError = (message: string, code: string | null = null, param: string | null = null) => ({ error: { message, type: 'x', param, code } })

const called = (json: string, request: GenerateRequest) => provider.native.chat!(bytes(json), request, new Changes())
const sent = (json: string, request: GenerateRequest): string => Buffer.from(called(json, request).body).toString()
const answer = (body: Uint8Array) => called('{}', ask()).answer(body).end
const completion = (usage: unknown, choices: unknown = [{ index: 0, finish_reason: 'stop' }]) => bytes({ id: 'x', choices, usage })

describe('a request', () => {
  test('passes untouched but for the name of the model', () => {
    expect(sent('{"model":"openai/gpt-5","seed":12345678901234567890,"x":1.0}', ask())).toBe('{"model":"gpt-5","seed":12345678901234567890,"x":1.0}')
    expect(called('{}', ask()).path).toBe('/chat/completions')
  })

  test.each([
    ['{"model":"m","stream":true}', '{"model":"gpt-5","stream":true,"stream_options":{"include_usage":true}}'],
    ['{"stream_options":null,"model":"m"}', '{"stream_options":{"include_usage":true},"model":"gpt-5"}'],
    ['{"stream_options":{ "include_usage" : false, "x":1.0 },"model":"m"}', '{"stream_options":{ "include_usage" : true, "x":1.0 },"model":"gpt-5"}'],
  ])('that streams asks for usage: %s', (json, expected) => {
    expect(sent(json, ask({ stream: true }))).toBe(expected)
  })

  test('carries the key, if there is one', () => {
    expect(provider.headers).toContain(`Bearer ${KEY}`)
    expect(openAiDialect({ name: 'local', type: 'openai', apiKey: undefined, baseUrl: 'http://x' }).headers).not.toContain('authorization')
  })
})

describe('a refusal', () => {
  test.each([
    [400, 'caller', 'invalid_request'],
    [401, 'key', 'provider_key_refused'],
    [402, 'key', 'provider_key_refused'],
    [403, 'key', 'provider_key_refused'],
    [404, 'caller', 'model_not_found'],
    [408, 'overload', 'provider_failed'],
    [409, 'caller', 'invalid_request'],
    [413, 'caller', 'payload_too_large'],
    [422, 'caller', 'unprocessable'],
    [429, 'rate', 'rate_limited'],
    [500, 'overload', 'provider_failed'],
    [502, 'overload', 'provider_failed'],
    [503, 'overload', 'provider_failed'],
    [504, 'overload', 'provider_failed'],
    [520, 'overload', 'provider_failed'],
    [521, 'overload', 'provider_failed'],
    [522, 'overload', 'provider_failed'],
    [523, 'overload', 'provider_failed'],
    [524, 'overload', 'provider_failed'],
    [525, 'protocol', 'provider_failed'],
    [529, 'overload', 'provider_failed'],
    [501, 'protocol', 'provider_failed'],
    [307, 'protocol', 'provider_failed'],
  ])('of status %i is of kind %s and becomes %s', (status, failure, code) => {
    expect(errorOf(status, openAiError('words'))).toMatchObject({ failure, code, details: { provider: 'openai-east' } })
  })

  test('of the caller keeps the provider’s words, field and code', () => {
    const error = errorOf(400, openAiError('too long', 'context_length_exceeded', 'messages'))
    expect(error.toWire()).toEqual({ code: 'invalid_request', message: 'too long', param: 'messages', reason: 'context_length_exceeded', provider: 'openai-east' })
  })

  test('of the provider’s own making is told in our words', () => {
    expect(errorOf(503, openAiError('secret internals', 'server_error')).toWire()).toEqual({ code: 'provider_failed', message: 'openai-east answered 503', provider: 'openai-east' })
  })

  test('for want of quota is one of the key, though its status is that of a rate', () => {
    const error = errorOf(429, openAiError('You exceeded your current quota', 'insufficient_quota'))
    expect(error).toMatchObject({ failure: 'key', code: 'provider_key_refused' })
    expect(error.message).not.toContain('quota')
  })

  test('under load may come as 429', () => {
    expect(errorOf(429, openAiError('slow down', 'slow_down'))).toMatchObject({ failure: 'overload', code: 'rate_limited' })
  })

  test('carries when to come back', () => {
    expect(errorOf(429, openAiError('wait'), { retryAfterMs: 7000 }).toWire()).toMatchObject({ message: 'wait', retryAfterMs: 7000 })
  })

  test.each([
    [{ error: 'plain' }, 'plain'],
    [{ message: 'flat', code: 17 }, 'flat'],
    [{ detail: 'fast' }, 'fast'],
    [{ detail: [{ msg: 'field required' }] }, 'field required'],
    [[{ error: { message: 'in a list' } }], 'in a list'],
    ['<html>oops</html>', 'openai-east answered 400'],
    ['', 'openai-east answered 400'],
    ['null', 'openai-east answered 400'],
  ])('may have the shape %o', (body, message) => {
    expect(errorOf(400, body).message).toBe(message)
  })

  test('never repeats the key', () => {
    const text = `bad key ${KEY} or sk-other-99999, sent as Bearer abc.def-ghi`
    expect(JSON.stringify(errorOf(400, openAiError(text, KEY, KEY)).details.cause)).not.toMatch(/1234567890|99999|abc\.def/)
    const odd = openAiDialect({ name: 'x', type: 'openai', apiKey: 'p@ss$word', baseUrl: 'http://x' })
    expect(odd.error({ status: 400, body: bytes(openAiError('what is p@ss$word')), retryAfterMs: undefined }).message).toBe('what is [key]')
  })
})

describe('a whole answer', () => {
  test('tells its usage and its finish', () => {
    const usage = { prompt_tokens: 10, completion_tokens: 8, prompt_tokens_details: { cached_tokens: 4 }, completion_tokens_details: { reasoning_tokens: 3 } }
    expect(answer(completion(usage))).toEqual({
      usage: { ...NO_TOKENS, inputUncached: 6, inputCacheRead: 4, outputText: 5, outputReasoning: 3, source: 'final' },
      nativeUsage: usage,
      finish: 'stop',
      natural: true,
    })
  })

  test('may count in floats, and more cached than prompted', () => {
    const usage = { prompt_tokens: 10.4, completion_tokens: 2.6, prompt_tokens_details: { cached_tokens: 12 }, completion_tokens_details: { reasoning_tokens: 5 } }
    expect(answer(completion(usage)).usage).toEqual({ ...NO_TOKENS, inputCacheRead: 10, outputReasoning: 5, source: 'final' })
  })

  test('may tell neither', () => {
    expect(answer(completion(null, []))).toEqual({ natural: false })
    expect(answer(bytes('\n\n {"error":null,"choices":[]} \n'))).toEqual({ natural: false })
  })

  test('keeps to itself usage that is too large for the end of an answer', () => {
    expect(answer(completion({ prompt_tokens: 1, notes: 'x'.repeat(9000) })).nativeUsage).toBeUndefined()
  })

  test.each([
    ['tool_calls', { content: null }, true],
    ['function_call', {}, true],
    ['stop', { content: 'a', refusal: null }, true],
    ['stop', { content: null, refusal: 'I cannot' }, false],
    ['length', { content: 'a' }, false],
    ['content_filter', {}, false],
    [null, { content: 'a' }, false],
  ])('that finishes with %s and the message %o has come to its natural end or not', (finish, message, natural) => {
    const good = { index: 1, message: { content: 'b' }, finish_reason: 'stop' }
    expect(answer(completion(null, [{ index: 0, message, finish_reason: finish }])).natural).toBe(natural)
    expect(answer(completion(null, [{ index: 0, message, finish_reason: finish }, good])).natural).toBe(natural)
  })

  test('may be an error in disguise', () => {
    expect(() => answer(bytes({ error: { message: 'x', code: 429 } }))).toThrow(expect.objectContaining({ code: 'rate_limited' }))
    expect(() => answer(bytes({ code: 'bad', error: 'x' }))).toThrow(expect.objectContaining({ code: 'provider_failed' }))
    expect(() => answer(bytes({ object: 'error', message: 'x', type: 'BadRequestError', code: 400 }))).toThrow(expect.objectContaining({ code: 'invalid_request' }))
    expect(() => answer(bytes({ id: 'b9a1', message: 'internal server error' }))).toThrow(expect.objectContaining({ code: 'provider_failed' }))
    expect(() => answer(bytes({ error: { type: 'invalid_request_error', message: 'mine' } }))).toThrow('mine')
  })

  test.each(['{}', '{"choices":"x"}', '{"choices":null}', '{"status":"queued"}', '{"code":500,"msg":"404 NOT_FOUND","success":false}'])('is none without choices: %s', text => {
    expect(() => answer(bytes(text))).toThrow(expect.objectContaining({ failure: 'protocol', code: 'provider_failed', message: 'openai-east gave an answer without a choice' }))
  })

  test.each([
    ['nothing', '', 'transport'],
    ['blanks', '\n\n', 'transport'],
    ['a cut object', '{"choices":[{"index":0,"message":{"content":"}', 'transport'],
    ['an object that is cut behind a member', '{"id":"x"', 'transport'],
    ['a page', '<html>', 'protocol'],
    ['a list', '[]', 'protocol'],
    ['null', 'null', 'protocol'],
    ['a stream', 'data: {"choices":[]}\n\ndata: [DONE]\n\n', 'protocol'],
    ['an object with something behind it', '{"choices":[]} bye', 'protocol'],
    ['an object with a number that is none', '{"choices":[{"logprob":NaN}]}', 'protocol'],
  ])('is none when it is %s', (_, text, failure) => {
    expect(() => answer(bytes(text))).toThrow(expect.objectContaining({ failure, code: 'provider_failed' }))
  })
})

describe('a list of models', () => {
  test('is read leniently', () => {
    const data = [{ id: 'a', created: 7.9, owned_by: 'them' }, { id: 'b' }, { id: 'a' }, { id: '' }, { id: 3 }, null, 'c']
    expect(provider.models(bytes({ data }))).toEqual([
      { id: 'a', created: 7, ownedBy: 'them' },
      { id: 'b', created: 0, ownedBy: 'openai' },
    ])
    expect(provider.models(bytes({ object: 'list' }))).toEqual([])
  })
})
