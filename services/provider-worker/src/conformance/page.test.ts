import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { ROWS } from '../providers/rows.ts'
import { matrix } from './matrix.ts'
import { pageOf } from './page.ts'
import { DIALECT_NAMES } from './shapes.ts'

const root = resolve(import.meta.dirname, '../../../..')
const PAGE = resolve(root, 'docs/conformance.md')
const RESULTS = resolve(root, '.results/conformance.json')

test('the page of the documentation says what the adapters do', () => {
  const found = matrix()
  mkdirSync(dirname(RESULTS), { recursive: true })
  writeFileSync(RESULTS, JSON.stringify(found, undefined, 1))
  const page = pageOf(found)
  if (process.env.UPDATE_GOLDENS === '1') writeFileSync(PAGE, page)
  expect(page, 'UPDATE_GOLDENS=1 writes it anew').toBe(readFileSync(PAGE, 'utf8'))
})

test('the matrix has all providers, dialects and features, and most of it works', () => {
  const { features, dialects } = matrix()
  const cells = dialects.flatMap(({ rows }) => rows.flatMap(row => row.cells))
  expect(ROWS.length).toBeGreaterThan(10)
  expect(features.length).toBeGreaterThan(20)
  expect(cells).toHaveLength(DIALECT_NAMES.length * ROWS.length * features.length)
  expect(cells.filter(({ verdict }) => verdict === 'pass' || verdict === 'translated').length).toBeGreaterThan(800)
  expect(cells.filter(({ verdict, notes }) => (verdict === 'changed' || verdict === 'refused') && notes.length === 0)).toEqual([])
})
