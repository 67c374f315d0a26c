import { describe, expect, test } from 'vitest'
import { entryOf, questionAt } from './fixtures/entries.ts'
import { KINDS, shared } from './fixtures/shared-backend.ts'

describe.each(KINDS)('the store %s', kind => {
  const at = shared(kind)

  test('limits an entry that was wrong for another question, and lets it go when that does not help', async () => {
    const store = await at.opened()
    await store.put(entryOf({ id: 'a', tags: ['one', 'entry=1'] }))
    await store.put(entryOf({ id: 'b', tags: ['one', 'entry=2'] }))
    const minimums = async () => Object.fromEntries((await store.nearest(questionAt())).map(({ id, minimum }) => [id, minimum]))
    const limit = (similarity: number, options = {}) => store.limit({ tag: 'entry=1', at: similarity, minimum: 0.95 }, options)
    expect(await limit(0.94, { dryRun: true })).toEqual({ matched: 1, limited: 0, removed: 0 })
    expect(await minimums()).toEqual({ a: 0, b: 0 })
    expect(await limit(0.94)).toEqual({ matched: 1, limited: 1, removed: 0 })
    expect(await minimums()).toEqual({ a: 0.95, b: 0 })
    // Said again, and what the minimum keeps away already.
    for (const known of [0.94, 0.93]) expect(await limit(known)).toEqual({ matched: 1, limited: 0, removed: 0 })
    expect(await minimums()).toEqual({ a: 0.95, b: 0 })
    expect(await limit(0.96, { dryRun: true })).toEqual({ matched: 1, limited: 0, removed: 0 })
    expect(await limit(0.96)).toEqual({ matched: 1, limited: 0, removed: 1 })
    expect(await minimums()).toEqual({ b: 0 })
    expect(await store.body('a')).toBeUndefined()
    expect(await store.limit({ tag: 'nobody', at: 0.9, minimum: 0.91 })).toEqual({ matched: 0, limited: 0, removed: 0 })
  })

  test('has no limit for an answer that replaces one with a limit', async () => {
    const store = await at.opened()
    await store.put(entryOf({ id: 'same', tags: ['x'] }))
    await store.limit({ tag: 'x', at: 0.9, minimum: 0.91 })
    await store.put(entryOf({ id: 'same', tags: ['x'] }))
    expect(await store.nearest(questionAt())).toMatchObject([{ id: 'same', minimum: 0 }])
    expect(await store.limit({ tag: 'x', at: 0.95, minimum: 0.96 })).toEqual({ matched: 1, limited: 1, removed: 0 })
  })
})
