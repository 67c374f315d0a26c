import { ListeningClock } from '@gomodel/bus'
import { GatewayError, type announced, type EventOf } from '@gomodel/contracts'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { Catalog } from './catalog.ts'

type Announcement = EventOf<typeof announced>

describe('the catalog', () => {
  let clock: ListeningClock
  let catalog: Catalog
  let now = 0

  beforeEach(() => {
    vi.spyOn(performance, 'now').mockImplementation(() => now)
    clock = new ListeningClock(1_000_000)
    catalog = new Catalog(clock)
    return () => vi.restoreAllMocks()
  })

  const pass = (ms: number) => {
    now += ms
    clock.tick()
    catalog.expire()
  }
  const say = (instance: string, models: string[], more: Partial<Announcement> = {}) =>
    catalog.heard({ instance, worker: `${instance}-1`, rank: 0, models: models.map(id => ({ id, created: 1, ownedBy: 'x' })), breaker: 'closed', leaving: false, ...more })
  const refusal = (name: string) => {
    try {
      catalog.requireServed(catalog.resolve(name))
    } catch (thrown) {
      return GatewayError.from(thrown)
    }
    throw new Error('it was resolved')
  }

  test('knows a model by its qualified and by its bare name', () => {
    say('openai', ['gpt', 'vendor/slashed'])
    for (const name of ['openai/gpt', 'gpt']) expect(catalog.resolve(name)).toEqual({ instance: 'openai', model: 'gpt' })
    for (const name of ['openai/vendor/slashed', 'vendor/slashed']) expect(catalog.resolve(name)).toEqual({ instance: 'openai', model: 'vendor/slashed' })
    expect([...catalog.models.keys()]).toEqual(['openai/gpt', 'openai/vendor/slashed'])
  })

  test('takes a bare name for the first configured instance that lists it', () => {
    say('openai-west', ['gpt', 'only-west'], { rank: 2 })
    say('openai-east', ['gpt'], { rank: 1 })
    expect(catalog.resolve('gpt').instance).toBe('openai-east')
    expect(catalog.resolve('only-west').instance).toBe('openai-west')
    expect(catalog.resolve('openai-west/gpt').instance).toBe('openai-west')
  })

  test('refuses a model that its instance does not list, with near names', () => {
    say('openai', ['gpt-4o', 'gpt-4o-mini'])
    expect(refusal('gpt-4p')).toMatchObject({ code: 'model_not_found', status: 404, message: expect.stringContaining('near names: gpt-4o') })
    expect(refusal('openai/nothing-like-it')).toMatchObject({ code: 'model_not_found' })
    for (const name of ['GPT-4O', 'OpenAI/GPT-4o']) expect(refusal(name).message, name).toContain('near names: ')
    expect(refusal('GPT-4O-MINI').message).toContain('near names: gpt-4o-mini')
    expect(refusal('zzzzzzzzzzzzzzzz').message).not.toContain('near names')
  })

  test('lets a silent worker go, and answers for its models with "later" for ten minutes', () => {
    say('openai', ['gpt'])
    pass(1000)
    expect(catalog.instances).toEqual(['openai'])
    pass(1000)
    expect(catalog.instances).toEqual([])
    expect(catalog.models.size).toBe(0)
    expect(catalog.resolve('gpt')).toEqual({ instance: 'openai', model: 'gpt' })
    for (const name of ['gpt', 'openai/gpt']) expect(refusal(name)).toMatchObject({ code: 'unavailable', details: { retryAfterMs: 2000 } })
    for (let minute = 0; minute < 11; minute++) pass(60_000)
    expect(refusal('gpt')).toMatchObject({ code: 'model_not_found' })
  })

  test('lets a leaving worker go at once and keeps the model that another one serves', () => {
    say('openai', ['gpt'])
    say('openai', ['gpt'], { worker: 'openai-2' })
    say('openai', ['gpt'], { leaving: true })
    expect(catalog.resolve('gpt').instance).toBe('openai')
    say('openai', ['gpt'], { worker: 'openai-2', leaving: true })
    expect(refusal('gpt')).toMatchObject({ code: 'unavailable' })
  })

  test('refuses while every worker of the instance has its circuit open, with the shortest wait', () => {
    say('openai', ['gpt'], { breaker: 'open', retryAfterMs: 9000 })
    say('openai', ['gpt'], { worker: 'openai-2', breaker: 'open', retryAfterMs: 4000 })
    expect(refusal('gpt')).toMatchObject({ code: 'circuit_open', status: 503, details: { retryAfterMs: 4000 } })
    say('openai', ['gpt'], { breaker: 'half_open' })
    expect(() => catalog.requireServed(catalog.resolve('gpt'))).not.toThrow()
  })
})
