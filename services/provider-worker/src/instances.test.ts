import { describe, expect, test } from 'vitest'
import { chosen, instancesFrom } from './instances.ts'

const KEY = 'sk-1'

function problemOf(environment: Record<string, string>): string {
  try {
    return `no problem: ${JSON.stringify(instancesFrom(environment))}`
  } catch (thrown) {
    return String(thrown)
  }
}

describe('instances of the environment', () => {
  test('a key makes one at the provider’s own address', () => {
    expect(instancesFrom({ OPENAI_API_KEY: KEY, PATH: '/bin' })).toEqual([
      { name: 'openai', type: 'openai', apiKey: KEY, baseUrl: 'https://api.openai.com/v1', models: [], rank: 0 },
    ])
  })

  test('a base URL makes one without a key, and loses the slashes at its end', () => {
    expect(instancesFrom({ OPENAI_BASE_URL: 'http://localhost:8000/v1//' })).toEqual([
      { name: 'openai', type: 'openai', apiKey: undefined, baseUrl: 'http://localhost:8000/v1', models: [], rank: 0 },
    ])
  })

  test('a suffix makes a second one, and ranks follow the names', () => {
    const instances = instancesFrom({
      OPENAI_WEST_API_KEY: KEY,
      OPENAI_EU_NORTH_2_BASE_URL: 'https://eu.example/v1',
      OPENAI_EU_NORTH_2_MODELS: 'a, b,,a',
      OPENAI_API_KEY: KEY,
    })
    expect(instances.map(({ name, rank, models }) => [name, rank, models])).toEqual([
      ['openai', 0, []],
      ['openai-eu-north-2', 1, ['a', 'b']],
      ['openai-west', 2, []],
    ])
  })

  test('the field is read from the right, so a suffix may sound like one', () => {
    expect(instancesFrom({ OPENAI_MODELS_API_KEY: KEY, OPENAI_BASE_API_KEY: KEY }).map(({ name }) => name)).toEqual(['openai-base', 'openai-models'])
  })

  test('empty, blank and unresolved values count as absent, and models alone make nothing', () => {
    expect(instancesFrom({ OPENAI_API_KEY: ' ', OPENAI_BASE_URL: '', OPENAI_X_API_KEY: '${SECRET}', OPENAI_Y_MODELS: 'a', OPENAI_ORGANIZATION: 'o' })).toEqual([])
  })

  test.each(['OPENAI__API_KEY', 'OPENAI__EAST_API_KEY', 'OPENAI_EAST__API_KEY', 'OPENAI_A__B_API_KEY'])('%s is refused by its name', variable => {
    expect(() => instancesFrom({ [variable]: KEY })).toThrow(variable)
  })

  test.each(['ftp://x', 'localhost:8000', 'not a url', 'http://user:secret@host/v1', 'http://host/v1?key=secret'])('the base URL %s is refused without being repeated', url => {
    const problem = problemOf({ OPENAI_EAST_BASE_URL: url })
    expect(problem).toContain('OPENAI_EAST_BASE_URL must be')
    expect(problem).not.toContain(url)
  })

  test('a key that no header can carry is refused without being repeated', () => {
    const problem = problemOf({ OPENAI_API_KEY: 'sk\nsecret' })
    expect(problem).toContain('OPENAI_API_KEY must be')
    expect(problem).not.toContain('secret')
  })

  test('all that is wrong is told at once', () => {
    expect(problemOf({ OPENAI_BASE_URL: 'x', OPENAI_EAST_BASE_URL: 'y', OPENAI__API_KEY: KEY })).toMatch(/OPENAI__API_KEY.*OPENAI_BASE_URL.*OPENAI_EAST_BASE_URL/)
  })
})

describe('the instances of one process', () => {
  const instances = instancesFrom({ OPENAI_API_KEY: KEY, OPENAI_EAST_API_KEY: KEY, OPENAI_WEST_API_KEY: KEY })
  const names = (only: string[], except: string[]): string[] => chosen(instances, only, except).map(({ name }) => name)

  test('are all, those named, or those not excepted', () => {
    expect(names([], [])).toEqual(['openai', 'openai-east', 'openai-west'])
    expect(names(['openai-west', 'openai'], [])).toEqual(['openai', 'openai-west'])
    expect(names([], ['openai', 'elsewhere'])).toEqual(['openai-east', 'openai-west'])
  })

  test('keep the rank that they have among all', () => {
    expect(chosen(instances, ['openai-west'], [])[0]?.rank).toBe(2)
  })

  test('a name that is not configured is refused with those that are', () => {
    expect(() => names(['openai-norht'], [])).toThrow('openai-norht, but configured are openai, openai-east, openai-west')
  })
})
