import { StoreFault } from '../store-failure.ts'
import { unitVector } from '../unit-vector.ts'
import type { Limited, Neighbour, Question, Removal, StoreSize, VectorEntry, Wrong } from '../vector-store.ts'
import { EntryIndex } from './entry-index.ts'
import { ENTRY_SCHEMA, EntryRows } from './entry-rows.ts'
import { GuardedDatabase, type GuardedDatabaseOptions } from './guarded-database.ts'

/** What the embedded store does inside its thread: rows in SQLite, their vectors in memory. */
export class EntryDatabase {
  readonly #options: GuardedDatabaseOptions
  #dimensions = 0
  #database: GuardedDatabase<{ rows: EntryRows; index: EntryIndex }> | undefined
  #bytes = 0

  constructor(options: GuardedDatabaseOptions) {
    this.#options = options
  }

  /** Opens the file and reads its vectors; gives the dimensions that it has. */
  open(dimensions: number): number {
    this.#dimensions = dimensions
    this.#database?.close()
    let found = dimensions
    this.#database = new GuardedDatabase(this.#options, {
      schema: ENTRY_SCHEMA,
      begin: database => {
        const rows = new EntryRows(database)
        const index = new EntryIndex(dimensions)
        found = rows.dimensions(dimensions)
        if (found === dimensions) for (const row of rows.indexed()) index.add(row)
        this.#bytes = rows.size().bytes
        return { rows, index }
      },
    })
    if (found !== dimensions) this.close()
    else this.sweep()
    return found
  }

  put(entry: VectorEntry): void {
    const unit = unitVector(entry.vector, this.#dimensions)
    this.#use(({ rows, index }) => {
      const replaced = rows.numbersOf({ ids: [entry.id] })
      this.#bytes -= rows.bytesOf(replaced)
      const number = rows.inTransaction(() => {
        rows.drop(replaced)
        return rows.add(entry, unit)
      })
      index.drop(replaced)
      index.add({ number, partition: entry.partition, expiresAt: entry.expiresAt, vector: unit })
      this.#bytes += rows.bytesOf([number])
    })
    if (this.#bytes > this.#options.limitBytes) this.#makeRoom()
  }

  nearest({ vector, ...question }: Question): Neighbour[] {
    const unit = unitVector(vector, this.#dimensions)
    return this.#use(({ rows, index }) =>
      index.nearest({ ...question, vector: unit }).flatMap(({ number, score }) => {
        const row = rows.found(number)
        return row ? { ...row, score } : []
      }),
    )
  }

  body(id: string): Uint8Array | undefined {
    return this.#use(({ rows }) => rows.body(id, Date.now()))
  }

  remove(which: Removal, dryRun: boolean): number {
    const numbers = this.#use(({ rows }) => rows.numbersOf(which))
    if (!dryRun) this.#drop(numbers)
    return numbers.length
  }

  limit({ tag, at, minimum }: Wrong, dryRun: boolean): Limited {
    const { all, unlimited, again } = this.#use(({ rows }) => rows.limits(tag, at))
    if (dryRun) return { matched: all.length, limited: 0, removed: 0 }
    this.#use(({ rows }) => rows.inTransaction(() => rows.limit(unlimited, minimum)))
    this.#drop(again)
    return { matched: all.length, limited: unlimited.length, removed: again.length }
  }

  /** Removes what expired. */
  sweep(): void {
    this.#drop(this.#use(({ rows }) => rows.expired(Date.now())))
  }

  size(): StoreSize {
    return this.#use(({ rows }) => rows.size())
  }

  close(): void {
    this.#database?.close()
    this.#database = undefined
  }

  /** What expired goes first, then what was neither saved nor served for the longest. */
  #makeRoom(): void {
    this.sweep()
    const excess = this.#bytes - this.#options.limitBytes
    if (excess > 0) this.#drop(this.#use(({ rows }) => rows.leastUsed(excess)))
  }

  #drop(numbers: readonly number[]): void {
    if (numbers.length === 0) return
    this.#use(({ rows, index }) => {
      const bytes = rows.bytesOf(numbers)
      rows.inTransaction(() => rows.drop(numbers))
      index.drop(numbers)
      this.#bytes -= bytes
    })
  }

  #use<T>(work: (opened: { rows: EntryRows; index: EntryIndex }) => T): T {
    if (!this.#database) throw new StoreFault('it is not open')
    return this.#database.use(work)
  }
}

