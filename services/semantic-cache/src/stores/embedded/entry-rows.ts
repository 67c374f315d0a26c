import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Removal, VectorEntry } from '../vector-store.ts'
import { inTransaction } from './open-database.ts'

/** The part of an entry that the search in memory needs. */
export interface IndexedRow {
  readonly number: number
  readonly partition: string
  readonly expiresAt: number
  readonly vector: Float32Array
}

/** The part of an entry that is given back with a find. */
export interface FoundRow extends Pick<VectorEntry, 'id' | 'text' | 'meta' | 'storedAt' | 'expiresAt' | 'tenant'> {
  readonly minimum: number
}

export const ENTRY_SCHEMA = `
  CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS entries (
    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, partition TEXT NOT NULL, tenant TEXT NOT NULL, model TEXT NOT NULL, text TEXT NOT NULL, meta TEXT NOT NULL,
    storedAt INTEGER NOT NULL, expiresAt INTEGER NOT NULL, usedAt INTEGER NOT NULL, bytes INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS entries_partition ON entries (partition);
  CREATE INDEX IF NOT EXISTS entries_tenant ON entries (tenant);
  CREATE INDEX IF NOT EXISTS entries_model ON entries (model);
  CREATE INDEX IF NOT EXISTS entries_expiry ON entries (expiresAt);
  CREATE INDEX IF NOT EXISTS entries_use ON entries (usedAt);
  CREATE TABLE IF NOT EXISTS vectors (number INTEGER PRIMARY KEY, vector BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS bodies (number INTEGER PRIMARY KEY, body BLOB NOT NULL);
  CREATE TABLE IF NOT EXISTS limits (number INTEGER PRIMARY KEY, minimum REAL NOT NULL);
  CREATE TABLE IF NOT EXISTS tags (tag TEXT, number INTEGER, PRIMARY KEY (tag, number)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS tags_number ON tags (number);`

/** What an entry takes beside its texts, vector and body: rows of the indexes and places in memory. */
export const ROW_OVERHEAD_BYTES = 512

/** The vector counts for the file and for memory, its code for a byte a dimension. */
const sizeOf = (entry: VectorEntry): number =>
  ROW_OVERHEAD_BYTES + entry.vector.byteLength * 2 + entry.vector.length + entry.body.length + Buffer.byteLength(entry.text) + entry.meta.length + entry.tags.join('').length

/** The rows of the embedded store: entries with their tags, vectors and bodies, each under a number of its own. */
export class EntryRows {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  /** The dimensions that were noted first. */
  dimensions(wanted: number): number {
    this.#run("INSERT OR IGNORE INTO about VALUES ('dimensions', ?)", wanted)
    return Number(this.#get("SELECT value FROM about WHERE name = 'dimensions'")?.['value'])
  }

  /** Every entry with its vector, for the index in memory. */
  *indexed(): Generator<IndexedRow> {
    for (const row of this.#statement('SELECT number, partition, expiresAt, vector FROM entries JOIN vectors USING (number)').iterate()) {
      const blob = row['vector'] as Uint8Array
      const vector = new Float32Array(blob.buffer.slice(blob.byteOffset, blob.byteOffset + blob.byteLength))
      yield { number: Number(row['number']), partition: String(row['partition']), expiresAt: Number(row['expiresAt']), vector }
    }
  }

  /** Writes an entry whose id is not there, with its vector at length 1, and gives its number. */
  add(entry: VectorEntry, unit: Float32Array): number {
    const { id, partition, tenant, model, text, meta, storedAt, expiresAt } = entry
    const values = [id, partition, tenant, model, text, meta, storedAt, expiresAt, storedAt, sizeOf(entry)]
    const { lastInsertRowid } = this.#run(
      'INSERT INTO entries (id, partition, tenant, model, text, meta, storedAt, expiresAt, usedAt, bytes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      ...values,
    )
    const number = Number(lastInsertRowid)
    this.#run('INSERT INTO vectors VALUES (?, ?)', number, new Uint8Array(unit.buffer, unit.byteOffset, unit.byteLength))
    this.#run('INSERT INTO bodies VALUES (?, ?)', number, entry.body)
    for (const tag of new Set(entry.tags)) this.#run('INSERT INTO tags VALUES (?, ?)', tag, number)
    return number
  }

