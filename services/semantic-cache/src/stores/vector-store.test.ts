import { inspect } from 'node:util'
import { GatewayError } from '@gomodel/contracts'
import { until } from '@gomodel/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SECRET } from './fixtures/backends.ts'
import { DIMENSIONS, entryOf, HOUR_MS, questionAt, vectorAt } from './fixtures/entries.ts'
import { KINDS, shared, storeOf } from './fixtures/shared-backend.ts'
import type { Removal } from './vector-store.ts'

const ON_A_SERVER = KINDS.filter(kind => kind !== 'embedded')

/** What a call throws. */
const thrownBy = (call: Promise<unknown>): Promise<unknown> => call.then(() => undefined, (thrown: unknown) => thrown)

const text = (body: Uint8Array | undefined) => body && Buffer.from(body).toString()

describe.each(KINDS)('the store %s', kind => {
  const at = shared(kind)

  test('finds the nearest of a partition, the best first, with their cosine', async () => {
    const store = await at.opened()
    const entries = [40, 10, 90, 25, 180].map(degrees => entryOf({ vector: vectorAt(degrees), id: `at ${degrees}` }))
    for (const entry of entries) await store.put(entry)
    const found = await store.nearest(questionAt(0, { k: 4 }))
    expect(found.map(({ id }) => id)).toEqual(['at 10', 'at 25', 'at 40', 'at 90'])
    for (const [index, degrees] of [10, 25, 40, 90].entries()) expect(found[index]!.score).toBeCloseTo(Math.cos((degrees * Math.PI) / 180), 5)
    expect((await store.nearest(questionAt(185, { k: 1 }))).map(({ id }) => id)).toEqual(['at 180'])
  })

  test('gives back what an entry says, whatever characters it has', async () => {
    const store = await at.opened()
    const odd = 'a "quote" \\ and \'another\'\n{ braces } ${x} ü 漢 🦊 \u2028 [end)'
    const entry = entryOf({ id: odd, partition: odd, text: odd, tenant: odd, model: odd, tags: [odd], meta: JSON.stringify({ odd }) })
    await store.put(entry)
    const { id, text: prompt, tenant, meta, storedAt, expiresAt } = entry
    expect(await store.nearest(questionAt(0, { partition: odd }))).toEqual([{ id, text: prompt, tenant, meta, storedAt, expiresAt, minimum: 0, score: expect.closeTo(1, 5) }])
    expect(text(await store.body(odd))).toBe(text(entry.body))
    for (const which of [{ tag: odd }, { tenant: odd }, { model: odd }, { partition: odd }]) expect(await store.remove(which, { dryRun: true })).toBe(1)
    expect(await store.remove({ ids: [odd] })).toBe(1)
  })

  test('finds nothing of another partition', async () => {
    const store = await at.opened()
    await store.put(entryOf({ partition: 'one', id: 'first' }))
    await store.put(entryOf({ partition: 'other', id: 'second' }))
    expect((await store.nearest(questionAt(0, { partition: 'other' }))).map(({ id }) => id)).toEqual(['second'])
    expect(await store.nearest(questionAt(0, { partition: 'none' }))).toEqual([])
  })

  test('leaves out what expired', async () => {
    const store = await at.opened()
    const now = Date.now()
    await store.put(entryOf({ id: 'short', expiresAt: now + HOUR_MS }))
    await store.put(entryOf({ id: 'long', expiresAt: now + 2 * HOUR_MS, vector: vectorAt(60) }))
    const found = async (later: number) => (await store.nearest(questionAt(0, { now: now + later }))).map(({ id }) => id)
    expect(await found(HOUR_MS - 1)).toEqual(['short', 'long'])
    expect(await found(HOUR_MS)).toEqual(['long'])
    expect(await found(3 * HOUR_MS)).toEqual([])
  })

  test.each([0, 1, 1024 * 1024])('keeps a body of %i bytes, and no more of the memory that it is part of', async length => {
    const store = await at.opened()
    const memory = Buffer.alloc(length + 200, 7)
    const entry = entryOf({ body: memory.subarray(100, 100 + length).fill(9) })
    await store.put(entry)
    memory.fill(0)
    const body = await store.body(entry.id)
    expect(body?.length).toBe(length)
    expect(body?.every(byte => byte === 9)).toBe(true)
  })

  test('replaces an entry by the next of its id, wherever it was', async () => {
    const store = await at.opened()
    await store.put(entryOf({ id: 'same', partition: 'before', tags: ['old'] }))
    const later = entryOf({ id: 'same', body: Buffer.from('later'), text: 'later?' })
    await store.put(later)
    expect(await store.nearest(questionAt(0, { partition: 'before' }))).toEqual([])
    expect(await store.nearest(questionAt())).toMatchObject([{ id: 'same', text: 'later?' }])
    expect(text(await store.body('same'))).toBe('later')
    expect((await store.size()).entries).toBe(1)
    expect(await store.remove({ tag: 'old' })).toBe(0)
  })

  test('has no body for what is not there', async () => {
    const store = await at.opened()
    expect(await store.body('nobody')).toBeUndefined()
  })

  test.each<{ which: Removal; gone: string }>([
    { which: { ids: ['a', 'b', 'nobody'] }, gone: 'ab' },
    { which: { partition: 'p2' }, gone: 'b' },
    { which: { tenant: 't1' }, gone: 'ab' },
    { which: { model: 'm2' }, gone: 'bd' },
    { which: { tag: 'y' }, gone: 'ac' },
    { which: { tag: 'nobody' }, gone: '' },
    { which: { everything: true }, gone: 'abcd' },
  ])('removes $which with their bodies, and only says so when asked to', async ({ which, gone }) => {
    const store = await at.opened()
    await store.put(entryOf({ id: 'a', partition: 'p1', tenant: 't1', model: 'm1', tags: ['x', 'y'] }))
    await store.put(entryOf({ id: 'b', partition: 'p2', tenant: 't1', model: 'm2', tags: ['x'] }))
    await store.put(entryOf({ id: 'c', partition: 'p1', tenant: 't2', model: 'm1', tags: ['y'] }))
    await store.put(entryOf({ id: 'd', partition: 'p1', tenant: 't2', model: 'm2', tags: [] }))
    const left = async () => {
      const found = await Promise.all(['p1', 'p2'].map(partition => store.nearest(questionAt(0, { partition }))))
      return found.flat().map(({ id }) => id).toSorted().join('')
    }
    expect(await store.remove(which, { dryRun: true })).toBe(gone.length)
    expect(await left()).toBe('abcd')
    expect(await store.remove(which)).toBe(gone.length)
    expect(await left()).toBe([...'abcd'].filter(id => !gone.includes(id)).join(''))
    for (const id of 'abcd') expect(text(await store.body(id))).toEqual(gone.includes(id) ? undefined : expect.stringContaining('the answer'))
  })

  test('removes more than fit one page', async () => {
    const store = await at.opened()
    for (let index = 0; index < 230; index++) await store.put(entryOf({ tenant: index < 220 ? 'many' : 'few' }))
    expect(await store.remove({ tenant: 'many' }, { dryRun: true })).toBe(220)
    expect(await store.remove({ tenant: 'many' })).toBe(220)
    expect((await store.size()).entries).toBe(10)
  })

  test('says how much it holds', async () => {
    const store = await at.opened()
    expect((await store.size()).entries).toBe(0)
    for (let index = 0; index < 5; index++) await store.put(entryOf({ body: Buffer.alloc(20_000, Math.random().toString()) }))
    const { entries, bytes } = await store.size()
    expect(entries).toBe(5)
    expect(bytes).toBeGreaterThan(1000)
  })

  test('has its entries and their limits after a restart', async () => {
    const settings = await at.backend.place()
    const first = storeOf(settings)
    await first.open(DIMENSIONS)
    const entry = entryOf({ tags: ['x'] })
    await first.put(entry)
    await first.limit({ tag: 'x', at: 0.9, minimum: 0.91 })
    await first.close()
    await at.backend.again()
    const second = storeOf(settings)
    await second.open(DIMENSIONS)
    expect(await second.nearest(questionAt())).toMatchObject([{ id: entry.id, minimum: 0.91 }])
    expect(text(await second.body(entry.id))).toBe(text(entry.body))
  })

  test('says which dimensions it has when it is opened with others, and keeps what it has', async () => {
    const settings = await at.backend.place()
    const first = storeOf(settings)
    await first.open(DIMENSIONS)
    await first.put(entryOf({ id: 'kept' }))
    await first.close()
    await at.backend.again()
    const second = storeOf(settings)
    await expect(second.open(5)).rejects.toThrow(new RegExp(`${kind}.*${DIMENSIONS} dimensions.*gives 5`))
    await at.backend.again()
    await second.open(DIMENSIONS)
    expect(await second.nearest(questionAt())).toMatchObject([{ id: 'kept' }])
  })

  test.each([
    ['of other dimensions', new Float32Array(3).fill(1)],
    ['without a direction', new Float32Array(DIMENSIONS)],
    ['that is not made of numbers', new Float32Array(DIMENSIONS).fill(Number.NaN)],
  ])('refuses a vector %s', async (_, vector) => {
    const store = await at.opened()
    for (const thrown of [await thrownBy(store.put(entryOf({ vector }))), await thrownBy(store.nearest({ ...questionAt(), vector }))]) {
      expect(thrown).toBeInstanceOf(GatewayError)
      expect(thrown).toMatchObject({ code: 'unavailable', message: expect.stringMatching(/vector/) })
    }
    expect((await store.size()).entries).toBe(0)
  })

  test('is unavailable before it is opened and after it is closed', async () => {
    const store = storeOf(await at.backend.place())
    expect(await thrownBy(store.nearest(questionAt()))).toMatchObject({ code: 'unavailable' })
    await store.open(DIMENSIONS)
    await store.close()
    expect(await thrownBy(store.put(entryOf()))).toMatchObject({ code: 'unavailable' })
  })
})

