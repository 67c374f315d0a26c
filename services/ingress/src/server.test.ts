import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { Bus, InProcessBroker, ListeningClock } from '@gomodel/bus'
import { noTracing, openLog, readSettings } from '@gomodel/service'
import { until } from '@gomodel/testing'
import type { FastifyInstance } from 'fastify'
import { Registry } from 'prom-client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { Catalog } from './catalog.ts'
import { NO_ROUTING } from './fixtures/server-under-test.ts'
import { Router } from './routing/router.ts'
import { buildServer } from './server.ts'
import { settings } from './settings.ts'

function namesOf() {
  const catalog = new Catalog(new ListeningClock(100))
  return { catalog, router: new Router(catalog, NO_ROUTING) }
}

async function listening(): Promise<number> {
  return ((await started()).server.address() as AddressInfo).port
}

async function started(): Promise<FastifyInstance> {
  const bus = new Bus(new InProcessBroker().connect(), 'test')
  onTestFinished(() => bus.close())
  const app = buildServer(readSettings(settings, {}), { bus, ...namesOf(), log: openLog('test', 'silent'), metrics: new Registry(), tracing: noTracing })
  onTestFinished(() => app.close())
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app
}

/** Sends bytes and gives what comes back until the connection closes. */
function raw(port: number, bytes: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  let got = ''
  const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
  socket.on('data', data => (got += data.toString()))
  socket.on('error', reject)
  socket.on('close', () => resolve(got))
  return promise
}

const errorIn = (answer: string) => (JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as { error: object }).error

describe('whatever is wrong is said in the same shape', () => {
  test.each([
    ['no HTTP at all', 'hello\r\n\r\n', '400 '],
    ['a header that is no header', 'GET /health HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n', '400 '],
    ['an address that cannot be decoded', 'GET /v1/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', '400 '],
    ['a body without a type that is not JSON', 'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\nconnection: close\r\n\r\nabc', '400 '],
    ['headers that are too long', `GET /health HTTP/1.1\r\nhost: x\r\nlong: ${'x'.repeat(20_000)}\r\n\r\n`, '431 '],
    ['an address that is too long', `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nhost: x\r\n\r\n`, '431 '],
    ['an unknown method', 'BREW /coffee HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', '400 '],
    ['a method that the address does not have', 'GET /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n', '404 '],
    ['a body that is larger than it may be', `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\nconnection: close\r\n\r\n`, '413 '],
  ])('%s', async (_, bytes, status) => {
    const answer = await raw(await listening(), bytes)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status}`))
    expect(Object.keys(errorIn(answer)).toSorted()).toEqual(['code', 'message', 'param', 'type'])
  })
})

test.each(['', 'nonsense', 'undefined', 'json; charset=utf-8', 'a/b/c', 'text/plain', 'application/json; charset=utf-8'])('whatever type a body is said to be of, it is read: %j', async type => {
  const bytes = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: 13\r\nconnection: close\r\n\r\n{"model":"m"}`
  expect(errorIn(await raw(await listening(), bytes))).toMatchObject({ message: 'messages is required', code: 'invalid_request' })
})

describe('a body that is larger than it may be', () => {
  const refused = { error: { message: 'the request body is too large', type: 'invalid_request_error', param: null, code: 'payload_too_large' } }

  test.each([11, 60])('of %i MB is refused so that a client hears of it, though it sends all of it first', async megabytes => {
    const port = await listening()
    for (const path of ['/v1/chat/completions', '/v1/embeddings']) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: Buffer.alloc(megabytes * 1024 * 1024, 'x') })
      expect(answer.status).toBe(413)
      expect(await answer.json()).toEqual(refused)
    }
  })

  test.each(['keep-alive', 'close'])('is read away for one that listens when it is through, connection: %s', async connection => {
    const port = await listening()
    const client = connect(port, '127.0.0.1')
    onTestFinished(() => void client.destroy())
    client.pause()
    client.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: ${40 * 1024 * 1024}\r\nconnection: ${connection}\r\n\r\n`)
    for (let sent = 0; sent < 40; sent++) await new Promise<void>((resolve, reject) => client.write(Buffer.alloc(1024 * 1024, 'x'), failed => (failed ? reject(failed) : resolve())))
    const answer = Buffer.concat(await client.toArray() as Buffer[]).toString()
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(answer.toLowerCase()).toContain('\r\nconnection: close\r\n')
    expect(errorIn(answer)).toEqual(refused.error)
  })

  test('is told in the shape of Anthropic to clients of its API, with the id of the request', async () => {
    const port = await listening()
    const answer = await fetch(`http://127.0.0.1:${port}/v1/messages`, { method: 'POST', body: Buffer.alloc(20 * 1024 * 1024, 'x'), headers: { 'anthropic-version': '2023-06-01', 'x-request-id': 'mine' } })
    expect([answer.status, answer.headers.get('request-id')]).toEqual([413, 'mine'])
    expect(await answer.json()).toEqual({ type: 'error', error: { type: 'request_too_large', message: 'the request body is too large' }, request_id: 'mine' })
  })
})

describe('a request that does not come to its end', () => {
  test('is waited for a minute with its head and five minutes with its body', async () => {
    const { server } = await started()
    expect([server.headersTimeout, server.requestTimeout]).toEqual([60_000, 300_000])
  })

  test.each([
    ['head', 'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\n'],
    ['body', 'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\nhalf'],
  ])('is refused in the middle of its %s', async (_, sent) => {
    const app = await started()
    const connected = once(app.server, 'connection')
    const answer = raw((app.server.address() as AddressInfo).port, sent)
    const [socket] = (await connected) as [Socket]
    await until(() => socket.bytesRead === sent.length, { what: 'it to have come' })
    // As Node does, which looks twice a minute.
    app.server.emit('clientError', Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket)
    expect(await answer).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/)
    expect(errorIn(await answer)).toEqual({ message: 'the request did not come in time', type: 'invalid_request_error', param: null, code: 'invalid_request' })
  })
})
