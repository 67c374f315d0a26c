import { mkdtemp, open, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { until } from '@gomodel/testing'
import { expect, onTestFinished, test } from 'vitest'
import { DIMENSIONS, entryOf, questionAt, vectorAt } from '../fixtures/entries.ts'
import { RecordingLog } from '../fixtures/recording-log.ts'
import { EmbeddedStore, type EmbeddedSettings } from './embedded-store.ts'

const FILE = 'semantic-cache.sqlite'
const patiently = { timeoutMs: 20_000 }

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gomodel-embedded-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function storeOf(settings: EmbeddedSettings) {
  const log = new RecordingLog()
  const store = new EmbeddedStore(settings, log)
  onTestFinished(() => store.close())
  return { store, log }
}

async function opened(more: Partial<EmbeddedSettings> = {}) {
  const folder = more.folder ?? (await temporaryFolder())
  const made = storeOf({ ...more, folder })
  await made.store.open(DIMENSIONS)
  return { ...made, folder }
}

const found = async (store: EmbeddedStore) => (await store.nearest(questionAt(0, { k: 100 }))).map(({ id }) => id).toSorted().join('')

/** Entries with bodies of 100 KB under these names. */
async function fill(store: EmbeddedStore, names: string): Promise<void> {
  for (const id of names) await store.put(entryOf({ id, body: Buffer.alloc(100 * 1024) }))
}

test('a store in memory keeps nothing', async () => {
  const { store } = await opened({ folder: ':memory:' })
  await store.put(entryOf({ id: 'a' }))
  expect(await found(store)).toBe('a')
  await store.close()
  await store.open(DIMENSIONS)
  expect(await found(store)).toBe('')
})

test('the least recently saved or served entries go when they take too much', async () => {
  const { store } = await opened({ limitBytes: 350 * 1024 })
  await fill(store, 'abc')
  const lastSaved = Date.now()
  await until(() => Date.now() > lastSaved, { what: 'the next millisecond', everyMs: 1 })
  await store.body('a')
  await fill(store, 'bd')
  expect(await found(store)).toBe('abd')
  expect((await store.size()).bytes).toBeLessThanOrEqual(350 * 1024)
  expect(await store.body('c')).toBeUndefined()
})

test('what expired goes before what lives, however lately it was saved', async () => {
  const { store } = await opened({ limitBytes: 350 * 1024 })
  await fill(store, 'ab')
  const now = Date.now()
  await store.put(entryOf({ id: 'x', body: Buffer.alloc(100 * 1024), storedAt: now - 2000, expiresAt: now - 1000 }))
  await fill(store, 'c')
  expect(await found(store)).toBe('abc')
})

test('an entry that is larger than the limit leaves nothing behind', async () => {
  const { store } = await opened({ limitBytes: 50 * 1024 })
  await fill(store, 'a')
  expect(await store.size()).toEqual({ entries: 0, bytes: 0 })
})

test('the file stays near the limit, however much goes through it', async () => {
  const { store, folder } = await opened({ limitBytes: 1024 * 1024 })
  for (let round = 0; round < 60; round++) await store.put(entryOf({ body: Buffer.alloc(100 * 1024, String(round)) }))
  await store.close()
  expect((await stat(join(folder, FILE))).size).toBeLessThan(3 * 1024 * 1024)
})

test('what expired is swept, its body too', async () => {
  const { store } = await opened({ sweepMs: 20 })
  await store.put(entryOf({ id: 'a', expiresAt: Date.now() + 200 }))
  await store.put(entryOf({ id: 'b' }))
  await until(async () => (await store.size()).entries === 1, { what: 'the sweep', ...patiently })
  expect(await store.body('a')).toBeUndefined()
  expect(await found(store)).toBe('b')
})

test('removing from the middle of a partition leaves the others where they are', async () => {
  const { store } = await opened()
  for (const [index, id] of [...'abcdefgh'].entries()) await store.put(entryOf({ id, vector: vectorAt(index * 10), tags: index % 3 === 0 ? ['third'] : [] }))
  expect(await store.remove({ tag: 'third' })).toBe(3)
  for (const [id, degrees] of [['b', 10], ['f', 50], ['h', 70]] as const) expect((await store.nearest(questionAt(degrees, { k: 1 })))[0]).toMatchObject({ id, score: expect.closeTo(1, 5) })
  await store.put(entryOf({ id: 'z', vector: vectorAt(120) }))
  expect((await store.nearest(questionAt(120, { k: 1 })))[0]).toMatchObject({ id: 'z' })
})

test('a file that is none of SQLite is set aside with a warning, and a fresh one begun', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, FILE), 'not a database, and long enough to be read as one. '.repeat(1000))
  const { store, log } = await opened({ folder })
  expect(log.warnings).toEqual([{ store: 'embedded', aside: join(folder, `${FILE}.damaged`) }])
  await store.put(entryOf({ id: 'a' }))
  expect(await found(store)).toBe('a')
  await store.close()
  expect((await readdir(folder)).filter(name => name.startsWith(FILE)).toSorted()).toEqual([FILE, `${FILE}.damaged`])
})

test('a file with damaged pages is set aside when it is opened', async () => {
  const { store, folder } = await opened()
  await fill(store, 'abcdef')
  await store.close()
  await spoil(join(folder, FILE))
  const again = await opened({ folder })
  expect(again.log.warnings).toHaveLength(1)
  await fill(again.store, 'x')
  expect(await found(again.store)).toBe('x')
})

test('a file that another store has is left alone, and the reason told', async () => {
  const { store, folder } = await opened()
  const { store: other } = storeOf({ folder })
  await expect(other.open(DIMENSIONS)).rejects.toThrow(/embedded cannot be used: another instance has the file .*semantic-cache\.sqlite/)
  await store.put(entryOf({ id: 'a' }))
  expect(await found(store)).toBe('a')
  await store.close()
  await other.open(DIMENSIONS)
  expect(await found(other)).toBe('a')
})

test('a folder that cannot be made ends the opening with the reason', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'file'), '')
  const { store } = storeOf({ folder: join(folder, 'file', 'data') })
  await expect(store.open(DIMENSIONS)).rejects.toThrow(/embedded cannot be used: ENOTDIR/)
})

test('rows are those of an ordinary SQLite file', async () => {
  const { store, folder } = await opened()
  await fill(store, 'ab')
  await store.close()
  const database = new DatabaseSync(join(folder, FILE), { readOnly: true })
  onTestFinished(() => database.close())
  expect(database.prepare('SELECT count(*) AS n FROM bodies').get()).toEqual({ n: 2 })
})

/** Overwrites the middle of a file. */
async function spoil(path: string): Promise<void> {
  const file = await open(path, 'r+')
  try {
    const { size } = await file.stat()
    for (let at = 8192; at < size; at += 8192) await file.write(Buffer.alloc(512, 0xee), 0, 512, at)
  } finally {
    await file.close()
  }
}
