import { describe, expect, test } from 'vitest'
import type { Refusal } from '../../provider.ts'
import { anthropicProvider } from './anthropic.ts'
import { IDENTITY, KEY, provider } from './fixtures/calls.ts'

const refused = (status: number, body: unknown, more: Partial<Refusal> = {}) => provider.error({ status, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), retryAfterMs: undefined, ...more })
const error = (type: string, message = 'words') => ({ type: 'error', error: { type, message }, request_id: 'req_1' })

describe('the provider', () => {
  test('is told version and key', () => {
    expect(provider.headers).toEqual(['content-type', 'application/json', 'accept-encoding', 'identity', 'anthropic-version', '2023-06-01', 'x-api-key', KEY])
    expect(anthropicProvider({ ...IDENTITY, apiKey: undefined }).headers).not.toContain('x-api-key')
  })

  test.each([
    ['https://api.anthropic.com/v1', '/models?limit=1000'],
    ['https://api.anthropic.com', '/v1/models?limit=1000'],
    ['https://api.deepseek.com/anthropic/v1', '/models?limit=1000'],
  ])('at %s lists its models at %s', (baseUrl, path) => {
    expect(anthropicProvider({ ...IDENTITY, baseUrl }).modelsPath).toBe(path)
  })

  test('lists models with the time of their making', () => {
    const data = [
      { type: 'model', id: 'claude-opus-5', display_name: 'Claude Opus 5', created_at: '2026-06-01T00:00:00Z' },
      { type: 'model', id: 'claude-opus-5', created_at: '2020-01-01T00:00:00Z' },
      { type: 'model', id: 'claude-x', created_at: 'once' },
      { id: '' },
      null,
    ]
    expect(provider.models(Buffer.from(JSON.stringify({ data, has_more: false, last_id: 'claude-x' })))).toEqual([
      { id: 'claude-opus-5', created: 1_780_272_000, ownedBy: 'anthropic' },
      { id: 'claude-x', created: 0, ownedBy: 'anthropic' },
    ])
    expect(() => provider.models(Buffer.from('[]'))).toThrow(expect.objectContaining({ failure: 'protocol' }) as Error)
  })
})

describe('a refusal', () => {
  test.each([
    [400, 'invalid_request_error', 'caller', 'invalid_request'],
    [401, 'authentication_error', 'key', 'provider_key_refused'],
    [402, 'billing_error', 'key', 'provider_key_refused'],
    [403, 'permission_error', 'key', 'provider_key_refused'],
    [404, 'not_found_error', 'caller', 'model_not_found'],
    [409, 'conflict_error', 'caller', 'invalid_request'],
    [413, 'request_too_large', 'caller', 'payload_too_large'],
    [429, 'rate_limit_error', 'rate', 'rate_limited'],
    [500, 'api_error', 'overload', 'provider_failed'],
    [504, 'timeout_error', 'overload', 'provider_failed'],
    [529, 'overloaded_error', 'overload', 'provider_failed'],
  ])('with %i %s is of kind %s and becomes %s', (status, type, failure, code) => {
    expect(refused(status, error(type))).toMatchObject({ failure, code, details: { provider: 'anthropic-eu', cause: { status, type, requestId: 'req_1' } } })
  })

  test('of the caller keeps the provider’s words and tells nobody the number of the request', () => {
    expect(refused(400, error('invalid_request_error', 'messages: too few')).toWire()).toEqual({ code: 'invalid_request', message: 'messages: too few', provider: 'anthropic-eu' })
  })

  test('of a prompt that is too long says so by a code', () => {
    expect(refused(400, error('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum')).toWire()).toMatchObject({ code: 'invalid_request', reason: 'context_length_exceeded' })
  })

  test('for want of credit is one of the key, though its status is the caller’s', () => {
    const thrown = refused(400, error('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'))
    expect(thrown).toMatchObject({ failure: 'key', code: 'provider_key_refused' })
    expect(thrown.message).not.toContain('credit')
  })

  test('carries when to come back', () => {
    expect(refused(429, error('rate_limit_error'), { retryAfterMs: 7000 }).toWire()).toMatchObject({ retryAfterMs: 7000 })
    expect(refused(529, error('overloaded_error'), { retryAfterMs: 3000 }).toWire()).toMatchObject({ retryAfterMs: 3000 })
  })

  test('that is no JSON is judged by its status, and repeats no key', () => {
    expect(refused(503, '<html>')).toMatchObject({ failure: 'overload', message: 'anthropic-eu answered 503' })
    expect(refused(400, error('invalid_request_error', `bad key ${KEY}`)).message).toBe('bad key [key]')
  })
})
