import { readFileSync } from 'node:fs'
import { prefixOf, ROWS } from '@gomodel/provider-worker'
import { OTHER_TYPES, placesOf, TYPES, WITHOUT_EFFECT } from '@gomodel/service'
import { describe, expect, test } from 'vitest'
import { configurationReference } from './configuration-reference.ts'
import { SETTING_GROUPS } from './setting-groups.ts'

// Some are read by several services.
const settings = [...new Set(SETTING_GROUPS.flatMap(group => group.settings))]
const variables = settings.flatMap(({ env, also }) => [env, ...(also?.env ? [also.env] : [])])
const places = settings.flatMap(({ yaml, also }) => [...(yaml ? [yaml] : []), ...(also?.yaml ? [also.yaml] : [])])

test('the configuration page is what the settings say (npm run docs writes it anew)', () => {
  expect(readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8')).toBe(configurationReference())
})

describe('the names of the configuration', () => {
  test('stand at one place each, and every setting but the file itself has one', () => {
    expect(new Set(places).size).toBe(places.length)
    expect(settings.filter(({ yaml }) => yaml === undefined).map(({ env }) => env)).toEqual(['CONFIG_FILE'])
  })

  test('that have an effect are places that the file may have, and none is said to have no effect', () => {
    expect(placesOf()).toEqual(expect.arrayContaining(places))
    const idle = WITHOUT_EFFECT.flatMap(({ env, yaml }) => [env, yaml])
    expect([...variables, ...places].filter(name => idle.includes(name))).toEqual([])
  })

  test('of providers know which types are served', () => {
    const served = ROWS.map(prefixOf)
    expect(TYPES.filter(type => !served.includes(type))).toEqual([])
    expect(OTHER_TYPES.filter(type => served.includes(type))).toEqual([])
  })
})
