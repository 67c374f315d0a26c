import type { Log } from '@gomodel/service'
import { Pool, type PoolClient, type QueryResultRow } from 'pg'
import { toSql } from 'pgvector'
import { cannotOpen, otherDimensions, reasonOf, StoreFault, storeUnavailable } from '../store-failure.ts'
import { unitVector } from '../unit-vector.ts'
import type { Limited, Neighbour, Question, Removal, StoreSize, VectorEntry, VectorStore, Wrong } from '../vector-store.ts'
import { type PgvectorTables, pgvectorTables, preparePgvector, scansIteratively } from './pgvector-schema.ts'

/** Which table of which PostgreSQL. */
export interface PgvectorSettings {
  readonly url: string
  /** The table of entries, `schema.table` or `table`; that of bodies has `_bodies` after it. */
  readonly table: string
  /** Connections at most. Default 5. */
  readonly connections?: number
  /** How long one call may take. Default 2 seconds. */
  readonly timeoutMs?: number
}

const DEFAULT_TIMEOUT_MS = 2000
const DEFAULT_CONNECTIONS = 5
const SWEEP_MS = 10 * 60_000
// An index on a table that is large already takes its time.
const OPEN_TIMEOUT_MS = 60_000

// Planned for each partition anew: a small one is read whole, which is exact and faster; a large one goes through the index.
const SEARCH_SETTINGS = 'SET hnsw.iterative_scan = strict_order; SET hnsw.ef_search = 100; SET plan_cache_mode = force_custom_plan'

/** Entries in a PostgreSQL with pgvector, their bodies in a table of their own; every instance sees them. */
export class PgvectorStore implements VectorStore {
  readonly kind = 'pgvector'
  readonly #settings: PgvectorSettings
  readonly #tables: PgvectorTables
  readonly #log: Log
  #pool: Pool | undefined
  #dimensions = 0
  #sweeping: NodeJS.Timeout | undefined

  constructor(settings: PgvectorSettings, log: Log) {
    this.#settings = settings
    this.#tables = pgvectorTables(settings.table)
    this.#log = log
  }

