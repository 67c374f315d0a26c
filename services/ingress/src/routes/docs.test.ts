import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import { describe, expect, test } from 'vitest'
import { serverUnderTest } from '../fixtures/server-under-test.ts'

const require = createRequire(import.meta.url)
const { version } = require('swagger-ui-dist/package.json') as { version: string }

/** The addresses that the page loads. */
async function linked(app: FastifyInstance): Promise<string[]> {
  const { body } = await app.inject('/docs')
  return [...body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => address!)
}

/** Asks for a path as it is written: other clients resolve its dots before they send it. */
async function asWritten(app: FastifyInstance, path: string): Promise<{ status: number | undefined; type: string | undefined; body: string }> {
  const { port } = app.server.address() as AddressInfo
  const sent = request({ port, host: '127.0.0.1', path, agent: false }).end()
  const [reply] = (await once(sent, 'response')) as [IncomingMessage]
  return { status: reply.statusCode, type: reply.headers['content-type'], body: await text(reply) }
}

describe('the page of the API', () => {
  test('needs no key, is named, and loads nothing from elsewhere', async () => {
    const app = serverUnderTest()
    const page = await app.inject('/docs')
    expect(page.statusCode).toBe(200)
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(page.body).toContain('<title>GoModel API</title>')
    const addresses = await linked(app)
    expect(addresses.length).toBeGreaterThan(3)
    for (const address of addresses) expect(address).toMatch(/^\/[a-z]/)
    expect(await app.inject('/docs/')).toMatchObject({ statusCode: 200, body: page.body })
  })

  test('has all that it loads, without a key and with the right type', async () => {
    const app = serverUnderTest()
    const types: Record<string, string> = {}
    for (const address of await linked(app)) {
      const { statusCode, headers, rawPayload } = await app.inject(address)
      expect(statusCode, address).toBe(200)
      expect(headers['x-content-type-options']).toBe('nosniff')
      expect(rawPayload.length, address).toBeGreaterThan(100)
      types[address.split('/').at(-1)!] = String(headers['content-type'])
    }
    expect(types).toEqual({
      'favicon-32x32.png': 'image/png',
      'swagger-ui.css': 'text/css; charset=utf-8',
      'openapi.json': 'application/json; charset=utf-8',
      'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
      'start.js': 'text/javascript; charset=utf-8',
    })
  })

  test('forbids scripts inside itself, other hosts and frames, and does without what it forbids', async () => {
    const page = await serverUnderTest().inject('/docs')
    const policy = new Map(String(page.headers['content-security-policy']).split('; ').map(directive => [directive.split(' ')[0]!, directive.split(' ').slice(1).join(' ')]))
    expect(policy.get('default-src')).toBe("'none'")
    expect(policy.get('script-src')).toBe("'self'")
    expect(policy.get('connect-src')).toBe("'self'")
    expect(policy.get('frame-ancestors')).toBe("'none'")
    expect([...policy.values()].join(' ')).not.toMatch(/unsafe|http|\*/)
    expect(page.body).not.toMatch(/<script(?![^>]*src=)|<style|style=|\son\w+=/)
  })

  test('starts with the document of this gateway, and keeps the key that was typed', async () => {
    const { body } = await serverUnderTest().inject('/docs/start.js')
    const given: Record<string, unknown>[] = []
    new Function('document', 'SwaggerUIBundle', body)({ body: { style: {} } }, (options: Record<string, unknown>) => given.push(options))
    expect(given).toEqual([expect.objectContaining({ url: '/openapi.json', persistAuthorization: true, validatorUrl: null })])
  })

  test('serves the files of Swagger UI as they are, to be kept for a year under the address of their version', async () => {
    const app = serverUnderTest()
    const file = await app.inject(`/docs/${version}/swagger-ui.css`)
    expect(file.rawPayload.equals(readFileSync(require.resolve('swagger-ui-dist/swagger-ui.css')))).toBe(true)
    expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable')
    for (const address of ['/docs', '/docs/start.js', '/openapi.json']) expect((await app.inject(address)).headers['cache-control'], address).toBe('no-cache')
  })

  test('answers HEAD with the headers of GET and no body', async () => {
    const app = serverUnderTest()
    for (const url of ['/docs', '/docs/start.js', `/docs/${version}/swagger-ui-bundle.js`, '/openapi.json']) {
      const get = await app.inject(url)
      const head = await app.inject({ method: 'HEAD', url })
      expect(head.statusCode, url).toBe(200)
      expect(head.body).toBe('')
      for (const name of ['content-type', 'content-length', 'cache-control']) expect(head.headers[name], `${name} of ${url}`).toBe(get.headers[name])
    }
  })

  test.each([
    'nothing.js',
    `${version}/nothing.js`,
    `${version}/package.json`,
    `${version}/swagger-ui-bundle.js.map`,
    `0.0.0/swagger-ui.css`,
    'swagger-ui.css',
    `${version}/../../../package.json`,
    `${version}/..%2f..%2f..%2fpackage.json`,
    `%2e%2e/%2e%2e/package.json`,
    `..%5c..%5cpackage.json`,
    '%2fetc%2fpasswd',
    `${version}/swagger-ui.css%00.js`,
    'constructor',
    '__proto__',
  ])('has no other file: /docs/%s', async path => {
    const app = serverUnderTest()
    await app.listen({ port: 0, host: '127.0.0.1' })
    const { status, type, body } = await asWritten(app, `/docs/${path}`)
    expect({ status, type }).toEqual({ status: 404, type: 'application/json; charset=utf-8' })
    expect(JSON.parse(body)).toMatchObject({ error: { type: 'invalid_request_error', param: null, code: 'unknown_url' } })
  })
})
