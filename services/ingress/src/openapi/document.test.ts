import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { ChatCompletionChunk, ERRORS, GatewayError, type ErrorCode } from '@gomodel/contracts'
import type { FastifyInstance } from 'fastify'
import { Compile } from 'typebox/compile'
import { describe, expect, onTestFinished, test } from 'vitest'
import { anthropicErrors } from '../anthropic-errors.ts'
import { KEY, serverUnderTest } from '../fixtures/server-under-test.ts'
import { OpenApi } from './fixtures/openapi-3.1.ts'

type Json = Record<string, unknown>

interface Media {
  schema: Json
  example?: unknown
  examples?: Record<string, Json>
}

interface Operation {
  operationId: string
  tags: string[]
  security?: unknown[]
  parameters?: Json[]
  responses: Record<string, { headers?: Json; content: Record<string, Media> }>
}

interface Document {
  tags: { name: string }[]
  paths: Record<string, Record<string, Operation>>
  components: { schemas: Record<string, Json>; examples: Record<string, { value: { error: Json } }> }
}

const served = async (app = serverUnderTest()): Promise<Document> => (await app.inject('/openapi.json')).json<Document>()

const operations = ({ paths }: Document) =>
  Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, path, operation })))

/** Every object inside, with the keys that lead to it. */
function* within(value: unknown, at: readonly string[] = []): Generator<{ at: readonly string[]; object: Json }> {
  if (typeof value !== 'object' || value === null) return
  if (!Array.isArray(value)) yield { at, object: value as Json }
  for (const [key, inner] of Object.entries(value)) yield* within(inner, [...at, key])
}

function resolved(document: object, object: Json): Json {
  if (typeof object.$ref !== 'string') return object
  const [root, ...keys] = object.$ref.split('/')
  expect(root).toBe('#')
  return keys.reduce((inner: unknown, key) => (inner as Json | undefined)?.[key], document) as Json
}

/** A schema with all that it refers to in its place. */
function schemaOf(document: object, schema: Json): Json {
  const { oneOf, ...rest } = resolved(document, schema)
  return oneOf === undefined ? rest : { oneOf: (oneOf as Json[]).map(one => resolved(document, one)) }
}

/** Every route of the server, as Fastify is told of it. */
function routes(): Set<string> {
  const found = new Set<string>()
  const listen = (message: unknown) => {
    const { fastify } = message as { fastify: FastifyInstance }
    fastify.addHook('onRoute', ({ method, url }) => {
      for (const one of [method].flat()) found.add(`${one} ${url}`)
    })
  }
  subscribe('fastify.initialization', listen)
  onTestFinished(() => void unsubscribe('fastify.initialization', listen))
  serverUnderTest()
  return found
}

/** Anthropic's API has statuses of its own; models are told in both. */
const statusesOf = ({ tags }: Operation, code: ErrorCode): number[] =>
  [...(tags.includes('Messages') ? [] : [ERRORS[code].status]), ...(tags.includes('Messages') || tags.includes('Models') ? [anthropicErrors.status(new GatewayError(code, ''))] : [])]

/** What people look at, and no program calls. */
const PAGES = new Set(['GET /docs', 'GET /docs/*'])