  async open(dimensions: number): Promise<void> {
    await this.close()
    const found = await this.#prepare(dimensions).catch((thrown: unknown) => {
      throw cannotOpen(this.kind, reasonOf(thrown))
    })
    if (found !== dimensions) throw otherDimensions(this.kind, found, dimensions)
    this.#pool = this.#newPool()
    this.#dimensions = dimensions
    this.#sweeping = setInterval(() => void this.#query('sweep', `DELETE FROM ${this.#tables.entries} WHERE expires_at <= $1`, [Date.now()]).catch(() => undefined), SWEEP_MS).unref()
  }

  async put(entry: VectorEntry): Promise<void> {
    const { entries, bodies } = this.#tables
    const { id, partition, tenant, model, tags, text, meta, storedAt, expiresAt, body } = entry
    const statement = `WITH entry AS (
      INSERT INTO ${entries} (id, partition, tenant, model, tags, prompt, meta, stored_at, expires_at, embedding) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      ON CONFLICT (id) DO UPDATE SET partition = $2, tenant = $3, model = $4, tags = $5, prompt = $6, meta = $7, stored_at = $8, expires_at = $9, embedding = $10, minimum = 0
      RETURNING id)
      INSERT INTO ${bodies} SELECT id, $11 FROM entry ON CONFLICT (id) DO UPDATE SET body = $11`
    const vector = this.#vector(entry.vector)
    // The text of PostgreSQL has no character 0.
    const texts = [id, partition, tenant, model].map(withoutZero)
    const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
    await this.#query('put', statement, [...texts, tags.map(withoutZero), withoutZero(text), withoutZero(meta), storedAt, expiresAt, vector, bytes])
  }

  async nearest({ partition, vector, k, now }: Question): Promise<Neighbour[]> {
    const statement = `SELECT id, prompt AS text, meta, stored_at AS "storedAt", expires_at AS "expiresAt", tenant, minimum, 1 - (embedding <=> $1) AS score
      FROM ${this.#tables.entries} WHERE partition = $2 AND expires_at > $3 ORDER BY embedding <=> $1 LIMIT $4`
    return this.#query<Neighbour>('nearest', statement, [this.#vector(vector), withoutZero(partition), now, k])
  }

  async body(id: string): Promise<Uint8Array | undefined> {
    const [row] = await this.#query<{ body: Buffer }>('body', `SELECT body FROM ${this.#tables.bodies} WHERE id = $1`, [withoutZero(id)])
    return row?.body
  }

  async remove(which: Removal, { dryRun = false }: { readonly dryRun?: boolean } = {}): Promise<number> {
    const { name, condition, values } = conditionOf(which)
    const { entries } = this.#tables
    const [row] = dryRun
      ? await this.#query<{ n: string }>(`count-${name}`, `SELECT count(*) AS n FROM ${entries} WHERE ${condition}`, values)
      : await this.#query<{ n: string }>(`remove-${name}`, `WITH gone AS (DELETE FROM ${entries} WHERE ${condition} RETURNING 1) SELECT count(*) AS n FROM gone`, values)
    return Number(row?.n)
  }

  async limit({ tag, at, minimum }: Wrong, { dryRun = false }: { readonly dryRun?: boolean } = {}): Promise<Limited> {
    const matched = await this.remove({ tag }, { dryRun: true })
    if (dryRun) return { matched, limited: 0, removed: 0 }
    const { entries } = this.#tables
    // One statement, so that of two that say the same at once one finds the minimum of the other.
    const statement = `WITH
      wrong_again AS (DELETE FROM ${entries} WHERE tags @> ARRAY[$1]::text[] AND minimum > 0 AND minimum <= $2 RETURNING 1),
      wrong_first AS (UPDATE ${entries} SET minimum = $3 WHERE tags @> ARRAY[$1]::text[] AND minimum = 0 RETURNING 1)
      SELECT (SELECT count(*) FROM wrong_first) AS limited, (SELECT count(*) FROM wrong_again) AS removed`
    const [row] = await this.#query<{ limited: string; removed: string }>('limit', statement, [withoutZero(tag), at, minimum])
    return { matched, limited: Number(row?.limited), removed: Number(row?.removed) }
  }

  async size(): Promise<StoreSize> {
    const { entries, bodies } = this.#tables
    const statement = `SELECT (SELECT count(*) FROM ${entries}) AS entries, pg_total_relation_size($1::regclass) + pg_total_relation_size($2::regclass) AS bytes`
    const [row] = await this.#query<{ entries: string; bytes: string }>('size', statement, [entries, bodies])
    return { entries: Number(row?.entries), bytes: Number(row?.bytes) }
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeping)
    const pool = this.#pool
    this.#pool = undefined
    await pool?.end()
  }

  async #prepare(dimensions: number): Promise<number> {
    const pool = this.#newPool(OPEN_TIMEOUT_MS)
    try {
      const client = await pool.connect()
      try {
        return await preparePgvector(client, this.#tables, dimensions)
      } finally {
        // Closed with whatever it has begun.
        client.release(true)
      }
    } finally {
      await pool.end()
    }
  }

  #newPool(queryTimeoutMs?: number): Pool {
    const { url, connections = DEFAULT_CONNECTIONS, timeoutMs = DEFAULT_TIMEOUT_MS } = this.#settings
    const pool = new Pool({
      connectionString: url,
      max: connections,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: queryTimeoutMs ?? timeoutMs,
      application_name: 'gomodel-semantic-cache',
      allowExitOnIdle: true,
      onConnect: async client => {
        if (queryTimeoutMs === undefined && (await scansIteratively(client as PoolClient))) await client.query(SEARCH_SETTINGS)
      },
    })
    // A connection that breaks while nobody uses it; the next call makes a new one.
    pool.on('error', thrown => this.#log.warn({ store: this.kind, reason: reasonOf(thrown) }, 'a connection of the vector store broke'))
    return pool
  }

  #vector(vector: Float32Array): string {
    try {
      return String(toSql([...unitVector(vector, this.#dimensions)]))
    } catch (thrown) {
      throw storeUnavailable(this.kind, thrown)
    }
  }

  /** A statement that every connection prepares once. */
  async #query<Row extends QueryResultRow>(name: string, text: string, values: unknown[]): Promise<Row[]> {
    try {
      if (!this.#pool) throw new StoreFault('it is not open')
      return (await this.#pool.query<Row>({ name: `gomodel-semantic-${name}`, text, values })).rows
    } catch (thrown) {
      throw storeUnavailable(this.kind, thrown)
    }
  }
}

const withoutZero = (text: string): string => text.replaceAll('\0', '')

function conditionOf(which: Removal): { name: string; condition: string; values: unknown[] } {
  if ('everything' in which) return { name: 'everything', condition: 'true', values: [] }
  if ('ids' in which) return { name: 'ids', condition: 'id = ANY($1)', values: [which.ids.map(withoutZero)] }
  if ('tag' in which) return { name: 'tag', condition: 'tags @> ARRAY[$1]::text[]', values: [withoutZero(which.tag)] }
  if ('tenant' in which) return { name: 'tenant', condition: 'tenant = $1', values: [withoutZero(which.tenant)] }
  if ('model' in which) return { name: 'model', condition: 'model = $1', values: [withoutZero(which.model)] }
  return { name: 'partition', condition: 'partition = $1', values: [withoutZero(which.partition)] }
}
