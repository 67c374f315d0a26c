import { randomBytes } from 'node:crypto'
import { request as send } from 'node:http'
import { GatewayError } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { relayingServer } from '../fixtures/relaying.ts'
import { KEY } from '../fixtures/server-under-test.ts'

const openai = { passthrough: true, answer: () => ({}) }

describe('/p/{instance}/…', () => {
  test.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('passes %s on with its path and query as they were written', async method => {
    const { received, ask } = await relayingServer({ openai: { ...openai, answer: ({ instance }) => ({ status: 418, headers: [['x-two', 'a'], ['x-two', 'b'], ['x-request-id', 'theirs']], body: { instance } }) } })
    const body = ['GET', 'OPTIONS'].includes(method) ? undefined : randomBytes(70_000)
    const response = await ask('/p/openai/v1/a%2Fb/c?x=%20&key=secret&y', { method, headers: { 'content-type': 'application/x-odd', 'x-request-id': 'ours' }, ...(body && { body }) })
    expect([response.status, await response.json()]).toEqual([418, { instance: 'openai' }])
    expect(Object.fromEntries(response.headers)).toMatchObject({ 'x-two': 'a, b', 'x-request-id': 'ours', 'x-upstream-request-id': 'theirs', 'x-gomodel-provider': 'openai' })
    expect(received).toMatchObject([{ method, path: '/v1/a%2Fb/c?x=%20&y', v1Alias: true, requestId: 'ours' }])
    expect(received[0]!.body.equals(body ?? Buffer.alloc(0))).toBe(true)
  })

  test('passes HEAD on, and the length of what it would have got', async () => {
    const { received, ask } = await relayingServer({ openai: { ...openai, answer: () => ({ headers: [['content-length', '123']], body: Buffer.alloc(0) }) } })
    const response = await ask('/p/openai/file', { method: 'HEAD' })
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([200, '123', ''])
    expect(received[0]).toMatchObject({ method: 'HEAD', path: '/file' })
  })

  test('keeps to itself who the client is, and hands on what it asks for', async () => {
    const { received, ask } = await relayingServer({ openai })
    const kept = { accept: 'text/event-stream', 'anthropic-beta': 'a', 'openai-organization': 'o', 'idempotency-key': 'k', 'content-type': 'text/plain', 'user-agent': 'me' }
    const dropped = { 'x-api-key': 'k', 'api-key': 'k', 'x-goog-api-key': 'k', cookie: 'k', forwarded: 'for=1', 'x-forwarded-for': '1', 'x-forwarded-host': 'h', via: 'v', 'x-real-ip': '1', 'x-gomodel-provider': 'x', traceparent: 'x' }
    await ask('/p/openai/x', { method: 'POST', body: 'hi', headers: { ...kept, ...dropped } })
    const headers = Object.fromEntries(received[0]!.headers)
    expect(headers).toMatchObject(kept)
    for (const name of [...Object.keys(dropped), 'authorization', 'host', 'content-length', 'connection', 'accept-encoding']) expect(headers, name).not.toHaveProperty(name)
    expect(JSON.stringify(received[0])).not.toContain(KEY)
  })

  test('drops what its connection header names', async () => {
    const { url, received } = await relayingServer({ openai })
    await new Promise((resolve, reject) => {
      send(`${url}/p/openai/x`, { headers: { authorization: `Bearer ${KEY}`, connection: 'close, X-Hop', 'x-hop': '1', 'x-kept': '1' } }, response => response.resume().on('end', resolve)).on('error', reject).end()
    })
    expect(received[0]!.headers.map(([name]) => name)).toEqual(['x-kept'])
  })

  test('needs a key like every other route', async () => {
    const { url } = await relayingServer({ openai })
    expect((await fetch(`${url}/p/openai/x`)).status).toBe(401)
  })

  test('knows instances, not types', async () => {
    const { received, ask } = await relayingServer({ openai, 'openai-east': { ...openai, type: 'openai' } })
    await ask('/p/openai-east/x')
    await ask('/p/openai/x')
    expect(received.map(({ instance }) => instance)).toEqual(['openai-east', 'openai'])
  })

  test.each([
    ['its type is not meant for it', {}, 'groq', 404],
    ['nobody knows it', {}, 'nobody', 404],
    ['it was left out', { ENABLED_PASSTHROUGH_PROVIDERS: 'groq' }, 'openai', 404],
    ['its type was named', { ENABLED_PASSTHROUGH_PROVIDERS: 'groq, openai' }, 'openai-east', 200],
    ['it was named', { ENABLED_PASSTHROUGH_PROVIDERS: 'openai-east' }, 'openai-east', 200],
    ['another of its type was named', { ENABLED_PASSTHROUGH_PROVIDERS: 'openai-east' }, 'openai', 404],
  ])('where %s: %j, %s is %i', async (_, environment, instance, status) => {
    const { json } = await relayingServer({ openai, 'openai-east': { ...openai, type: 'openai' }, groq: { answer: () => ({}) } }, environment)
    const reply = await json(`/p/${instance}/x`)
    expect(reply.status).toBe(status)
    if (status === 404) expect(reply.body.error).toMatchObject({ code: 'unknown_url', type: 'invalid_request_error', message: expect.stringMatching(/there is (groq|openai-east|openai, openai-east)$/) })
  })

  test('is not there when it is turned off, and its alias neither', async () => {
    const off = await relayingServer({ openai }, { ENABLE_PASSTHROUGH_ROUTES: 'false' })
    expect((await off.ask('/p/openai/x')).status).toBe(404)
    const { received, ask } = await relayingServer({ openai }, { ALLOW_PASSTHROUGH_V1_ALIAS: 'false' })
    await ask('/p/openai/v1/x')
    expect(received[0]).toMatchObject({ path: '/v1/x', v1Alias: false })
  })

  test('an instance whose workers are away is not unknown', async () => {
    const { json } = await relayingServer({ openai: { passthrough: true } })
    expect(await json('/p/openai/x')).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } })
  })

  test('an answer that breaks is not ended as if it were whole', async () => {
    const { ask } = await relayingServer({ openai: { ...openai, answer: () => ({ headers: [], body: Buffer.from('half'), fails: new GatewayError('stream_broken', 'broken') }) } })
    const response = await ask('/p/openai/x')
    expect(response.status).toBe(200)
    await expect(response.text()).rejects.toThrow('terminated')
  })
})
