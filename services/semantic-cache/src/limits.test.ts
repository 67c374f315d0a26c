import { Bus, InProcessBroker, openBus } from '@gomodel/bus'
import { semanticInvalidate, semanticLimit, semanticLookup, semanticStore } from '@gomodel/contracts'
import { startNats } from '@gomodel/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ANSWER, type Join, PARTITION, startCache } from './fixtures/service.ts'

const WORDS = 'What is the capital of France?'
const ENTRY = 'e'.repeat(43)
const patiently = { deadlineMs: 10_000 }

/** Questions by their similarity with the first words. */
const SIMILAR: Readonly<Record<string, number>> = { [WORDS]: 1, 'Which city is the French capital?': 0.94126, 'What is the French capital?': 0.97, 'Please, what is the capital of France?': 0.985 }
const [, FAR, NEAR, NEAREST] = Object.keys(SIMILAR) as [string, string, string, string]
const meaning = (text: string) => {
  const cosine = SIMILAR[text] ?? 0
  return [cosine, Math.sqrt(1 - cosine ** 2), 0]
}

const transports: [string, () => Promise<Join>][] = [
  ['the in-process bus', async () => {
    const broker = new InProcessBroker()
    return name => new Bus(broker.connect(), name)
  }],
  ['NATS', async () => {
    const nats = await startNats()
    onTestFinished(() => nats.stop())
    return name => openBus(nats.url, name)
  }],
]

describe.each(transports)('over %s', (_, transport) => {
  async function started(environment: Record<string, string> = {}) {
    const cache = await startCache(meaning, environment, await transport())
    const keep = async () => {
      const request = { question: { partition: PARTITION, text: WORDS }, tenant: 'a', model: 'gpt', tags: [], entry: ENTRY, answer: { ...ANSWER, storedAt: Date.now() }, tookMs: 5 }
      return (await cache.bus.ask({ ...semanticStore, ...patiently }, request, { body: Buffer.from('Paris') })).reply.stored
    }
    await expect.poll(keep, { timeout: 20_000 }).toBe(true)
    const look = async (text: string) => (await cache.bus.ask({ ...semanticLookup, ...patiently }, { question: { partition: PARTITION, text } })).reply
    const limit = async (wrongAt: number, { entry = ENTRY, dryRun = false } = {}) => (await cache.bus.ask({ ...semanticLimit, ...patiently }, { entry, wrongAt, dryRun })).reply
    const verdicts = async () => {
      const found = await Promise.all([WORDS, NEAREST, NEAR, FAR].map(look))
      return found.map(({ verdict }) => verdict).join(' ')
    }
    return { ...cache, keep, look, limit, verdicts }
  }

  test('a hit tells how similar its question is', async () => {
    const { look } = await started()
    expect(await look(FAR)).toMatchObject({ verdict: 'hit', entry: ENTRY, similarity: expect.closeTo(0.94126, 5) })
    expect(await look('something else')).toEqual({ verdict: 'miss' })
  })

  test('an entry that was wrong for a question answers nearer ones and its own, and goes when it is wrong for one of these', async () => {
    const { limit, verdicts, valueOf } = await started()
    expect(await limit(0.9412, { dryRun: true })).toEqual({ matched: 1, limited: 0, removed: 0 })
    expect(await verdicts()).toBe('hit hit hit hit')
    expect(await limit(0.9412)).toEqual({ matched: 1, limited: 1, removed: 0 })
    expect(await verdicts()).toBe('hit hit hit vetoed')
    expect(await valueOf('gateway_semantic_cache_vetoes_total{guard="limit"}')).toBe(1)
    expect(await limit(0.9412), 'said again').toEqual({ matched: 1, limited: 0, removed: 0 })
    expect(await verdicts()).toBe('hit hit hit vetoed')
    expect(await limit(0.985)).toEqual({ matched: 1, limited: 0, removed: 1 })
    expect(await verdicts()).toBe('miss miss miss miss')
  })

  test('one that was wrong for the nearest question answers its own words, and no limit goes beyond them', async () => {
    const { limit, verdicts } = await started()
    expect(await limit(0.9985)).toEqual({ matched: 1, limited: 1, removed: 0 })
    expect(await verdicts()).toBe('hit vetoed vetoed vetoed')
  })

  test('an answer that takes the place of a limited one has no limit, and other entries never had one', async () => {
    const { keep, limit, verdicts } = await started()
    expect(await limit(0.95, { entry: 'o'.repeat(43) })).toEqual({ matched: 0, limited: 0, removed: 0 })
    await limit(0.95)
    expect(await verdicts()).toBe('hit hit hit vetoed')
    await keep()
    expect(await verdicts()).toBe('hit hit hit hit')
  })

  test('a limited entry is invalidated as any other', async () => {
    const { bus, limit } = await started()
    await limit(0.95)
    expect((await bus.ask(semanticInvalidate, { which: { entry: ENTRY }, dryRun: false })).reply).toEqual({ matched: 1, removed: 1 })
  })
})
