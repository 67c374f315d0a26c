import type { PoolClient } from 'pg'
import { StoreFault } from '../store-failure.ts'

/** The names that the store uses in SQL, already quoted. */
export interface PgvectorTables {
  readonly entries: string
  readonly bodies: string
}

// pgvector's limit for an index on `vector`.
const MOST_INDEXED_DIMENSIONS = 2000
// Any number will do that nobody else uses.
const CREATION_LOCK = 7_236_114_085

/** The tables of a name as the operator gave it, with or without its schema. */
export function pgvectorTables(table: string): PgvectorTables {
  if (!/^([A-Za-z_][\w]{0,40}\.)?[A-Za-z_][\w]{0,40}$/.test(table)) throw new Error(`"${table}" is no name for a table: it has letters, digits and _, and at most a schema before it`)
  return { entries: quoted(table), bodies: quoted(`${table}_bodies`) }
}

const quoted = (name: string): string => name.split('.').map(part => `"${part}"`).join('.')

/** Makes what is not there yet, one instance after the other, and gives the dimensions of the table. */
export async function preparePgvector(client: PoolClient, { entries, bodies }: PgvectorTables, dimensions: number): Promise<number> {
  const index = (field: string, definition: string): string => `CREATE INDEX IF NOT EXISTS ${entries.split('.').at(-1)!.slice(0, -1)}_${field}" ON ${entries} ${definition}`
  await client.query('BEGIN')
  await client.query('SELECT pg_advisory_xact_lock($1)', [CREATION_LOCK])
  // Looked up first: to ask for an extension that is there already may still need rights.
  const present = await client.query("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
  if (present.rowCount === 0) await client.query('CREATE EXTENSION vector').catch(thrown => Promise.reject(new StoreFault('its database has no extension "vector", and it could not be created', { cause: thrown })))
  await client.query(`CREATE TABLE IF NOT EXISTS ${entries} (
    id text PRIMARY KEY, partition text NOT NULL, tenant text NOT NULL, model text NOT NULL, tags text[] NOT NULL, prompt text NOT NULL, meta text NOT NULL,
    stored_at double precision NOT NULL, expires_at double precision NOT NULL, embedding vector(${dimensions}) NOT NULL)`)
  // Tables of earlier versions have none.
  await client.query(`ALTER TABLE ${entries} ADD COLUMN IF NOT EXISTS minimum double precision NOT NULL DEFAULT 0`)
  await client.query(`CREATE TABLE IF NOT EXISTS ${bodies} (id text PRIMARY KEY REFERENCES ${entries} ON DELETE CASCADE, body bytea NOT NULL)`)
  await client.query(index('partition', '(partition)'))
  await client.query(index('tenant', '(tenant)'))
  await client.query(index('model', '(model)'))
  await client.query(index('expiry', '(expires_at)'))
  await client.query(index('tags', 'USING gin (tags)'))
  const found = await client.query<{ type: string }>("SELECT format_type(atttypid, atttypmod) AS type FROM pg_attribute WHERE attrelid = $1::regclass AND attname = 'embedding'", [entries])
  const width = Number(/^(?:.*\.)?vector\((\d+)\)$/.exec(found.rows[0]?.type ?? '')?.[1])
  if (!width) throw new StoreFault('its table is not one of ours')
  if (width === dimensions && width <= MOST_INDEXED_DIMENSIONS && (await scansIteratively(client))) {
    await client.query(index('embedding', 'USING hnsw (embedding vector_cosine_ops)'))
  }
  await client.query('COMMIT')
  return width
}

/**
 * Whether this server's pgvector goes on in its index until enough rows pass the filter (0.8 and later). Without that the index would give too few
 * rows of a partition, so none is made, and partitions are searched one row after the other.
 */
export async function scansIteratively(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ extversion: string }>("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
  const [major = 0, minor = 0] = (rows[0]?.extversion ?? '').split('.').map(Number)
  return major > 0 || minor >= 8
}
