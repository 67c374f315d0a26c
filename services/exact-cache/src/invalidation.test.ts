import { Bus, InProcessBroker } from '@gomodel/bus'
import { cacheInvalidated, type CacheOrigin, type CacheSelection, exactInvalidate, exactLookup } from '@gomodel/contracts'
import { openRedis, readSettings } from '@gomodel/service'
import { startRedis, until } from '@gomodel/testing'
import { Redis } from 'ioredis'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { ANSWER, keyOf } from './fixtures/entries.ts'
import { RecordingLog } from './fixtures/recording-log.ts'
import { lookup, startService, store as keepOverBus } from './fixtures/service.ts'
import { MemoryStore } from './memory-store.ts'
import { RedisStore } from './redis-store.ts'
import { settings } from './settings.ts'
import type { Entry, Store } from './store.ts'

const HOUR_MS = 3_600_000
// Characters that mean something in a pattern are none here.
const PREFIX = 'te*t[a]?:'
const patiently = { timeoutMs: 20_000 }

const entryOf = (origin: Partial<CacheOrigin> = {}, more: object = {}): Entry => ({
  answer: { ...ANSWER, origin: { tenant: 'a', models: ['fast', 'openai/gpt', 'gpt'], tags: [], since: Date.now(), ...origin }, ...more },
  body: Buffer.alloc(5000, 'b'),
})

async function redisStore(): Promise<Store> {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  const { redis } = readSettings(settings, { REDIS_URL: server.url })
  const connection = await openRedis(redis!, { log: new RecordingLog(), meanwhile: 'nothing is found' })
  const store = new RedisStore({ connection, keyPrefix: PREFIX, ttlMs: HOUR_MS })
  onTestFinished(() => store.close())
  await until(async () => (await store.find(keyOf('nobody'))) === 'miss', { what: 'the connection', ...patiently })
  const operator = new Redis(server.url)
  onTestFinished(() => operator.disconnect())
  // What others keep in the same Redis.
  await operator.set('test:'.padEnd(PREFIX.length + 43, 'x'), 'not ours')
  await operator.rpush(`${PREFIX}${keyOf('a list')}`, 'not ours')
  onTestFinished(async () => expect(await operator.exists('test:'.padEnd(PREFIX.length + 43, 'x'), `${PREFIX}${keyOf('a list')}`)).toBe(2))
  return store
}

const stores: [string, () => Promise<Store>][] = [
  ['memory', async () => new MemoryStore({ limitBytes: 64 * 1024 * 1024, ttlMs: HOUR_MS })],
  ['Redis', redisStore],
]

describe.each(stores)('of the answers in %s', (_, open) => {
  let store: Store

  beforeEach(async () => {
    store = await open()
    await store.keep(keyOf('1'), entryOf({ tags: ['news', 'x'] }))
    // A head that is longer than what is read of it at first.
    await store.keep(keyOf('2'), entryOf({ tags: ['news'], models: ['fast', 'azure/gpt', 'gpt'] }, { nativeUsage: { long: 'u'.repeat(10_000) } }))
    await store.keep(keyOf('3'), entryOf({ tenant: 'b', models: ['gpt'] }))
    await store.keep(keyOf('4'), { answer: ANSWER, body: Buffer.from('without an origin') })
    await store.findOrLead(keyOf('5'), { lead: { ingress: 'i', flight: 'f' }, instead: undefined })
  })

  const left = async () => {
    const found = await Promise.all(['1', '2', '3', '4'].map(async name => typeof (await store.find(keyOf(name))) === 'object' && name))
    return found.filter(Boolean).join('')
  }

  test.each<[CacheSelection, string]>([
    [{ entry: keyOf('2') }, '134'],
    [{ entry: keyOf('nobody') }, '1234'],
    [{ entry: keyOf('4') }, '123'],
    [{ tag: 'news' }, '34'],
    [{ tag: 'x' }, '234'],
    [{ tag: 'gpt' }, '1234'],
    [{ model: 'fast' }, '34'],
    [{ model: 'azure/gpt' }, '134'],
    [{ model: 'gpt' }, '4'],
    [{ tenant: 'b' }, '124'],
    [{ everything: true }, ''],
  ])('%j goes and nothing else, and a dry run only says so', async (which, remaining) => {
    const matched = 4 - remaining.length
    expect(await store.invalidate(which, true)).toEqual({ matched, removed: 0 })
    expect(await left()).toBe('1234')
    expect(await store.invalidate(which, false)).toEqual({ matched, removed: matched })
    expect(await left()).toBe(remaining)
    expect(await store.invalidate(which, false)).toEqual({ matched: 0, removed: 0 })
  })

  test('leads stay', async () => {
    expect(await store.invalidate({ everything: true }, false)).toMatchObject({ removed: 4 })
    await store.findOrLead(keyOf('6'), { lead: { ingress: 'i', flight: 'g' }, instead: undefined })
    await store.invalidate({ everything: true }, false)
    expect(await store.renew([{ key: keyOf('6'), lead: { ingress: 'i', flight: 'g' } }], true)).toBe(1)
  })

  test('more than fit one step are looked through', async () => {
    const names = Array.from({ length: 2500 }, (__, at) => `many ${at}`)
    await Promise.all(names.map(name => store.keep(keyOf(name), entryOf({ tags: ['many'] }))))
    expect(await store.invalidate({ tag: 'many' }, false)).toEqual({ matched: 2500, removed: 2500 })
    expect(await left()).toBe('1234')
  })
})