  found(number: number): FoundRow | undefined {
    return this.#get('SELECT id, text, meta, storedAt, expiresAt, tenant, coalesce(minimum, 0) AS minimum FROM entries LEFT JOIN limits USING (number) WHERE number = ?', number) as FoundRow | undefined
  }

  /** The body of an entry, which is used by that. */
  body(id: string, now: number): Uint8Array | undefined {
    const row = this.#get('SELECT number, body FROM entries JOIN bodies USING (number) WHERE id = ?', id)
    if (row) this.#run('UPDATE entries SET usedAt = max(usedAt, ?) WHERE number = ?', now, Number(row['number']))
    return row?.['body'] as Uint8Array | undefined
  }

  numbersOf(which: Removal): number[] {
    if ('everything' in which) return this.#numbers('SELECT number FROM entries')
    if ('ids' in which) return [...new Set(which.ids)].flatMap(id => this.#numbers('SELECT number FROM entries WHERE id = ?', id))
    if ('tag' in which) return this.#numbers('SELECT number FROM tags WHERE tag = ?', which.tag)
    if ('tenant' in which) return this.#numbers('SELECT number FROM entries WHERE tenant = ?', which.tenant)
    if ('model' in which) return this.#numbers('SELECT number FROM entries WHERE model = ?', which.model)
    return this.#numbers('SELECT number FROM entries WHERE partition = ?', which.partition)
  }

  /** The entries with a tag; of these those without a minimum, and those whose minimum is not above a similarity. */
  limits(tag: string, similarity: number): { all: number[]; unlimited: number[]; again: number[] } {
    return {
      all: this.numbersOf({ tag }),
      unlimited: this.#numbers('SELECT number FROM tags WHERE tag = ? AND number NOT IN (SELECT number FROM limits)', tag),
      again: this.#numbers('SELECT number FROM tags JOIN limits USING (number) WHERE tag = ? AND minimum <= ?', tag, similarity),
    }
  }

  limit(numbers: readonly number[], minimum: number): void {
    for (const number of numbers) this.#run('INSERT INTO limits VALUES (?, ?)', number, minimum)
  }

  expired(now: number): number[] {
    return this.#numbers('SELECT number FROM entries WHERE expiresAt <= ?', now)
  }

  /** The entries to give up first, until so many bytes are free. */
  leastUsed(bytes: number): number[] {
    const numbers: number[] = []
    let free = 0
    for (const row of this.#statement('SELECT number, bytes FROM entries ORDER BY usedAt, number').iterate()) {
      if (free >= bytes) break
      free += Number(row['bytes'])
      numbers.push(Number(row['number']))
    }
    return numbers
  }

  drop(numbers: readonly number[]): void {
    for (const number of numbers) {
      for (const table of ['entries', 'vectors', 'bodies', 'limits', 'tags']) this.#run(`DELETE FROM ${table} WHERE number = ?`, number)
    }
  }

  bytesOf(numbers: readonly number[]): number {
    return numbers.reduce((sum, number) => sum + Number(this.#get('SELECT bytes FROM entries WHERE number = ?', number)?.['bytes'] ?? 0), 0)
  }

  size(): { entries: number; bytes: number } {
    const row = this.#get('SELECT count(*) AS entries, coalesce(sum(bytes), 0) AS bytes FROM entries')
    return { entries: Number(row?.['entries']), bytes: Number(row?.['bytes']) }
  }

  inTransaction<T>(work: () => T): T {
    return inTransaction(this.#database, work)
  }

  #statement(text: string): StatementSync {
    const known = this.#statements.get(text)
    if (known) return known
    const made = this.#database.prepare(text)
    this.#statements.set(text, made)
    return made
  }

  #get(text: string, ...values: (string | number)[]): Record<string, unknown> | undefined {
    return this.#statement(text).get(...values)
  }

  #run(text: string, ...values: (string | number | Uint8Array)[]): { lastInsertRowid: number | bigint } {
    return this.#statement(text).run(...values)
  }

  #numbers(text: string, ...values: (string | number)[]): number[] {
    return this.#statement(text).all(...values).map(row => Number(row['number']))
  }
}
