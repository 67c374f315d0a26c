import { chmod, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLog } from '@gomodel/service'
import { expect, onTestFinished, test } from 'vitest'
import { DiskStore, type DiskStoreOptions } from './disk-store.ts'
import { KEPT, bytesOf } from './fixtures/service.ts'
import { encodeRecord } from './record.ts'

const HOUR_MS = 3_600_000

async function opened(more: Partial<DiskStoreOptions> = {}) {
  const folder = more.folder ?? (await mkdtemp(join(tmpdir(), 'gomodel-responses-')))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  let now = Date.now()
  const options = { folder, ttlMs: HOUR_MS, limitBytes: 1024 * 1024, log: openLog('test', 'silent'), now: () => now, ...more }
  const store = await DiskStore.open(options)
  const keys = async () => (await Promise.all(['a', 'b', 'c', 'd'].map(async key => ((await store.find(key)) === 'missing' ? '' : key)))).join('')
  return { folder, store, keys, pass: (ms: number) => (now += ms) }
}

const entry = (length = 10) => ({ kept: KEPT, body: bytesOf(length) })
const OVERHEAD = encodeRecord(entry(0)).length

test('a response is one file that only its owner may read, and nothing else is left', async () => {
  const { folder, store } = await opened()
  expect(await store.keep('a', entry())).toBe(true)
  expect(await readdir(folder)).toEqual(['a.response'])
  expect(((await stat(join(folder, 'a.response'))).mode & 0o777).toString(8)).toBe('600')
  expect(await store.find('a')).toEqual({ kept: KEPT, body: bytesOf(10) })
})

test('what is too old is not found, and removed when it is swept', async () => {
  const { folder, store, keys, pass } = await opened()
  await store.keep('a', entry())
  pass(HOUR_MS - 1000)
  await store.keep('b', entry())
  pass(2000)
  expect(await keys()).toBe('b')
  expect(await store.forget('a')).toBe(false)
  expect(await readdir(folder)).toEqual(['b.response'])
  pass(HOUR_MS)
  await store.sweep()
  expect(await readdir(folder)).toEqual([])
  expect(store.bytes).toBe(0)
})

test('the oldest go when they take too much, and what is kept again is young again', async () => {
  const { store, keys } = await opened({ limitBytes: 3 * (OVERHEAD + 100) })
  for (const key of ['a', 'b', 'c']) await store.keep(key, entry(100))
  expect(await keys()).toBe('abc')
  await store.keep('a', entry(100))
  await store.keep('d', entry(100))
  expect(await keys()).toBe('acd')
  expect(store.bytes).toBe(3 * (OVERHEAD + 100))
  await store.keep('b', entry(4 * OVERHEAD + 1000))
  expect(await keys()).toBe('')
})

test('what was kept before the start counts, the oldest first, and what was begun is removed', async () => {
  const { folder, store, pass } = await opened()
  await store.keep('a', entry(100))
  pass(10)
  await store.keep('b', entry(100))
  await writeFile(join(folder, 'x.begun'), 'half')
  await writeFile(join(folder, 'note.txt'), 'not ours')
  const again = await opened({ folder, limitBytes: 2 * (OVERHEAD + 100) })
  expect(again.store.bytes).toBe(2 * (OVERHEAD + 100))
  expect((await readdir(folder)).toSorted()).toEqual(['a.response', 'b.response', 'note.txt'])
  await again.store.keep('c', entry(100))
  expect(again.store.entries).toBe(2)
  expect(await again.keys()).toContain('c')
})

test('a file that is cut, damaged or gone is not found', async () => {
  const { folder, store } = await opened()
  for (const key of ['a', 'b', 'c']) await store.keep(key, entry(100))
  await truncate(join(folder, 'a.response'), OVERHEAD + 50)
  await writeFile(join(folder, 'b.response'), Buffer.concat([Buffer.of(9), (await readFile(join(folder, 'b.response'))).subarray(1)]))
  await rm(join(folder, 'c.response'))
  expect(await Promise.all(['a', 'b', 'c'].map(key => store.find(key)))).toEqual(['missing', 'missing', 'missing'])
  expect(await store.forget('c')).toBe(false)
})

test('a folder that takes nothing keeps nothing, and says so', async () => {
  const { folder, store } = await opened()
  await rm(folder, { recursive: true })
  await writeFile(folder, '')
  expect(await store.keep('a', entry())).toBe(false)
  expect(store.bytes).toBe(0)
})

test('a folder that is not there yet is made when it is needed, and not before', async () => {
  const { folder: parent } = await opened()
  const { folder, store } = await opened({ folder: join(parent, 'data', 'responses') })
  expect(await readdir(parent)).toEqual([])
  expect(await store.keep('a', entry())).toBe(true)
  expect(await readdir(folder)).toEqual(['a.response'])
})

test('a folder that cannot be read ends the start', async () => {
  const { folder } = await opened()
  await writeFile(join(folder, 'file'), '')
  await chmod(join(folder, 'file'), 0o400)
  await expect(DiskStore.open({ folder: join(folder, 'file', 'responses'), ttlMs: 1, limitBytes: 1, log: openLog('test', 'silent'), now: Date.now })).rejects.toThrow(/ENOTDIR/)
})
