import { describe, expect, test } from 'vitest'
import { relayingServer, type Instance, type Received } from '../fixtures/relaying.ts'

interface Kept {
  readonly id: string
}

/** An instance that keeps these files. */
function keeping(type: string, ids: readonly string[], more: Partial<Instance> = {}): Instance {
  const answer = ({ method, path }: Received) => {
    const { pathname, searchParams } = new URL(path, 'http://x')
    const [, , id, content] = pathname.split('/')
    if (method === 'POST') return { body: { id: 'new' } }
    if (id !== undefined) return ids.includes(id) ? { body: content ? Buffer.from(`content of ${id}`) : { id } } : { status: 404, body: { error: { message: `no ${id} at ${type}` } } }
    const after = searchParams.get('after')
    const begin = after === null ? 0 : ids.indexOf(after) + 1
    const page = ids.slice(begin, begin + Number(searchParams.get('limit') ?? 20))
    return { body: { object: 'list', data: page.map(one => ({ id: one, purpose: searchParams.get('purpose') })), has_more: begin + page.length < ids.length } }
  }
  return { type, resources: ['files'], answer, ...more }
}

const three = {
  openai: keeping('openai', ['a1', 'a2', 'a3']),
  anthropic: { answer: () => ({}) },
  groq: keeping('groq', ['b1']),
  'openai-east': keeping('openai', ['c1', 'c2']),
}

describe('a file', () => {
  test('goes where the client says: by query or header, by instance or type', async () => {
    const { received, json } = await relayingServer({ ...three, 'azure-eu': keeping('azure', []) })
    for (const [query, header] of [['provider=openai-east', 'groq'], ['provider=groq', ''], ['', 'openai'], ['provider=azure&x=1', '']] as const) {
      expect((await json(`/v1/files?${query}`, { method: 'POST', body: 'form', headers: header ? { 'x-gomodel-provider': header } : {} })).status).toBe(200)
    }
    expect(received.map(({ instance, path }) => [instance, path])).toEqual([['openai-east', '/files'], ['groq', '/files'], ['openai', '/files'], ['azure-eu', '/files?x=1']])
    expect(received[0]).toMatchObject({ method: 'POST', resource: 'files', upload: true })
    expect(received[0]!.body.toString()).toBe('form')
  })

  test('needs no provider where there is but one', async () => {
    const { received, json } = await relayingServer({ anthropic: three.anthropic, groq: three.groq })
    expect((await json('/v1/files', { method: 'POST', body: 'x' })).body).toEqual({ id: 'new' })
    expect((await json('/v1/files?limit=5')).body).toMatchObject({ data: [{ id: 'b1' }] })
    expect(received.map(({ path }) => path)).toEqual(['/files', '/files?limit=5'])
  })

  test.each([
    ['?provider=', 400, 'invalid_request', /openai, groq, openai-east have them/],
    ['?provider=nobody', 400, 'invalid_request', /there is no provider "nobody"; files are at openai, groq, openai-east/],
    ['?provider=anthropic', 400, 'unsupported', /anthropic has no files; openai, groq, openai-east have/],
  ])('for POST /v1/files%s is %i %s', async (query, status, code, message) => {
    const { received, json } = await relayingServer(three)
    expect(await json(`/v1/files${query}`, { method: 'POST', body: 'x' })).toMatchObject({ status, body: { error: { code, param: 'provider', message: expect.stringMatching(message) } } })
    expect(received).toEqual([])
  })

  test('cannot be kept where nobody keeps files', async () => {
    const { json } = await relayingServer({ anthropic: three.anthropic })
    expect(await json('/v1/files')).toMatchObject({ status: 400, body: { error: { code: 'unsupported' } } })
  })

  test('of a type with several instances is ambiguous, unless one has the name of the type', async () => {
    const { json } = await relayingServer({ 'groq-a': keeping('groq', []), 'groq-b': keeping('groq', []) })
    expect(await json('/v1/files?provider=groq')).toMatchObject({ status: 400, body: { error: { message: '"groq" may be groq-a or groq-b: name the instance' } } })
  })

  test('is found wherever it is', async () => {
    const { received, ask, json } = await relayingServer(three)
    const found = await json('/v1/files/c2')
    expect([found.body, found.headers.get('x-gomodel-provider')]).toEqual([{ id: 'c2' }, 'openai-east'])
    expect(await (await ask('/v1/files/b1/content')).text()).toBe('content of b1')
    expect((await json('/v1/files/b1', { method: 'DELETE' })).status).toBe(200)
    expect(received.slice(-2).map(({ instance, method, path }) => [instance, method, path])).toEqual([['openai', 'DELETE', '/files/b1'], ['groq', 'DELETE', '/files/b1']])
    expect(await json('/v1/files/nowhere')).toMatchObject({ status: 404, body: { error: { message: 'no nowhere at openai' } } })
    expect(await json('/v1/files/b1?provider=openai')).toMatchObject({ status: 404 })
  })

  test('that may be where nobody answers is not said to be missing', async () => {
    const { json } = await relayingServer({ openai: three.openai, groq: { type: 'groq', resources: ['files'] } })
    expect((await json('/v1/files/a1')).status).toBe(200)
    expect(await json('/v1/files/nowhere')).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } })
  })
})

