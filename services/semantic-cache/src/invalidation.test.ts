import { cacheInvalidated, type CacheOrigin, type CacheSelection, semanticInvalidate, semanticLookup, semanticStore } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { ANSWER, PARTITION, startCache, type StartedCache } from './fixtures/service.ts'

const TEXTS = ['first', 'second', 'third'] as const
const DIRECTIONS: Readonly<Record<string, readonly number[]>> = { first: [1, 0, 0, 0], second: [0, 1, 0, 0], third: [0, 0, 1, 0], 'first of all': [0.99, 0.1, 0, 0] }
const meaning = (text: string) => DIRECTIONS[text] ?? [0, 0, 0, 1]
const keyOf = (text: string) => text.padEnd(43, '-')
const patiently = { deadlineMs: 10_000 }

const ORIGINS: Readonly<Record<string, Partial<CacheOrigin>>> = {
  first: { tags: ['news', 'x'] },
  second: { tags: ['news'], models: ['fast', 'azure/gpt', 'gpt'] },
  third: { tenant: 'b', models: ['gpt'] },
}

async function started() {
  const cache = await startCache(meaning)
  const keep = async (text: string, more: Partial<CacheOrigin> = {}) => {
    const origin = { tenant: 'a', models: ['fast', 'openai/gpt', 'gpt'], tags: [], since: Date.now(), ...ORIGINS[text], ...more }
    const request = { question: { partition: PARTITION, text }, tenant: origin.tenant, model: origin.models[0]!, tags: origin.tags, entry: keyOf(text), answer: { ...ANSWER, origin, storedAt: Date.now() }, tookMs: 5 }
    return (await cache.bus.ask({ ...semanticStore, ...patiently }, request, { body: Buffer.from(text) })).reply.stored
  }
  await expect.poll(() => keep('first'), { timeout: 5000 }).toBe(true)
  await keep('second')
  await keep('third')
  const invalidate = async (which: CacheSelection, dryRun = false) => (await cache.bus.ask(semanticInvalidate, { which, dryRun })).reply
  return { cache, keep, invalidate }
}

const left = async ({ find }: StartedCache) => {
  const found = await Promise.all(TEXTS.map(async text => (await find(text)).text))
  return TEXTS.filter(text => found.includes(text)).join(' ')
}

describe('of the answers by meaning', () => {
  test.each<[CacheSelection, string]>([
    [{ entry: keyOf('second') }, 'first third'],
    [{ entry: keyOf('nobody') }, 'first second third'],
    [{ tag: 'news' }, 'third'],
    [{ tag: 'x' }, 'second third'],
    [{ tag: 'gpt' }, 'first second third'],
    [{ model: 'fast' }, 'third'],
    [{ model: 'azure/gpt' }, 'first third'],
    [{ model: 'gpt' }, ''],
    [{ tenant: 'b' }, 'first second'],
    [{ everything: true }, ''],
  ])('%j goes and nothing else, and a dry run only says so', async (which, remaining) => {
    const { cache, invalidate } = await started()
    const matched = 3 - remaining.split(' ').filter(Boolean).length
    expect(await invalidate(which, true)).toEqual({ matched, removed: 0 })
    expect(await left(cache)).toBe(TEXTS.join(' '))
    expect(await invalidate(which)).toEqual({ matched, removed: matched })
    expect(await left(cache)).toBe(remaining)
  })

  test('each names the key of the request that it was given to, whatever question finds it', async () => {
    const { cache } = await started()
    const { reply } = await cache.bus.ask({ ...semanticLookup, ...patiently }, { question: { partition: PARTITION, text: 'first of all' } })
    expect(reply).toMatchObject({ verdict: 'hit', entry: keyOf('first') })
  })

  test('none is kept that a model was asked for before, nor given any more where it is', async () => {
    const { cache, keep, invalidate } = await started()
    // Told, but not asked to remove anything yet.
    cache.bus.emit(cacheInvalidated, { which: { tag: 'news' }, at: Date.now() })
    await expect.poll(() => left(cache), { timeout: 5000 }).toBe('third')
    expect(await invalidate({ tag: 'news' }, true)).toEqual({ matched: 2, removed: 0 })
    expect(await keep('first', { since: Date.now() - 1000 })).toBe(false)
    expect(await cache.valueOf('gateway_semantic_cache_stores_total{verdict="outdated"}')).toBe(1)
    expect(await keep('first', { since: Date.now() + 1000 })).toBe(true)
    expect(await left(cache)).toBe('first third')
  })

  test('all can be removed while the embedder is away', async () => {
    const { cache, invalidate } = await started()
    cache.worker.fails = true
    expect(await invalidate({ everything: true })).toEqual({ matched: 3, removed: 3 })
  })
})