describe('the description of the API', () => {
  test('names every route of the server, and no other', async () => {
    const found = routes()
    expect(found).toContain('POST /v1/chat/completions')
    const described = operations(await served()).map(({ name }) => name.replace(/(\/v1\/models|\/p\/\{instance\})\/\{\w+\}$/, '$1/*').replaceAll(/\{(\w+)\}/g, ':$1'))
    // A HEAD comes with each GET.
    expect([...found].filter(route => !route.startsWith('HEAD ') && !PAGES.has(route)).toSorted()).toEqual(described.toSorted())
  })

  test('is OpenAPI 3.1', async () => {
    const document = await served()
    const check = Compile(OpenApi)
    expect(check.Errors(document)).toEqual([])
    expect(check.Check(document)).toBe(true)
    const all = operations(document)
    expect(new Set(all.map(({ operation }) => operation.operationId)).size).toBe(all.length)
    const tags = document.tags.map(({ name }) => name)
    for (const { name, path, operation } of all) {
      for (const tag of operation.tags) expect(tags, name).toContain(tag)
      const parameters = (operation.parameters ?? []).map(parameter => resolved(document, parameter))
      expect(parameters.filter(({ in: where }) => where === 'path').map(({ name: parameter }) => `{${String(parameter)}}`)).toEqual(path.match(/\{\w+\}/g) ?? [])
    }
  })

  test('refers only to what it defines, and defines nothing for nobody', async () => {
    const document = await served()
    const references = [...within(document)].map(({ object }) => object).filter(({ $ref }) => $ref !== undefined)
    expect(references.length).toBeGreaterThan(50)
    for (const reference of references) expect(resolved(document, reference), String(reference.$ref)).toBeTypeOf('object')
    const used = new Set(references.map(({ $ref }) => $ref))
    for (const kind of ['parameters', 'headers', 'examples'] as const) {
      const unused = Object.keys((document.components as unknown as Record<string, object>)[kind]!).filter(name => !used.has(`#/components/${kind}/${name}`))
      expect(unused, kind).toEqual([])
    }
  })

  test('gives examples that its own schemas accept', async () => {
    const document = await served()
    let examples = 0
    for (const { at, object } of within(document.paths)) {
      // Examples have members of the name, too.
      if (at.at(-2) !== 'content' || at.includes('example') || at.includes('examples')) continue
      const media = object as unknown as Media
      const check = Compile(schemaOf(document, media.schema))
      const values = [...(media.example === undefined ? [] : [media.example]), ...Object.values(media.examples ?? {}).map(example => resolved(document, example).value)]
      for (const value of values) expect(check.Errors(value), `${at.join(' ')}: ${JSON.stringify(value)}`).toEqual([])
      examples += values.length
    }
    expect(examples).toBeGreaterThan(30)
  })

  test('shows a stream whose events are chunks and whose end is [DONE]', async () => {
    const { paths } = await served()
    const body = String(paths['/v1/chat/completions']!.post!.responses[200]!.content['text/event-stream']!.example)
    const data = body.split('\n\n').filter(event => event !== '').map(event => event.replace(/^data: /, ''))
    expect(data.length).toBeGreaterThan(3)
    expect(data.at(-1)).toBe('[DONE]')
    const check = Compile(ChatCompletionChunk)
    for (const event of data.slice(0, -1)) expect(check.Errors(JSON.parse(event)), event).toEqual([])
  })

  test('says that a chat request may hold any other field, and refuses what the gateway refuses', async () => {
    const { ChatRequest } = (await served()).components.schemas
    expect(ChatRequest).toMatchObject({ additionalProperties: true })
    const check = Compile(ChatRequest as object)
    const messages = [{ role: 'user', content: 'hi' }]
    expect(check.Check({ model: 'm', messages, unheard_of: [1], stream: null })).toBe(true)
    for (const wrong of [{ messages }, { model: 'm', messages: [] }, { model: 'm', messages, stream: 'yes' }]) expect(check.Check(wrong), JSON.stringify(wrong)).toBe(false)
  })

  test('has every error with its status, and every one that a chat can end with in its place', async () => {
    const document = await served()
    expect(Object.keys(document.components.examples)).toEqual(Object.keys(ERRORS))
    for (const { name, operation } of operations(document)) {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        if (status === '200') continue
        for (const code of Object.keys(content['application/json']?.examples ?? {})) expect(statusesOf(operation, code as ErrorCode), `${name} ${code}`).toContain(Number(status))
      }
      const codes = Object.values(operation.responses).flatMap(({ content }) => Object.keys(content['application/json']?.examples ?? {}))
      expect(codes, name).toContain('internal')
      // Where a key is asked for, it can be refused.
      expect(codes.includes('unauthenticated'), name).toBe(operation.security === undefined)
      if (name === 'POST /v1/chat/completions') expect(codes.toSorted()).toEqual(Object.keys(ERRORS).filter(code => !['unknown_url', 'not_found', 'not_ready'].includes(code)).toSorted())
    }
  })

  test.each([
    ['/health', 'the open gateway', 200],
    ['/ready', 'a gateway with a worker', 200],
    ['/ready', 'a gateway without', 503],
    ['/v1/models', 'a list', 200],
    ['/v1/models', 'no key', 401],
    ['/v1/models/openai%2Fgpt-test', 'a qualified name', 200],
    ['/v1/models/openai/gpt-test', 'a qualified name with its slash', 200],
    ['/v1/models/gpt-test', 'a bare name', 200],
    ['/v1/models/unknown', 'an unknown name', 404],
    ['/v1/models', 'a list for Anthropic’s clients', 200],
    ['/v1/models', 'no key of Anthropic’s clients', 401],
    ['/v1/models/openai/gpt-test', 'a model for Anthropic’s clients', 200],
    ['/v1/models/unknown', 'an unknown name of Anthropic’s clients', 404],
    ['/metrics', 'its text', 200],
  ])('is what the gateway does: %s, %s, %i', async (url, what, status) => {
    const app = serverUnderTest(what === 'a gateway without' ? [] : ['gpt-test'])
    const document = await served(app)
    const reply = await app.inject({ url, headers: { ...(!what.startsWith('no key') && { authorization: `Bearer ${KEY}` }), ...(what.includes('Anthropic') && { 'anthropic-version': '2023-06-01' }) } })
    expect(reply.statusCode).toBe(status)
    const { operation } = operations(document).find(({ path }) => new RegExp(`^${path.replace('{id}', '.+')}$`).test(url))!
    const { content, headers } = operation.responses[status] as { content: Record<string, Media>; headers: Record<string, unknown> }
    const type = String(reply.headers['content-type']).split(';')[0]!
    expect(Object.keys(content)).toEqual([type])
    const body: unknown = type === 'application/json' ? reply.json() : reply.body
    expect(Compile(schemaOf(document, content[type]!.schema)).Errors(body)).toEqual([])
    expect(Object.keys(headers)).toContain('X-Request-ID')
    expect(reply.headers).toHaveProperty('x-request-id')
    if (reply.headers['request-id'] !== undefined) expect(Object.keys(headers)).toContain('request-id')
    expect('request-id' in reply.headers).toBe(what.includes('Anthropic'))
    if (reply.headers['retry-after'] !== undefined) expect(Object.keys(headers)).toContain('Retry-After')
  })

  test('knows a model in either API by its shape alone', async () => {
    const document = await served()
    const model = { id: 'openai/gpt-test', object: 'model', created: 1, owned_by: 'somebody' }
    const anthropic = { type: 'model', id: model.id, display_name: model.id, created_at: '1970-01-01T00:00:01.000Z' }
    const check = Compile(schemaOf(document, document.paths['/v1/models/{id}']!.get!.responses[200]!.content['application/json']!.schema))
    expect([model, anthropic, { id: model.id }].map(value => check.Check(value))).toEqual([true, true, false])
  })

  test.each(['/v1/chat/completions', '/v1/messages', '/v1/responses', '/v1/embeddings'])('says what the caches are told and tell of %s, with errors too', async path => {
    const document = await served()
    const { parameters = [], responses } = document.paths[path]!.post!
    const told = parameters.map(parameter => resolved(document, parameter).name)
    const both = path === '/v1/embeddings' ? [] : ['X-Cache-TTL', 'X-Cache-Semantic-Threshold']
    expect(told.filter(name => String(name).includes('Cache'))).toEqual(['Cache-Control', 'X-Cache-Control', 'X-Cache-Type', 'X-Cache-Tags', ...both])
    const headersOf = (status: number) => Object.keys(responses[status]!.headers ?? {})
    expect(headersOf(200)).toEqual(expect.arrayContaining(['X-Cache', 'X-Cache-Entry', 'Age']))
    for (const status of [400, 429, 502, 503, 504]) expect(headersOf(status), String(status)).toContain('X-Cache')
    // Nobody is let near a cache without a key, or for a model that there is not.
    for (const status of [401, 404]) expect(headersOf(status), String(status)).not.toContain('X-Cache')
  })

  test('names a request to Anthropic’s clients where its API looks for it', async () => {
    const { paths } = await served()
    for (const operation of [paths['/v1/messages']!.post!, paths['/v1/messages/count_tokens']!.post!, paths['/v1/models']!.get!, paths['/v1/models/{id}']!.get!]) {
      for (const { headers } of Object.values(operation.responses)) expect(Object.keys(headers ?? {}), operation.operationId).toContain('request-id')
    }
  })

  test('leaves to a provider what its own errors look like', async () => {
    const relayed = operations(await served()).filter(({ path }) => /^\/(v1\/files|v1\/batches|p)(\/|$)/.test(path))
    expect(relayed.length).toBeGreaterThan(10)
    for (const { name, operation } of relayed) expect(Object.keys(operation.responses['default']?.content ?? {}), name).toEqual(['*/*'])
  })

  test('is the same with a key and without', async () => {
    const app = serverUnderTest()
    const open = await app.inject('/openapi.json')
    expect(open.headers['content-type']).toBe('application/json; charset=utf-8')
    expect((await app.inject({ url: '/openapi.json', headers: { authorization: `Bearer ${KEY}` } })).body).toBe(open.body)
    expect(open.body).not.toContain(KEY)
  })
})
