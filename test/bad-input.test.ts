import { badRequest, errorWith200, inTurn, numberedContent, rateLimited, serverError, startUpstream, unauthorized, until, type Behaviour, type Upstream } from '@gomodel/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { authorized, chat, PROVIDER_KEY, post, readEvents, shapes, type Gateway } from './gateway.ts'

interface ErrorReply {
  error: { message: string; type: string; param: string | null; code: string }
}

const settings = { BODY_SIZE_LIMIT: '100K', UPSTREAM_FIRST_TOKEN_TIMEOUT: '700ms', UPSTREAM_GAP_TIMEOUT: '700ms', SSE_KEEPALIVE_INTERVAL: '100ms', CIRCUIT_BREAKER_FAILURE_THRESHOLD: '0', RETRY_MAX_RETRIES: '1' }

describe.each(shapes)('what goes wrong on %s', (_, start) => {
  let upstream: Upstream
  let gateway: Gateway

  beforeAll(async () => {
    upstream = await startUpstream(undefined, ['gpt-test'])
    gateway = await start(upstream, settings)
  })
  afterAll(async () => {
    await gateway?.stop()
    await upstream?.stop()
  })

  const refused = async (response: Response) => {
    const body = (await response.json()) as ErrorReply
    expect(Object.keys(body.error).toSorted()).toEqual(['code', 'message', 'param', 'type'])
    expect(JSON.stringify(body)).not.toContain(PROVIDER_KEY)
    return { status: response.status, retryAfter: response.headers.get('retry-after'), ...body.error }
  }

  test('the body: malformed, incomplete, of wrong types, too large', async () => {
    expect(await refused(await post(gateway.url, '{"model": oops}'))).toMatchObject({ status: 400, message: expect.stringContaining('position 10') })
    expect(await refused(await post(gateway.url, '['.repeat(90_000)))).toMatchObject({ status: 400, code: 'invalid_request', message: expect.stringContaining('position 90000') })
    expect(await refused(await post(gateway.url, '{"model":"gpt-test"}'))).toMatchObject({ status: 400, param: 'messages', code: 'invalid_request' })
    expect(await refused(await post(gateway.url, chat({ messages: [{ role: 1 }] })))).toMatchObject({ status: 400, param: 'messages[0].role' })
    expect(await refused(await post(gateway.url, chat({ padding: 'x'.repeat(110_000) })))).toMatchObject({ status: 413, code: 'payload_too_large' })
  })

  test('the caller: without a key, with a wrong one; what needs none needs none', async () => {
    for (const headers of [{}, { authorization: 'Bearer nope' }, { authorization: 'Basic c2stdGVzdC1tYXN0ZXIta2V5' }]) {
      expect(await refused(await post(gateway.url, chat(), { headers }))).toMatchObject({ status: 401, type: 'authentication_error', code: 'invalid_api_key' })
      expect((await fetch(`${gateway.url}/nowhere`, { headers })).status).toBe(401)
    }
    for (const path of ['/health', '/ready', '/metrics']) expect((await fetch(gateway.url + path)).status, path).toBe(200)
  })

  test('the address: an unknown one, an unknown model', async () => {
    expect(await refused(await fetch(`${gateway.url}/v1/nowhere?key=x`, { headers: authorized }))).toMatchObject({ status: 404, code: 'unknown_url', message: 'there is no GET /v1/nowhere' })
    expect(await refused(await post(gateway.url, chat({ model: 'openai/gpt-tset' })))).toMatchObject({ status: 404, code: 'model_not_found', param: 'model', message: expect.stringContaining('openai/gpt-test') })
  })

  test('the request id is taken when it is short and printable, else made', async () => {
    const id = async (given: string) => (await fetch(`${gateway.url}/health`, { headers: { 'x-request-id': given } })).headers.get('x-request-id')
    expect(await id('abc-123')).toBe('abc-123')
    for (const bad of ['x'.repeat(129), 'two words']) expect(await id(bad)).toMatch(/^[0-9a-f-]{36}$/)
  })

  const provider: [string, Behaviour, object][] = [
    ['refuses the request', badRequest('the schema is wrong'), { status: 400, message: 'the schema is wrong', code: 'invalid_request' }],
    ['quotes its key in a refusal', badRequest(`bad request for ${PROVIDER_KEY}`), { status: 400 }],
    ['refuses the key', unauthorized(), { status: 502, code: 'provider_key_refused' }],
    ['forbids', { status: 403, body: { error: { message: 'no', code: null } } }, { status: 502, code: 'provider_key_refused' }],
    ['limits the rate for long', rateLimited(17), { status: 429, retryAfter: '17', type: 'rate_limit_error' }],
    ['fails', serverError(500), { status: 502, code: 'provider_failed' }],
    ['is overloaded', serverError(503), { status: 502, code: 'provider_failed' }],
    ['answers an error with status 200', errorWith200(), { status: 502, code: 'provider_failed' }],
    ['answers something else than JSON', { body: '<html>' }, { status: 502, code: 'provider_failed' }],
    ['breaks in the middle', { fault: { kind: 'cut', after: 1 } }, { status: 502 }],
    ['never answers', { fault: { kind: 'never' } }, { status: 504, code: 'timeout' }],
  ]
  test.each(provider)('the provider %s', async (_what, behaviour, expected) => {
    upstream.script = () => behaviour
    expect(await refused(await post(gateway.url, chat()))).toMatchObject(expected)
  })

  test.each(provider.slice(0, 8))('the provider %s, asked for a stream', async (_what, behaviour, expected) => {
    upstream.script = () => behaviour
    expect(await refused(await post(gateway.url, chat({ stream: true })))).toMatchObject(expected)
  })

  test.each<[string, Behaviour]>([
    ['is cut', { deltas: 9, deltaDelayMs: 3, fault: { kind: 'cut', after: 4 } }],
    ['ends without an end', { deltas: 9, fault: { kind: 'end', after: 4 } }],
    ['stalls', { deltas: 9, fault: { kind: 'stall', after: 4 } }],
    ['reports an error', { deltas: 9, fault: { kind: 'error', after: 4 } }],
    ['turns to garbage', { deltas: 9, fault: { kind: 'garbage', after: 4 } }],
  ])('a stream %s: what came, then an error, the connection closed, no fake end', async (_what, behaviour) => {
    upstream.script = () => behaviour
    const response = await post(gateway.url, chat({ stream: true }))
    expect(response.status).toBe(200)
    const { content, done, error } = readEvents(await response.text())
    expect(content).toBe(numberedContent(4))
    expect(done).toBe(false)
    expect(error).toMatchObject({ type: 'provider_error', code: 'stream_broken' })
  })

  test('a silent provider: comments keep the connection, and what comes later is served', async () => {
    upstream.script = () => ({ deltas: 3, firstDeltaDelayMs: 450, deltaDelayMs: 250 })
    const body = await (await post(gateway.url, chat({ stream: true }))).text()
    expect(body.split(': keep-alive\n\n').length).toBeGreaterThan(3)
    expect(readEvents(body)).toMatchObject({ content: numberedContent(3), done: true })
  })

  test('a silent provider that then fails: the error comes as an event', async () => {
    upstream.script = () => ({ headDelayMs: 350, ...serverError(500) })
    const body = await (await post(gateway.url, chat({ stream: true }))).text()
    expect(body).toMatch(/^: keep-alive/)
    expect(readEvents(body)).toMatchObject({ content: '', done: false, error: { code: 'provider_failed' } })
  })

  test('a healthy long stream is not cut by any of the timeouts', async () => {
    upstream.script = () => ({ deltas: 15, deltaDelayMs: 150 })
    expect(readEvents(await (await post(gateway.url, chat({ stream: true }))).text())).toMatchObject({ content: numberedContent(15), done: true })
  })

  test('a short Retry-After is waited for', async () => {
    upstream.script = inTurn(rateLimited(1), { deltas: 2 })
    const response = await post(gateway.url, chat())
    expect(response.status).toBe(200)
  })

  test('a client that leaves stops the provider', async () => {
    for (const stream of [true, false]) {
      upstream.script = () => (stream ? { deltas: 500, deltaDelayMs: 20 } : { headDelayMs: 600 })
      const before = upstream.requests.length
      const left = new AbortController()
      const response = post(gateway.url, chat({ stream }), { signal: left.signal })
      await until(() => upstream.requests.length > before, { what: 'the request to arrive' })
      if (stream) await (await response).body!.getReader().read()
      left.abort()
      await response.catch(() => {})
      await until(() => upstream.requests.at(-1)!.aborted, { what: 'the upstream call to be aborted' })
    }
  })

  test('bytes that JavaScript would change reach the provider unchanged', async () => {
    upstream.script = () => ({})
    const body = '{"model":"openai/gpt-test", "messages":[{"role":"user","content":"a\\u0301"}],"seed":12345678901234567890,"x":1.0}'
    await post(gateway.url, body)
    expect(upstream.requests.at(-1)!.body.toString()).toBe(body.replace('openai/gpt-test', 'gpt-test'))
  })

  test('a traceparent of the caller reaches the provider', async () => {
    upstream.script = () => ({})
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await post(gateway.url, chat(), { headers: { ...authorized, traceparent, tracestate: 'a=b' } })
    expect(upstream.requests.at(-1)!.headers).toMatchObject({ traceparent: expect.stringContaining('0af7651916cd43dd8448eb211c80319c'), tracestate: 'a=b' })
  })

  test('no secret is in the log', () => {
    for (const { output } of gateway.processes) {
      expect(output).not.toContain(PROVIDER_KEY)
      expect(output).not.toContain('sk-test-master-key')
    }
  })
})
