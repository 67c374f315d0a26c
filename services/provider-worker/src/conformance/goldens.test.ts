import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { FEATURES } from './features/index.ts'
import { goldenOf } from './golden.ts'
import { DIALECT_NAMES } from './shapes.ts'
import { SUBJECTS } from './subjects.ts'

const FOLDER = join(import.meta.dirname, 'goldens')
const UPDATE = process.env.UPDATE_GOLDENS === '1'
/** One for every way in which providers speak, and one whose chat is its own. */
const PROVIDERS = ['openai', 'anthropic', 'gemini', 'mistral']
const CHOSEN = ['text', 'tools', 'parallel tools', 'images', 'JSON schema', 'reasoning', 'refusal', 'error inside a stream', 'cut stream', 'usage']

const cases = SUBJECTS.filter(({ type }) => PROVIDERS.includes(type)).flatMap(subject =>
  DIALECT_NAMES.flatMap(dialect =>
    FEATURES.filter(({ name }) => CHOSEN.includes(name)).map(feature => ({ subject, dialect, feature, file: `${subject.type}/${dialect}/${feature.name.toLowerCase().replaceAll(' ', '-')}.txt` })),
  ),
)

beforeAll(() => {
  if (UPDATE) rmSync(FOLDER, { recursive: true, force: true })
})

test.each(cases)('the bytes are those of $file', ({ subject, dialect, feature, file }) => {
  const golden = goldenOf(subject, dialect, feature)
  const path = join(FOLDER, file)
  if (UPDATE) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, golden)
  }
  expect(golden, 'UPDATE_GOLDENS=1 writes it anew').toBe(readFileSync(path, 'utf8'))
})

test('no file is left of a case that is gone', () => {
  expect(cases).toHaveLength(PROVIDERS.length * DIALECT_NAMES.length * CHOSEN.length)
  expect(globSync('**/*.txt', { cwd: FOLDER }).toSorted()).toEqual(cases.map(({ file }) => file).toSorted())
})
