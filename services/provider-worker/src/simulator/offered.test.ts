import { DEFAULT_CONFIG, readSettings } from '@gomodel/service'
import { describe, expect, test } from 'vitest'
import { settings, workerSettings } from '../settings.ts'

function servedWith(environment: Record<string, string>): string[] {
  const { instances } = workerSettings({ settings: readSettings(settings, environment), environment, config: DEFAULT_CONFIG })
  return instances.map(({ name }) => name)
}

const KEY = { OPENAI_API_KEY: 'sk-1' }
const ON = { SIMULATOR_ENABLED: 'true' }
const OFF = { SIMULATOR_ENABLED: 'false' }
const only = (names: string) => ({ PROVIDER_INSTANCES: names })
const except = (names: string) => ({ PROVIDER_INSTANCES_EXCEPT: names })

describe('the simulator among the instances', () => {
  test.each([
    [{}, ['simulator']],
    [{ SIMULATOR_ENABLED: '' }, ['simulator']],
    [{ OPENAI_API_KEY: ' ' }, ['simulator']],
    [ON, ['simulator']],
    [OFF, []],
    [{ GROQ_API_KEY: 'no key' }, []],
    [KEY, ['openai']],
    [{ ...KEY, ...ON }, ['openai', 'simulator']],
    [{ ...KEY, ...OFF }, ['openai']],
    [only('simulator'), ['simulator']],
    [{ ...ON, ...only('simulator') }, ['simulator']],
    [{ ...KEY, ...ON, ...only('simulator') }, ['simulator']],
    [{ ...KEY, ...ON, ...only('openai') }, ['openai']],
    [{ ...KEY, ...ON, ...only('simulator,openai') }, ['openai', 'simulator']],
    [except('simulator'), []],
    [except('openai'), ['simulator']],
    [{ ...KEY, ...ON, ...except('simulator') }, ['openai']],
    [{ ...KEY, ...except('openai') }, []],
  ])('with %j are %j', (environment, names) => {
    expect(servedWith(environment)).toEqual(names)
  })

  test.each([
    [only('openai'), 'PROVIDER_INSTANCES names openai, but configured are none'],
    [{ ...ON, ...only('openai') }, 'PROVIDER_INSTANCES names openai, but configured are none'],
    [{ ...ON, ...only('openai,simulator') }, 'PROVIDER_INSTANCES names openai, but configured are simulator'],
    [{ ...OFF, ...only('simulator') }, 'PROVIDER_INSTANCES names simulator, which takes SIMULATOR_ENABLED=true'],
    [{ ...KEY, ...only('simulator') }, 'PROVIDER_INSTANCES names simulator, which takes SIMULATOR_ENABLED=true'],
    [{ SIMULATOR_ENABLED: 'perhaps' }, 'SIMULATOR_ENABLED must be true or false'],
    [{ SIMULATOR_TOKENS_PER_SECOND: '-1' }, 'SIMULATOR_TOKENS_PER_SECOND must be'],
  ])('with %j are refused: %s', (environment, problem) => {
    expect(() => servedWith(environment)).toThrow(problem)
  })

  test('comes after all others, and has its models without being asked', () => {
    const environment = { ...KEY, ...ON, OPENAI_EAST_API_KEY: 'sk-2' }
    const { instances } = workerSettings({ settings: readSettings(settings, environment), environment, config: DEFAULT_CONFIG })
    expect(instances.at(-1)).toMatchObject({ name: 'simulator', type: 'simulator', rank: 2, apiKey: undefined })
    expect(instances.at(-1)?.models).toContain('simulated-chat')
  })
})
