import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { GuardedDatabase } from './guarded-database.ts'

async function opened() {
  const folder = await mkdtemp(join(tmpdir(), 'gomodel-guarded-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const aside: string[] = []
  const options = { file: join(folder, 'file.sqlite'), limitBytes: 1, onDamage: (where: string) => void aside.push(where) }
  const database = new GuardedDatabase<DatabaseSync>(options, { schema: 'CREATE TABLE IF NOT EXISTS t (x)', begin: made => made })
  onTestFinished(() => database.close())
  return { folder, aside, database }
}

const rows = (database: DatabaseSync) => database.prepare('SELECT count(*) AS n FROM t').get()?.['n']

/** Work that meets what SQLite says of a damaged page, the first time that it is done. */
function meetingDamage(): (database: DatabaseSync) => unknown {
  let met = false
  return database => {
    if (met) return rows(database)
    met = true
    throw Object.assign(new Error('database disk image is malformed'), { errcode: 267 })
  }
}

test('damage that is found while a file is used has it set aside, and the work is done on a fresh one', async () => {
  const { folder, aside, database } = await opened()
  database.use(made => made.exec('INSERT INTO t VALUES (1)'))
  expect(database.use(rows)).toBe(1)
  expect(database.use(meetingDamage())).toBe(0)
  expect(aside).toEqual([join(folder, 'file.sqlite.damaged')])
  expect((await readdir(folder)).filter(name => !name.endsWith('-wal'))).toEqual(['file.sqlite', 'file.sqlite.damaged'])
})

test('what is no damage is thrown, and the file stays', async () => {
  const { aside, database } = await opened()
  database.use(made => made.exec('INSERT INTO t VALUES (1)'))
  expect(() => database.use(made => made.exec('SELECT * FROM nowhere'))).toThrow(/no such table/)
  expect(database.use(rows)).toBe(1)
  expect(aside).toEqual([])
})
