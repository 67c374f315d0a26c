import { describe, expect, test } from 'vitest'
import { configProblems, placesOf } from './config-problems.ts'
import { WITHOUT_EFFECT } from './gomodel-names.ts'
import { parseConfig } from './parse-config.ts'

const problems = (yaml: string): string[] => configProblems(parseConfig(yaml, 'config.yaml', {}))

describe('an unknown key', () => {
  test.each([
    ['cache: { respnse: {} }', 'cache.respnse is unknown, the nearest is cache.response'],
    ['srever: { port: 1 }', 'srever is unknown, the nearest is server'],
    ['providers: { mine: { api_kye: sk-secret } }', 'providers.mine.api_kye is unknown, the nearest is providers.mine.api_key'],
    ['providers: { mine: { models: [a, { id: b, metdata: {} }] } }', 'providers.mine.models[1].metdata is unknown, the nearest is providers.mine.models[1].metadata'],
    ['aliases: { smart: { targts: [] } }', 'aliases.smart.targts is unknown, the nearest is aliases.smart.targets'],
    ['resilience: { retry: { Max_Retries: 1 } }', 'resilience.retry.Max_Retries is unknown, the nearest is resilience.retry.max_retries'],
    ['master_key: sk-secret', 'master_key is unknown, the nearest is server.master_key'],
    ['quite_something_else: 1', 'quite_something_else is unknown'],
  ])('is refused by its full path with the nearest right one: %s', (yaml, expected) => {
    expect(problems(yaml)).toEqual([expected])
  })

  test('does not hide the next', () => {
    const many = Array.from({ length: 20 }, (_, index) => `unheard_of_${index}: 1`).join('\n')
    expect(problems(many)).toHaveLength(20)
  })
})

test.each([
  ['server: 8080', 'server must be a section'],
  ['server: { port: [1] }', 'server.port must be a single value'],
  ['providers: [openai]', 'providers must be a section'],
  ['providers: { a: { models: { id: x } } }', 'providers.a.models must be a single value or a list'],
  ['aliases: { a: { targets: x } }', 'aliases.a.targets must be a list'],
  ['fallback: { rules: { a: { b: c } } }', 'fallback.rules.a must be a single value or a list'],
])('what is of the wrong kind is refused by its place: %s', (yaml, expected) => {
  expect(problems(yaml)).toEqual([expected])
})

test('sections of which every line is a comment are nothing', () => {
  expect(problems('server:\nproviders:\n  openai:\naliases:\ncache:\n  response:\n')).toEqual([])
})

test('every place that has no effect may be there, with anything in it', () => {
  const places = WITHOUT_EFFECT.flatMap(({ yaml }) => yaml ?? [])
  expect(places.length).toBeGreaterThan(100)
  expect(placesOf()).toEqual(expect.arrayContaining(places))
  for (const place of places) {
    const keys = place.split('.').map(key => (key === '*' ? 'any' : key))
    const value = keys.reduceRight<unknown>((below, key) => ({ [key]: below }), [{ anything: 'at all' }])
    expect(configProblems(value as Record<string, unknown>), place).toEqual([])
  }
})
