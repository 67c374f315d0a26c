import { mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** A place that keeps nothing once it is closed. */
export const IN_MEMORY = ':memory:'

const CORRUPT = 11
const NOT_A_DATABASE = 26
const BUSY = 5

/** Whether SQLite says that a file is damaged or none of its own. */
export const isDamage = (thrown: unknown): boolean => [CORRUPT, NOT_A_DATABASE].includes(sqliteCode(thrown))

/** Whether another process, or another store of this one, has the file. */
export const isTaken = (thrown: unknown): boolean => sqliteCode(thrown) === BUSY

const sqliteCode = (thrown: unknown): number => {
  const code = thrown instanceof Error && 'errcode' in thrown ? Number(thrown.errcode) : 0
  // The upper bits only tell more about the same.
  return code & 0xff
}

/** Opens a SQLite file for this process alone, makes what the schema says and checks that the file is whole; throws what `isDamage` and `isTaken` tell apart. */
export function openDatabase(file: string, schema: string): DatabaseSync {
  if (file !== IN_MEMORY) mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  const database = new DatabaseSync(file)
  try {
    // A page holds a vector of 1,536 dimensions. A cache may lose its last writes in a power cut, but not its order.
    database.exec('PRAGMA page_size = 8192; PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
    const check = database.prepare('PRAGMA quick_check(1)').get()
    if (check?.['quick_check'] !== 'ok') throw Object.assign(new Error('the check of the file failed'), { errcode: CORRUPT })
    database.exec(schema)
    return database
  } catch (thrown) {
    database.close()
    throw thrown
  }
}

/** Moves a damaged file out of the way, where somebody may look at it, and says where; an older damaged one goes. */
export function setAside(file: string): string {
  const aside = `${file}.damaged`
  rmSync(aside, { force: true })
  renameSync(file, aside)
  for (const companion of ['-wal', '-shm']) rmSync(`${file}${companion}`, { force: true })
  return aside
}

/** Does all of it or nothing. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    database.exec('COMMIT')
    return result
  } catch (thrown) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw thrown
  }
}
