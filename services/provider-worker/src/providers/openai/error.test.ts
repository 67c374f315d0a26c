import { describe, expect, test } from 'vitest'
import { refused } from './error.ts'
import { instanceOf } from './fixtures/wire.ts'

const refusal = (type: string, status: number, body: unknown) => refused(instanceOf(type), { status, body: Buffer.from(JSON.stringify(body)), retryAfterMs: undefined })
const zai = (code: string) => ({ error: { code, message: 'words' } })

describe('a refusal', () => {
  test.each([
    ['zai', 429, zai('1302'), 'rate', 'rate_limited'],
    ['zai', 429, zai('1113'), 'key', 'provider_key_refused'],
    ['zai', 400, zai('1301'), 'caller', 'invalid_request'],
    ['zai', 400, zai('1211'), 'caller', 'model_not_found'],
    ['zai', 400, zai('1210'), 'caller', 'invalid_request'],
    ['zai', 500, zai('1234'), 'overload', 'provider_failed'],
    ['groq', 429, zai('1113'), 'rate', 'rate_limited'],
    ['groq', 498, { error: { message: 'flex' } }, 'rate', 'rate_limited'],
    ['groq', 400, { error: { message: 'x', type: 'invalid_request_error', code: 'tool_use_failed', failed_generation: '<f>' } }, 'misspoke', 'invalid_request'],
    ['openrouter', 403, { error: { code: 403, message: 'flagged', metadata: { reasons: ['violence'], flagged_input: '…' } } }, 'caller', 'invalid_request'],
    ['openrouter', 403, { error: { code: 403, message: 'no' } }, 'key', 'provider_key_refused'],
    ['openrouter', 402, { error: { code: 402, message: 'no credit' } }, 'key', 'provider_key_refused'],
    ['azure', 400, { error: { code: 'content_filter', message: 'filtered', innererror: {} } }, 'caller', 'invalid_request'],
    ['azure', 404, { error: { code: 'DeploymentNotFound', message: 'none' } }, 'caller', 'model_not_found'],
    ['oracle', 404, { code: 'NotAuthorizedOrNotFound', message: 'x' }, 'key', 'provider_key_refused'],
    ['oracle', 404, { code: '404', message: 'Authorization failed or requested resource not found.' }, 'key', 'provider_key_refused'],
    ['xai', 400, { code: 'Client specified an invalid argument', error: 'Incorrect API key provided: xa***' }, 'key', 'provider_key_refused'],
    ['xai', 403, { code: 'The caller does not have permission', error: 'Content violates usage guidelines.' }, 'caller', 'invalid_request'],
    ['deepseek', 402, { error: { message: 'Insufficient Balance', type: 'unknown_error' } }, 'key', 'provider_key_refused'],
  ])('of %s with status %i and %j is of kind %s', (...[type, status, body, failure, code]) => {
    expect(refusal(type, status, body)).toMatchObject({ failure, code })
  })

  test.each([
    [{ object: 'error', message: { detail: [{ type: 'extra_forbidden', loc: ['body', 'messages', 0, 'user', 'x'], msg: 'Extra inputs are not permitted' }] }, type: 'invalid_request_error' }],
    [{ detail: [{ loc: ['body', 'messages', 0, 'user', 'x'], msg: 'Extra inputs are not permitted' }] }],
    [{ message: [{ loc: ['body', 'messages', 0, 'user', 'x'], msg: 'Extra inputs are not permitted' }] }],
  ])('of Mistral says what is wrong, and where: %j', body => {
    expect(refusal('mistral', 422, body).toWire()).toEqual({ code: 'unprocessable', message: 'Extra inputs are not permitted', param: 'messages[0].user.x', provider: 'mistral' })
  })

  test.each([
    ['{"error":{"message":"too long"}}', 'too long'],
    ['plain words', 'plain words'],
  ])('that OpenRouter wraps is told as it was: %s', (raw, message) => {
    expect(refusal('openrouter', 400, { error: { code: 400, message: 'Provider returned error', metadata: { raw, provider_name: 'P' } } }).message).toBe(message)
  })
})
