import type { DatabaseSync } from 'node:sqlite'
import { GuardedDatabase, type GuardedDatabaseOptions } from '../embedded/guarded-database.ts'
import { inTransaction } from '../embedded/open-database.ts'
import type { StoreSize } from '../vector-store.ts'

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS bodies (id TEXT PRIMARY KEY, expiresAt INTEGER NOT NULL, usedAt INTEGER NOT NULL, bytes INTEGER NOT NULL, body BLOB NOT NULL);
  CREATE INDEX IF NOT EXISTS bodies_expiry ON bodies (expiresAt);
  CREATE INDEX IF NOT EXISTS bodies_use ON bodies (usedAt, bytes);`

const ROW_OVERHEAD_BYTES = 256

/** What the store of bodies does inside its thread. */
export class BodyDatabase {
  readonly #limitBytes: number
  readonly #database: GuardedDatabase<DatabaseSync>
  #bytes = 0

  constructor(options: GuardedDatabaseOptions) {
    this.#limitBytes = options.limitBytes
    this.#database = new GuardedDatabase(options, {
      schema: SCHEMA,
      begin: database => {
        this.#bytes = sizeOf(database).bytes
        return database
      },
    })
    this.sweep()
  }

  put(id: string, body: Uint8Array, expiresAt: number): void {
    this.remove([id])
    const bytes = ROW_OVERHEAD_BYTES + body.length
    this.#database.use(database => database.prepare('INSERT INTO bodies VALUES (?, ?, ?, ?, ?)').run(id, expiresAt, Date.now(), bytes, body))
    this.#bytes += bytes
    if (this.#bytes > this.#limitBytes) this.#makeRoom()
  }

  get(id: string): Uint8Array | undefined {
    return this.#database.use(database => {
      const row = database.prepare('SELECT body FROM bodies WHERE id = ?').get(id)
      if (row) database.prepare('UPDATE bodies SET usedAt = ? WHERE id = ?').run(Date.now(), id)
      return row?.['body'] as Uint8Array | undefined
    })
  }

  remove(ids: readonly string[]): void {
    this.#database.use(database => {
      const gone = database.prepare('DELETE FROM bodies WHERE id = ? RETURNING bytes')
      inTransaction(database, () => {
        for (const id of ids) this.#bytes -= Number(gone.get(id)?.['bytes'] ?? 0)
      })
    })
  }

  sweep(): void {
    this.#database.use(database => database.prepare('DELETE FROM bodies WHERE expiresAt <= ?').run(Date.now()))
    this.#bytes = this.size().bytes
  }

  size(): StoreSize {
    return this.#database.use(sizeOf)
  }

  close(): void {
    this.#database.close()
  }

  #makeRoom(): void {
    this.sweep()
    const leaving: string[] = []
    let excess = this.#bytes - this.#limitBytes
    this.#database.use(database => {
      for (const row of database.prepare('SELECT id, bytes FROM bodies ORDER BY usedAt, bytes').iterate()) {
        if (excess <= 0) break
        excess -= Number(row['bytes'])
        leaving.push(String(row['id']))
      }
    })
    this.remove(leaving)
  }
}

function sizeOf(database: DatabaseSync): StoreSize {
  const row = database.prepare('SELECT count(*) AS entries, coalesce(sum(bytes), 0) AS bytes FROM bodies').get()
  return { entries: Number(row?.['entries']), bytes: Number(row?.['bytes']) }
}
