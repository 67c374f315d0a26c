import type { DatabaseSync } from 'node:sqlite'
import { StoreFault } from '../store-failure.ts'
import { IN_MEMORY, isDamage, isTaken, openDatabase, setAside } from './open-database.ts'

/** Where rows are kept, and up to how many bytes. */
export interface GuardedDatabaseOptions {
  /** A path, or `:memory:`. */
  readonly file: string
  /** What its rows may take; the file itself is a little larger, as deleted pages are used again and not given back. */
  readonly limitBytes: number
  /** Told where a damaged file was put. */
  readonly onDamage: (aside: string) => void
}

/** What is made on an open database, and the tables that this needs. */
export interface Contents<T> {
  readonly schema: string
  readonly begin: (database: DatabaseSync) => T
}

/** A SQLite file that is replaced by a fresh one when it is damaged: what is in it can be had again. */
export class GuardedDatabase<T> {
  readonly #options: GuardedDatabaseOptions
  readonly #contents: Contents<T>
  #database: DatabaseSync
  #opened: T

  constructor(options: GuardedDatabaseOptions, contents: Contents<T>) {
    this.#options = options
    this.#contents = contents
    ;({ database: this.#database, opened: this.#opened } = this.#begin())
  }

  /** Does some work; after damage the file is set aside and the work is done once more, on a fresh one. */
  use<R>(work: (opened: T) => R): R {
    try {
      return work(this.#opened)
    } catch (thrown) {
      if (!isDamage(thrown)) throw thrown
      this.close()
      this.#replace()
      ;({ database: this.#database, opened: this.#opened } = this.#start())
      return work(this.#opened)
    }
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close()
  }

  #begin(): { database: DatabaseSync; opened: T } {
    try {
      return this.#start()
    } catch (thrown) {
      if (isTaken(thrown)) throw new StoreFault(`another instance has the file ${this.#options.file}`)
      if (!isDamage(thrown)) throw thrown
      this.#replace()
      return this.#start()
    }
  }

  #start(): { database: DatabaseSync; opened: T } {
    const database = openDatabase(this.#options.file, this.#contents.schema)
    try {
      return { database, opened: this.#contents.begin(database) }
    } catch (thrown) {
      database.close()
      throw thrown
    }
  }

  #replace(): void {
    if (this.#options.file !== IN_MEMORY) this.#options.onDamage(setAside(this.#options.file))
  }
}
