import { GatewayError, type ErrorCode } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { anthropicErrors } from './anthropic-errors.ts'
import { posted } from './fixtures/posted.ts'
import { KEY, serverUnderTest } from './fixtures/server-under-test.ts'

describe('an error in Anthropic’s shape', () => {
  test.each<[ErrorCode, number, string]>([
    ['invalid_request', 400, 'invalid_request_error'],
    ['unsupported', 400, 'invalid_request_error'],
    ['unprocessable', 400, 'invalid_request_error'],
    ['unauthenticated', 401, 'authentication_error'],
    ['model_not_found', 404, 'not_found_error'],
    ['payload_too_large', 413, 'request_too_large'],
    ['rate_limited', 429, 'rate_limit_error'],
    ['internal', 500, 'api_error'],
    ['provider_failed', 502, 'api_error'],
    ['unavailable', 503, 'api_error'],
    ['timeout', 504, 'timeout_error'],
    ['overloaded', 529, 'overloaded_error'],
    ['circuit_open', 529, 'overloaded_error'],
  ])('%s is status %i and %s', (code, status, type) => {
    const error = new GatewayError(code, 'words', { param: 'messages[0]' })
    expect(anthropicErrors.status(error)).toBe(status)
    expect(anthropicErrors.body(error, 'id-1')).toEqual({ type: 'error', error: { type, message: 'words' }, request_id: 'id-1' })
  })

  test('ends a stream as an event', () => {
    const event = anthropicErrors.event(new GatewayError('stream_broken', 'it broke'), 'id-1', undefined)
    expect(event).toBe('event: error\ndata: {"type":"error","error":{"type":"api_error","message":"it broke"},"request_id":"id-1"}\n\n')
  })
})

describe('the server', () => {
  const headers = { 'x-api-key': KEY, 'anthropic-version': '2023-06-01', 'x-request-id': 'id-1' }
  const shape = (type: string, message: unknown) => ({ type: 'error', error: { type, message }, request_id: 'id-1' })

  test.each([
    [{ messages: [], max_tokens: 1 }, 'model is required'],
    [{ model: 'm', messages: [{ role: 'user', content: 'hi' }] }, 'max_tokens is required'],
    [{ model: 'm', max_tokens: 1, messages: [] }, expect.stringContaining('messages ')],
    [{ model: 'm', max_tokens: 1, messages: [{ content: 'hi' }] }, 'messages[0].role is required'],
    [{ model: 'm', max_tokens: 1, messages: [{ role: 'user' }] }, 'messages[0].content is required'],
    [{ model: 'm', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }], stream: 'yes' }, expect.stringContaining('stream ')],
  ])('says so of a wrong request: %j', async (payload, message) => {
    const reply = await posted(serverUnderTest(['m']), '/v1/messages', { headers, payload })
    expect(reply.statusCode).toBe(400)
    expect(reply.json).toEqual(shape('invalid_request_error', message))
    expect(reply.headers).toMatchObject({ 'request-id': 'id-1', 'x-request-id': 'id-1' })
  })

  test('needs no limit to count tokens', async () => {
    const payload = { model: 'unknown', messages: [{ role: 'user', content: 'hi' }] }
    const reply = await posted(serverUnderTest(['m']), '/v1/messages/count_tokens', { headers, payload })
    expect(reply.statusCode).toBe(404)
    expect(reply.json).toEqual(shape('not_found_error', expect.stringContaining('unknown')))
  })

  test('says so of its own routes whatever the client sends, and of all others to a client that speaks that API', async () => {
    const app = serverUnderTest(['m'])
    const refused = await app.inject({ method: 'POST', url: '/v1/messages', headers: { 'x-request-id': 'id-1' }, payload: {} })
    expect(refused.json()).toEqual(shape('authentication_error', expect.stringContaining('no API key')))
    expect((await app.inject({ url: '/v1/messages/batches', headers })).json()).toEqual(shape('not_found_error', expect.any(String)))
    expect((await app.inject({ url: '/v1/nowhere', headers: { authorization: `Bearer ${KEY}` } })).json()).toMatchObject({ error: { code: 'unknown_url' } })
  })

  test('lists models in that API’s shape to a client that speaks it', async () => {
    const app = serverUnderTest(['b', 'a'])
    const model = (id: string) => ({ type: 'model', id: `openai/${id}`, display_name: `openai/${id}`, created_at: '1970-01-01T00:00:01.000Z' })
    const { data, ...more } = (await app.inject({ url: '/v1/models', headers })).json<{ data: { id: string }[] }>()
    expect(data.toSorted((one, other) => one.id.localeCompare(other.id))).toEqual([model('a'), model('b')])
    expect(more).toEqual({ has_more: false, first_id: data[0]?.id, last_id: data[1]?.id })
    expect((await app.inject({ url: '/v1/models/a', headers })).json()).toEqual(model('a'))
    expect((await app.inject({ url: '/v1/models/c', headers })).json()).toEqual(shape('not_found_error', expect.any(String)))
    expect((await serverUnderTest().inject({ url: '/v1/models', headers })).json()).toEqual({ data: [], has_more: false, first_id: null, last_id: null })
    expect((await app.inject({ url: '/v1/models', headers: { 'x-api-key': KEY } })).json()).toMatchObject({ object: 'list' })
  })
})
