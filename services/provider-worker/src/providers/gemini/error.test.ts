import { describe, expect, test } from 'vitest'
import { bytesOf, identity } from './fixtures/asking.ts'
import { geminiProvider } from './gemini.ts'

const gemini = geminiProvider(identity)
const refusalOf = (status: number, body: unknown, retryAfterMs?: number) => gemini.error({ status, body: bytesOf(body), retryAfterMs })
const said = (code: number, status: string, message = 'words', details: object[] = []) => ({ error: { code, message, status, details } })
const info = (reason: string) => [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com' }]

describe('a refusal', () => {
  test.each([
    [400, said(400, 'INVALID_ARGUMENT'), 'caller', 'invalid_request'],
    [400, said(400, 'INVALID_ARGUMENT', 'API key not valid.', info('API_KEY_INVALID')), 'key', 'provider_key_refused'],
    [400, said(400, 'FAILED_PRECONDITION'), 'caller', 'invalid_request'],
    [401, said(401, 'UNAUTHENTICATED'), 'key', 'provider_key_refused'],
    [402, {}, 'key', 'provider_key_refused'],
    [403, said(403, 'PERMISSION_DENIED'), 'key', 'provider_key_refused'],
    [403, said(403, 'PERMISSION_DENIED', 'CachedContent not found (or permission denied)'), 'caller', 'invalid_request'],
    [403, said(403, 'PERMISSION_DENIED', 'You do not have permission to access the File abc'), 'caller', 'invalid_request'],
    [404, said(404, 'NOT_FOUND'), 'caller', 'model_not_found'],
    [429, said(429, 'RESOURCE_EXHAUSTED'), 'rate', 'rate_limited'],
    [500, said(500, 'INTERNAL'), 'overload', 'provider_failed'],
    [503, said(503, 'UNAVAILABLE'), 'overload', 'provider_failed'],
    [503, [said(503, 'UNAVAILABLE')], 'overload', 'provider_failed'],
    [429, said(429, 'UNAVAILABLE'), 'overload', 'rate_limited'],
    [504, said(504, 'DEADLINE_EXCEEDED'), 'overload', 'provider_failed'],
    [502, '<html>', 'overload', 'provider_failed'],
    [400, '', 'caller', 'invalid_request'],
  ])('of status %i with %o is of kind %s and becomes %s', (status, body, failure, code) => {
    expect(refusalOf(status, body)).toMatchObject({ failure, code, details: { provider: 'gemini' } })
  })

  test('of the rate says when to come back, before what the headers say', () => {
    const details = [{ '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [] }, { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '34.4s' }]
    expect(refusalOf(429, said(429, 'RESOURCE_EXHAUSTED', 'Quota', details), 1000).details.retryAfterMs).toBe(34_400)
    expect(refusalOf(429, said(429, 'RESOURCE_EXHAUSTED'), 1000).details.retryAfterMs).toBe(1000)
    expect(refusalOf(429, said(429, 'RESOURCE_EXHAUSTED', 'Quota', [{ retryDelay: 'soon' }])).details.retryAfterMs).toBeUndefined()
  })

  test('of the caller keeps Google’s words, and says when a prompt is too long', () => {
    const message = 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).'
    expect(refusalOf(400, said(400, 'INVALID_ARGUMENT', message)).toWire()).toEqual({ code: 'invalid_request', message, reason: 'context_length_exceeded', provider: 'gemini' })
    expect(refusalOf(400, said(400, 'INVALID_ARGUMENT', 'Bad')).toWire()).toEqual({ code: 'invalid_request', message: 'Bad', provider: 'gemini' })
  })

  test('never repeats the key', () => {
    const error = refusalOf(400, said(400, 'INVALID_ARGUMENT', `The key ${identity.apiKey} is odd`))
    expect(JSON.stringify([error.message, error.details])).not.toContain(identity.apiKey)
  })
})
