import { describe, expect, test } from 'vitest'
import { posted } from '../fixtures/posted.ts'
import { KEY, serverUnderTest } from '../fixtures/server-under-test.ts'
import { readInvalidation } from './read-invalidation.ts'

const ENTRY = 'aZ09-_'.padEnd(43, 'x')
const read = (body: unknown) => readInvalidation(Buffer.from(JSON.stringify(body)))

describe('a request to invalidate', () => {
  test.each([
    ['entry', { entry: ENTRY }],
    ['tag', { tag: 'prices/2026:a.b' }],
    ['model', { model: 'openai/gpt-5' }],
    ['tenant', { tenant: 'master' }],
    ['everything', { everything: true }],
  ])('selects by %s', (selector, which) => {
    expect(read(which)).toEqual({ selector, which, wrongAt: undefined, dryRun: false, reason: undefined })
    expect(read({ ...which, dry_run: true, reason: 'old' })).toEqual({ selector, which, wrongAt: undefined, dryRun: true, reason: 'old' })
  })

  test.each([0.0001, 0.9412, 1])('may say that an entry was wrong for a question of similarity %d only', wrongAt => {
    expect(read({ entry: ENTRY, wrong_at: wrongAt, dry_run: true })).toEqual({ selector: 'entry', which: { entry: ENTRY }, wrongAt, dryRun: true, reason: undefined })
  })

  test.each<[string, unknown]>([
    ['entry', {}],
    ['entry', { dry_run: true }],
    ['tenant', { tag: 'a', tenant: 'b' }],
    ['everything', { entry: ENTRY, everything: true }],
    ['tags', { tags: ['a'] }],
    ['dryRun', { everything: true, dryRun: true }],
    ['__proto__', JSON.parse('{"everything":true,"__proto__":1}')],
    ['entry', { entry: 'short' }],
    ['entry', { entry: `${ENTRY.slice(1)}=` }],
    ['tag', { tag: 'entry=x' }],
    ['tag', { tag: '' }],
    ['model', { model: 5 }],
    ['model', { model: 'm'.repeat(501) }],
    ['tenant', { tenant: null }],
    ['everything', { everything: false }],
    ['dry_run', { everything: true, dry_run: 'yes' }],
    ['entry', { wrong_at: 0.94 }],
    ['wrong_at', { tag: 'a', wrong_at: 0.94 }],
    ['wrong_at', { everything: true, wrong_at: 0.94 }],
    ['wrong_at', { entry: ENTRY, wrong_at: '0.94' }],
    ['wrong_at', { entry: ENTRY, wrong_at: null }],
    ['wrong_at', { entry: ENTRY, wrong_at: 0 }],
    ['wrong_at', { entry: ENTRY, wrong_at: -0.5 }],
    ['wrong_at', { entry: ENTRY, wrong_at: 1.0001 }],
    ['wrongAt', { entry: ENTRY, wrongAt: 0.94 }],
    ['reason', { everything: true, reason: 1 }],
    ['reason', { everything: true, reason: 'r'.repeat(1001) }],
  ])('is refused because of %s: %j', (param, body) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code: 'invalid_request', details: expect.objectContaining({ param }) }))
  })

  test.each(['', '{', '[]', 'null', '"everything"'])('is refused when it is no object: %s', text => {
    expect(() => readInvalidation(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })

  test('is a 400 that names the field, a 401 without the key, and says what cannot be reached', async () => {
    const app = serverUnderTest()
    const send = (payload: object, authorization = `Bearer ${KEY}`) => posted(app, '/admin/api/v1/cache/invalidate', { headers: { authorization }, payload })
    expect((await send({ everything: true }, 'Bearer wrong')).statusCode).toBe(401)
    const refused = await send({ everything: true, tag: 'a' })
    expect(refused.statusCode).toBe(400)
    expect(refused.json).toMatchObject({ error: { type: 'invalid_request_error', param: 'tag' } })
    const done = await send({ everything: true })
    expect(done.statusCode).toBe(200)
    const none = { matched: 0, removed: 0 }
    // Nobody serves the exact cache here, and there is no semantic one.
    expect(done.json).toEqual({ exact: none, semantic: none, dry_run: false, unavailable: ['exact'] })
  })
})
