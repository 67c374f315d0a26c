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
  return { store, operator }
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

test('the entries of a small partition are all found among many of others', async () => {
  const { store } = await opened()
  for (let index = 0; index < 300; index++) await store.put(entryOf({ partition: `p${index % 100}`, vector: vectorAt(index / 4) }))
  expect(await store.nearest(questionAt(0, { partition: 'p99', k: 8 }))).toHaveLength(3)
}, START_MS)
