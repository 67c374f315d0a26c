import { describe, expect, test } from 'vitest'
import { startCache } from './fixtures/service.ts'

// What is said of the capital of France lies near each other, and everything else has a direction of its own.
const DIRECTIONS: Readonly<Record<string, readonly number[]>> = {
  'What is the capital of France?': [1, 0, 0, 0],
  'Which city is the French capital?': [0.97, 0.243, 0, 0],
  'What is the capital of Spain?': [0.99, 0, 0.14, 0],
  'How do I reset my password?': [0, 0, 0, 1],
}
const meaning = (text: string) => DIRECTIONS[text] ?? [0, 1, 1, 1]
const FRANCE = 'What is the capital of France?'

describe('the semantic cache', () => {
  test('answers what means the same, and nothing that a guard takes for another question', async () => {
    const cache = await startCache(meaning)
    await expect.poll(() => cache.keep(FRANCE, 'Paris'), { timeout: 5000 }).toBe(true)
    expect(await cache.find('Which city is the French capital?')).toEqual({ verdict: 'hit', text: 'Paris' })
    expect(await cache.find('What is the capital of Spain?')).toEqual({ verdict: 'vetoed', text: undefined })
    expect(await cache.find('How do I reset my password?')).toEqual({ verdict: 'miss', text: undefined })
    expect(await cache.find(FRANCE, { partition: 'q'.repeat(43) })).toEqual({ verdict: 'miss', text: undefined })
    expect(await cache.valueOf('gateway_semantic_cache_saved_tokens_total')).toBe(15)
    expect(await cache.valueOf('gateway_semantic_cache_saved_milliseconds_total')).toBe(100)
    expect((await cache.metrics.metrics()).match(/gateway_semantic_cache_vetoes_total\{guard="\w+"\} 1/)).not.toBeNull()
  })

  test('lets a caller ask for more similarity, never for less', async () => {
    const cache = await startCache(meaning, { SEMANTIC_CACHE_THRESHOLD: '0.95' })
    await expect.poll(() => cache.keep(FRANCE, 'Paris'), { timeout: 5000 }).toBe(true)
    expect((await cache.find('Which city is the French capital?', { threshold: 0.99 })).verdict).toBe('near')
    expect((await cache.find('Which city is the French capital?', { threshold: 0.01 })).verdict).toBe('hit')
    expect((await cache.find('How do I reset my password?', { threshold: 0.01 })).verdict).toBe('miss')
  })

  test('serves nothing in shadow mode, and counts what it would have', async () => {
    const cache = await startCache(meaning, { SEMANTIC_CACHE_MODE: 'shadow' })
    await expect.poll(() => cache.keep(FRANCE, 'Paris'), { timeout: 5000 }).toBe(true)
    expect(await cache.find('Which city is the French capital?')).toEqual({ verdict: 'shadow', text: undefined })
    expect(await cache.valueOf('gateway_semantic_cache_lookups_total{verdict="shadow"}')).toBe(1)
    expect(await cache.valueOf('gateway_semantic_cache_saved_tokens_total')).toBe(0)
  })

  test('forgets what is too old for its caller, its operator or its own time', async () => {
    const cache = await startCache(meaning)
    await expect.poll(() => cache.keep(FRANCE, 'Paris', { ttlSeconds: 0.2 }), { timeout: 5000 }).toBe(true)
    expect((await cache.find(FRANCE, { maxAgeSeconds: 0 })).verdict).toBe('miss')
    await expect.poll(async () => (await cache.find(FRANCE)).verdict, { timeout: 5000 }).toBe('miss')
  })

  test('asks for each text once, however many ask for it', async () => {
    const cache = await startCache(meaning)
    await expect.poll(() => cache.keep(FRANCE, 'Paris'), { timeout: 5000 }).toBe(true)
    await Promise.all(Array.from({ length: 20 }, () => cache.find('How do I reset my password?')))
    await cache.find(FRANCE)
    const texts = cache.worker.asked.flat()
    for (const text of [FRANCE, 'How do I reset my password?']) expect(texts.filter(asked => asked === text)).toHaveLength(1)
  })

  test('fails, so that its caller goes on without it, while its embedder fails, and is back when that is', async () => {
    const cache = await startCache(meaning)
    cache.worker.fails = true
    await expect(cache.find(FRANCE)).rejects.toThrow(/embeddings/)
    expect(await cache.keep(FRANCE, 'Paris')).toBe(false)
    expect(await cache.valueOf('gateway_semantic_cache_lookups_total{verdict="unavailable"}')).toBe(1)
    cache.worker.fails = false
    await expect.poll(() => cache.keep(FRANCE, 'Paris'), { timeout: 5000 }).toBe(true)
    expect((await cache.find(FRANCE)).text).toBe('Paris')
  })

  test.each([['zeros', [0, 0, 0]], ['other dimensions', [1, 0]]])('takes an embedder that gives %s for one that fails', async (_, garbage) => {
    const cache = await startCache(text => (text === 'odd' ? garbage : [1, 0, 0]))
    await expect.poll(() => cache.keep('good', 'fine'), { timeout: 5000 }).toBe(true)
    await expect(cache.find('odd')).rejects.toThrow(/./)
    expect((await cache.find('good')).text).toBe('fine')
  })

  test('does nothing unless it is switched on', async () => {
    const cache = await startCache(meaning, { SEMANTIC_CACHE_ENABLED: 'false' })
    await expect(cache.find(FRANCE)).rejects.toMatchObject({ code: 'unavailable' })
  })
})