describe('the files of several instances', () => {
  /** Pages through a list as the SDK does. */
  async function paged(json: Awaited<ReturnType<typeof relayingServer>>['json'], query: string) {
    const pages: string[][] = []
    for (let after = ''; pages.length < 20; ) {
      const { body } = await json(`/v1/files?${query}${after}`)
      const data = body.data as Kept[]
      pages.push(data.map(({ id }) => id))
      if (body.has_more !== true) break
      after = `&after=${data.at(-1)!.id}`
    }
    return pages
  }

  test('are one list, in which each tells where it is', async () => {
    const { json } = await relayingServer(three)
    expect((await json('/v1/files?purpose=batch')).body).toEqual({
      object: 'list',
      data: ['a1 openai', 'a2 openai', 'a3 openai', 'b1 groq', 'c1 openai-east', 'c2 openai-east'].map(each => ({ id: each.split(' ')[0], purpose: 'batch', provider: each.split(' ')[1] })),
      has_more: false,
      first_id: 'a1',
      last_id: 'c2',
    })
  })

  test.each([1, 2, 3, 4, 5, 6, 7])('are paged through by %i, each once', async limit => {
    const { json } = await relayingServer(three)
    const pages = await paged(json, `limit=${limit}`)
    expect(pages.flat()).toEqual(['a1', 'a2', 'a3', 'b1', 'c1', 'c2'])
    expect(Math.max(...pages.map(page => page.length))).toBeLessThanOrEqual(limit)
  })

  test('end also with an instance that knows no pages', async () => {
    const all = keeping('mistral', ['m1', 'm2'])
    const answer = (request: Received) => all.answer!({ ...request, path: request.path.split('?')[0]! })
    const { json } = await relayingServer({ mistral: { ...all, answer }, groq: three.groq })
    expect((await paged(json, 'limit=1')).flat()).toEqual(['m1', 'm2', 'b1'])
  })

  test('are a page of a hundred at most', async () => {
    const { json } = await relayingServer({ openai: keeping('openai', Array.from({ length: 300 }, (_, index) => `f${index}`)), groq: three.groq })
    for (const limit of ['limit=1000', 'limit=nonsense', '']) expect((await json(`/v1/files?${limit}`)).body.data).toHaveLength(100)
    expect((await paged(json, 'limit=1000')).map(page => page.length)).toEqual([100, 100, 100, 1])
  })

  test('lack those of an instance that cannot say, and tell so; where none can, it is an error', async () => {
    const broken = keeping('groq', [], { answer: () => ({ status: 500, body: {} }) })
    const { json } = await relayingServer({ ...three, groq: broken })
    const { body, headers } = await json('/v1/files')
    expect((body.data as Kept[]).map(({ id }) => id)).toEqual(['a1', 'a2', 'a3', 'c1', 'c2'])
    expect(headers.get('x-gomodel-unavailable')).toBe('groq')
    const none = await relayingServer({ openai: broken, groq: broken })
    expect(await none.json('/v1/files')).toMatchObject({ status: 502, body: { error: { code: 'provider_failed' } } })
  })

  test('cannot be read on from what is no file', async () => {
    const { json } = await relayingServer(three)
    expect(await json('/v1/files?after=nowhere')).toMatchObject({ status: 400, body: { error: { param: 'after' } } })
  })
})
