import { Client } from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { DIMENSIONS, entryOf, questionAt, vectorAt } from '../fixtures/entries.ts'
import { startPgvector } from '../fixtures/pgvector-server.ts'
import { RecordingLog } from '../fixtures/recording-log.ts'
import { PgvectorStore } from './pgvector-store.ts'

const TABLE = 'test_pgvector_store'
const START_MS = 120_000

async function opened(table = TABLE) {
  const server = await startPgvector()
  onTestFinished(() => server.stop([table]))
  const store = new PgvectorStore({ url: server.url, table, connections: 1, timeoutMs: 20_000 }, new RecordingLog())
  onTestFinished(() => store.close())
  await store.open(DIMENSIONS)
  const operator = new Client({ connectionString: server.url })
  await operator.connect()
  onTestFinished(() => operator.end())
  return { store, operator, url: server.url }
}

test('vectors have an index of their own where pgvector goes on in it until enough rows pass the filter, and bodies a table', async () => {
  const { operator } = await opened()
  const { rows } = await operator.query<{ indexdef: string }>('SELECT indexdef FROM pg_indexes WHERE tablename = $1', [TABLE])
  const [extension] = (await operator.query<{ extversion: string }>("SELECT extversion FROM pg_extension WHERE extname = 'vector'")).rows
  const definitions = rows.map(({ indexdef }) => indexdef).join('\n')
  expect(definitions.includes('USING hnsw')).toBe(Number(extension?.extversion.split('.')[1]) >= 8 || Number(extension?.extversion.split('.')[0]) > 0)
  expect(definitions).toContain('btree (partition)')
  expect((await operator.query('SELECT 1 FROM pg_tables WHERE tablename = $1', [`${TABLE}_bodies`])).rowCount).toBe(1)
}, START_MS)

test('what one instance limits is limited for every other, and of two that say the same one does', async () => {
  const { store, url } = await opened()
  await store.put(entryOf({ id: 'a', tags: ['x'] }))
  // PGlite is one session: each instance prepares what no other does.
  const other = new PgvectorStore({ url, table: TABLE, connections: 1, timeoutMs: 20_000 }, new RecordingLog())
  onTestFinished(() => other.close())
  await other.open(DIMENSIONS)
  const wrong = { tag: 'x', at: 0.9, minimum: 0.91 }
  const both = await Promise.all([other.limit(wrong), other.limit(wrong)])
  expect(both.map(({ limited }) => limited).toSorted()).toEqual([0, 1])
  expect(await store.nearest(questionAt())).toMatchObject([{ id: 'a', minimum: 0.91 }])
}, START_MS)

test('a table of an earlier version gets what it has not', async () => {
  const { store, operator } = await opened()
  await store.put(entryOf({ id: 'old', tags: ['x'] }))
  await store.close()
  await operator.query(`DEALLOCATE ALL; ALTER TABLE "${TABLE}" DROP COLUMN minimum`)
  await store.open(DIMENSIONS)
  expect(await store.nearest(questionAt())).toMatchObject([{ id: 'old', minimum: 0 }])
  expect(await store.limit({ tag: 'x', at: 0.9, minimum: 0.91 })).toMatchObject({ limited: 1 })
}, START_MS)

test('the entries of a small partition are all found among many of others', async () => {
  const { store } = await opened()
  for (let index = 0; index < 300; index++) await store.put(entryOf({ partition: `p${index % 100}`, vector: vectorAt(index / 4) }))
  expect(await store.nearest(questionAt(0, { partition: 'p99', k: 8 }))).toHaveLength(3)
}, START_MS)
