import { ListeningClock } from '@gomodel/bus'
import { GatewayError } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { Catalog } from '../catalog.ts'
import { Router, type Routing } from './router.ts'

const NOTHING: Routing = { aliases: new Map(), fallback: { mode: 'manual', rules: new Map(), overrides: new Map() } }

function catalogOf(instances: Record<string, string[]>, broken: readonly string[] = []): Catalog {
  const catalog = new Catalog(new ListeningClock(1_000_000))
  for (const [rank, [instance, models]] of Object.entries(instances).entries()) {
    catalog.heard({ instance, worker: `${instance}-1`, rank, models: models.map(id => ({ id, created: 1, ownedBy: 'x' })), breaker: broken.includes(instance) ? 'open' : 'closed', leaving: false })
  }
  return catalog
}

const catalog = catalogOf({ openai: ['gpt', 'small'], anthropic: ['claude'], 'openai-east': ['gpt'], openrouter: ['openrouter/auto'] })
const namesOf = (candidates: readonly { instance: string; model: string }[]) => candidates.map(({ instance, model }) => `${instance}/${model}`)
const aliases = (more: Record<string, { targets: { model: string; weight: number }[]; fallback?: string[] }>) =>
  new Map(Object.entries(more).map(([name, { targets, fallback = [] }]) => [name, { targets, fallback }]))
const codeOf = (act: () => unknown) => {
  try {
    act()
  } catch (thrown) {
    return GatewayError.from(thrown).code
  }
  return undefined
}

describe('a model name', () => {
  test('means one place where nothing else is said, slashes of the provider’s own included', () => {
    const router = new Router(catalog, NOTHING)
    expect(router.resolve('gpt')).toEqual({ logical: { instance: 'openai', model: 'gpt' }, candidates: [{ instance: 'openai', model: 'gpt', weight: 1, fallback: false }] })
    expect(namesOf(router.resolve('openrouter/auto').candidates)).toEqual(['openrouter/openrouter/auto'])
    expect(codeOf(() => router.resolve('nobody'))).toBe('model_not_found')
  })

  test('has the fallbacks that the rules name, by any of its names, without those that do not exist', () => {
    const rules = new Map([['openai/gpt', ['anthropic/claude', 'nowhere/x', 'gpt', 'openai-east/gpt']]])
    const router = new Router(catalog, { ...NOTHING, fallback: { mode: 'manual', rules, overrides: new Map([['small', 'off']]) } })
    const { candidates } = router.resolve('gpt')
    expect(namesOf(candidates)).toEqual(['openai/gpt', 'anthropic/claude', 'openai-east/gpt'])
    expect(candidates.map(({ fallback }) => fallback)).toEqual([false, true, true])
  })

  test('falls back to the same model elsewhere in mode auto, and to nothing when that is off for it', () => {
    const fallback: Routing['fallback'] = { mode: 'auto', rules: new Map([['gpt', ['claude']]]), overrides: new Map([['openai-east/gpt', 'off' as const]]) }
    const router = new Router(catalog, { ...NOTHING, fallback })
    expect(namesOf(router.resolve('gpt').candidates)).toEqual(['openai/gpt', 'anthropic/claude', 'openai-east/gpt'])
    expect(namesOf(router.resolve('openai-east/gpt').candidates)).toEqual(['openai-east/gpt'])
  })
})

describe('an alias', () => {
  const routing: Routing = { ...NOTHING, aliases: aliases({ fast: { targets: [{ model: 'gpt', weight: 3 }, { model: 'anthropic/claude', weight: 1 }], fallback: ['small'] }, gpt: { targets: [{ model: 'claude', weight: 1 }] }, dead: { targets: [{ model: 'gone', weight: 1 }] } }) }

  test('stands before a model of its name', () => {
    expect(namesOf(new Router(catalog, routing).resolve('gpt').candidates)).toEqual(['anthropic/claude'])
  })

  test('is one thing to a cache whichever target answers, and another when its targets change', () => {
    const router = new Router(catalog, routing)
    const { logical } = router.resolve('fast')
    expect(router.resolve('fast').logical).toEqual(logical)
    router.configure({ ...routing, aliases: aliases({ fast: { targets: [{ model: 'claude', weight: 1 }] } }) })
    expect(router.resolve('fast').logical).not.toEqual(logical)
    expect(namesOf(router.resolve('fast').candidates)).toEqual(['anthropic/claude'])
  })

  test('gives its targets their shares', () => {
    let seed = 1
    const random = () => ((seed = (seed * 48271) % 2147483647) - 1) / 2147483646
    const router = new Router(catalog, routing, random)
    const route = router.resolve('fast')
    const firsts = Array.from({ length: 4000 }, () => router.inOrder(route)[0]!.instance)
    expect(firsts.filter(instance => instance === 'openai').length / 4000).toBeCloseTo(0.75, 1)
    expect(namesOf(router.inOrder(route)).at(-1)).toBe('openai/small')
  })

  test('asks the less busy of its targets', () => {
    const even: Routing = { ...NOTHING, aliases: aliases({ any: { targets: [{ model: 'openai/gpt', weight: 1 }, { model: 'openai-east/gpt', weight: 1 }] } }) }
    const router = new Router(catalog, even)
    const route = router.resolve('any')
    const counts = new Map<string, number>()
    for (let i = 0; i < 200; i++) {
      const chosen = router.inOrder(route)[0]!
      router.busy(chosen)
      counts.set(chosen.instance, (counts.get(chosen.instance) ?? 0) + 1)
    }
    expect(Math.abs(counts.get('openai')! - counts.get('openai-east')!)).toBeLessThan(20)
  })

  test('passes over a target whose circuit is open as long as another is served', () => {
    const router = new Router(catalogOf({ openai: ['gpt'], anthropic: ['claude'] }, ['openai']), routing)
    for (let i = 0; i < 20; i++) expect(namesOf(router.inOrder(router.resolve('fast')))).toEqual(['anthropic/claude', 'openai/gpt'])
  })

  test('without a target that exists is not found, and says what it stands for', () => {
    expect(() => new Router(catalog, routing).resolve('dead')).toThrow(/gone/)
  })
})

test('a request that is over counts no more, however often its end is told', () => {
  const picks = [0.1, 0.6]
  const router = new Router(catalog, { ...NOTHING, aliases: aliases({ any: { targets: [{ model: 'openai/gpt', weight: 1 }, { model: 'anthropic/claude', weight: 1 }] } }) }, () => {
    const next = picks.shift()!
    picks.push(next)
    return next
  })
  const first = () => router.inOrder(router.resolve('any'))[0]!.instance
  const over = router.busy({ instance: 'openai', model: 'gpt' })
  router.busy({ instance: 'openai', model: 'gpt' })
  over()
  over()
  expect(first()).toBe('anthropic')
})
