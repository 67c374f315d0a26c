import { describe, expect, test } from 'vitest'
import { relayingServer, type Received } from '../fixtures/relaying.ts'

/** An instance with batches, and what it says of each. */
const running = (batches: Record<string, object>) => ({
  resources: ['files' as const, 'batches' as const],
  answer: ({ method, path }: Received) => {
    const [, kind, id = ''] = path.split('?')[0]!.split('/')
    if (kind === 'files') return { headers: [['content-type', 'application/jsonl']] as [string, string][], body: Buffer.from(`{"file":"${id}"}\n`) }
    if (method === 'POST' && id === '') return { body: { id: 'new' } }
    return batches[id] ? { body: { id, ...batches[id] } } : { status: 404, body: { error: { message: 'no such batch' } } }
  },
})

const two = {
  openai: running({ b1: { status: 'in_progress' }, b2: { status: 'failed', output_file_id: null }, b3: { status: 'completed', error_file_id: 'errors' } }),
  groq: running({ g1: { status: 'completed', output_file_id: 'out', error_file_id: 'errors' }, g2: { status: 'cancelled', output_file_id: 'part' }, g3: { status: 'cancelling', output_file_id: 'part' } }),
}

describe('a batch', () => {
  test.each([
    ['the query', '?provider=groq', {}, {}],
    ['the header', '', { 'x-gomodel-provider': 'groq' }, {}],
    ['its metadata', '', {}, { metadata: { provider: 'groq', mine: 'x' } }],
  ])('is made where %s says, as it was sent', async (_, query, headers, more) => {
    const { received, json } = await relayingServer(two)
    const body = JSON.stringify({ input_file_id: 'f', ...more })
    expect((await json(`/v1/batches${query}`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })).body).toEqual({ id: 'new' })
    expect(received).toMatchObject([{ instance: 'groq', method: 'POST', path: '/batches', resource: 'batches' }])
    expect(received[0]!.body.toString()).toBe(body)
  })

  test.each(['{"metadata":{"provider":"mine"}}', '{}', 'no json'])('is made nowhere when that is not known: %s', async body => {
    const { received, json } = await relayingServer(two)
    expect(await json('/v1/batches', { method: 'POST', body })).toMatchObject({ status: 400, body: { error: { param: 'provider', message: expect.stringContaining('openai, groq') } } })
    expect(received).toEqual([])
  })

  test('is made at the only provider that has batches, whatever its metadata says', async () => {
    const { received, json } = await relayingServer({ groq: two.groq, mistral: { resources: ['files'], answer: () => ({}) } })
    await json('/v1/batches', { method: 'POST', body: '{"metadata":{"provider":"mine"}}' })
    expect(received[0]).toMatchObject({ instance: 'groq' })
    expect(await json('/v1/batches?provider=mistral', { method: 'POST', body: '{}' })).toMatchObject({ status: 400, body: { error: { code: 'unsupported', message: 'mistral has no batches; groq has' } } })
  })

  test('is looked up, cancelled and listed wherever it is', async () => {
    const { received, json } = await relayingServer(two)
    expect((await json('/v1/batches/g1')).body).toMatchObject({ id: 'g1', status: 'completed' })
    expect((await json('/v1/batches/g1/cancel', { method: 'POST' })).status).toBe(200)
    expect(received.at(-1)).toMatchObject({ instance: 'groq', method: 'POST', path: '/batches/g1/cancel' })
  })
})

describe('the results of a batch', () => {
  test.each([
    ['g1', 'out', 'groq'],
    ['g2', 'part', 'groq'],
    ['b3', 'errors', 'openai'],
  ])('%s are the content of its file %s', async (id, file, instance) => {
    const { received, ask } = await relayingServer(two)
    const response = await ask(`/v1/batches/${id}/results`)
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([200, 'application/jsonl', `{"file":"${file}"}\n`])
    expect(received.at(-1)).toMatchObject({ instance, method: 'GET', path: `/files/${file}/content`, resource: 'files', batch: id })
    expect(received.slice(0, -1).every(({ batch }) => batch === undefined)).toBe(true)
  })

  test.each([
    ['b1', 'in_progress', 'the batch has no results yet: it is in_progress'],
    ['g3', 'cancelling', 'the batch has no results yet: it is cancelling'],
    ['b2', 'failed', 'the batch has no results: it is failed'],
  ])('%s are not there while it is %s', async (id, code, message) => {
    const { json } = await relayingServer(two)
    expect(await json(`/v1/batches/${id}/results`)).toMatchObject({ status: 409, body: { error: { code, message, type: 'invalid_request_error' } } })
  })

  test('of an unknown batch are unknown, in the words of the provider', async () => {
    const { json } = await relayingServer(two)
    expect(await json('/v1/batches/nowhere/results')).toMatchObject({ status: 404, body: { error: { message: 'no such batch' } } })
  })
})