describe.each(ON_A_SERVER)('the server of %s', kind => {
  const at = shared(kind)

  test.each(['cut', 'mute'] as const)('may be gone (%s) and come back', async fault => {
    const store = await at.opened()
    const entry = entryOf()
    await store.put(entry)
    const wire = at.backend.wire!
    onTestFinished(() => wire.mend())
    await wire[fault]()
    for (const thrown of await Promise.all([store.nearest(questionAt()), store.put(entryOf()), store.remove({ tenant: 'tenant' })].map(thrownBy))) {
      expect(thrown).toBeInstanceOf(GatewayError)
      expect(thrown).toMatchObject({ code: 'unavailable', cause: expect.any(Error), message: expect.stringContaining(kind) })
      expect(inspect(thrown, { depth: 10 })).not.toContain(SECRET)
    }
    await wire.mend()
    await at.backend.again()
    const found = await until(() => store.nearest(questionAt()), { what: 'an answer', timeoutMs: 20_000 })
    expect(found).toContainEqual(expect.objectContaining({ id: entry.id }))
  })

  test.each([
    ['cut', /ECONNREFUSED|ECONNRESET/],
    ['mute', /does not answer in time/],
  ] as const)('that is not there at the start (%s) is named with the reason, and may be opened later', async (fault, reason) => {
    const store = storeOf(await at.backend.place())
    const wire = at.backend.wire!
    onTestFinished(() => wire.mend())
    await wire[fault]()
    const thrown = await thrownBy(store.open(DIMENSIONS))
    expect(thrown).toMatchObject({ message: expect.stringMatching(new RegExp(`${kind} cannot be used: .*(${reason.source})`)) })
    expect(inspect(thrown, { depth: 10 })).not.toContain(SECRET)
    await wire.mend()
    await store.open(DIMENSIONS)
    await store.put(entryOf())
    expect(await store.nearest(questionAt())).toHaveLength(1)
  })
})