describe('an exact cache', () => {
  const KEY = keyOf('question')

  async function served(environment: Record<string, string> = {}) {
    const broker = new InProcessBroker()
    const [ingress, own] = [new Bus(broker.connect(), 'ingress'), new Bus(broker.connect(), 'exact-cache')]
    onTestFinished(() => ingress.close())
    onTestFinished(() => own.close())
    const service = await startService(own, environment)
    const invalidate = async (which: CacheSelection, dryRun = false) => (await ingress.ask(exactInvalidate, { which, dryRun })).reply
    const isThere = async () => (await lookup(ingress, KEY)).reply.answer !== undefined
    return { ingress, service, invalidate, isThere }
  }

  test('removes what is selected, and keeps nothing that was asked for before', async () => {
    const { ingress, invalidate, isThere } = await served()
    const old = entryOf({ tags: ['news'], since: Date.now() - 1000 })
    expect(await keepOverBus(ingress, KEY, old)).toBe(true)
    expect(await invalidate({ tag: 'news' }, true)).toEqual({ matched: 1, removed: 0 })
    expect(await isThere()).toBe(true)
    expect(await invalidate({ tag: 'news' })).toEqual({ matched: 1, removed: 1 })
    expect(await isThere()).toBe(false)
    expect(await keepOverBus(ingress, KEY, old)).toBe(false)
    expect(await isThere()).toBe(false)
    expect(await keepOverBus(ingress, KEY, entryOf({ tags: ['news'], since: Date.now() + 1000 }))).toBe(true)
    expect(await isThere()).toBe(true)
  })

  test('gives nothing that another keeps although it is older than what it heard of, and lets it be got anew', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const [one, other] = [await served({ REDIS_URL: redis.url }), await served({ REDIS_URL: redis.url })]
    const old = entryOf({ tags: ['news'], since: Date.now() - 1000 })
    // The buses are two: the first service is told, and the second one is not.
    one.ingress.emit(cacheInvalidated, { which: { tag: 'news' }, at: Date.now() })
    await until(async () => !(await keepOverBus(one.ingress, KEY, old)), { what: 'the event', ...patiently })
    await until(() => keepOverBus(other.ingress, KEY, old), { what: 'the store', ...patiently })
    expect(await other.isThere()).toBe(true)
    const asked = await one.ingress.ask({ ...exactLookup, deadlineMs: 10_000 }, { key: KEY, lead: { ingress: 'i', flight: 'f' } })
    expect(asked.reply).toEqual({ lead: true })
    expect(await other.isThere()).toBe(false)
  })

  test('says that it cannot when its Redis is away', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const { ingress, invalidate } = await served({ REDIS_URL: redis.url })
    await until(() => keepOverBus(ingress, KEY, entryOf()), { what: 'the store', ...patiently })
    await redis.kill()
    await expect(invalidate({ everything: true })).rejects.toMatchObject({ code: 'unavailable' })
    await expect(invalidate({ entry: KEY })).rejects.toMatchObject({ code: 'unavailable' })
  })
})
