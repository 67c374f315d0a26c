import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { configurationReference } from './configuration-reference.ts'

test('the configuration page is what the settings say (npm run docs writes it anew)', () => {
  expect(readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')).toBe(configurationReference())
})
