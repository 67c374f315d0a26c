import { Bus, InProcessBroker, openBus } from '@gomodel/bus'
import { freePort, startNats, startRedis, until } from '@gomodel/testing'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { ANSWER, bytesOf, entryOf, keyOf } from './fixtures/entries.ts'
import { lookup, startService, store } from './fixtures/service.ts'

const KEY = keyOf('question')
const ENTRY = entryOf(bytesOf(5000))
const patiently = { timeoutMs: 20_000 }

type Join = (name: string) => Bus

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

const stores: [string, () => Promise<Record<string, string>>][] = [
  ['memory', async () => ({})],
  ['Redis', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    return { REDIS_URL: redis.url }
  }],
]

async function joined(join: Join, name: string): Promise<Bus> {
  const bus = join(name)
  onTestFinished(() => bus.close())
  await until(() => bus.connected, { what: 'the bus', ...patiently })
  return bus
}

/** An exact cache on a bus, and an ingress beside it; resolves when an answer can be kept. */
async function served(join: Join, environment: Record<string, string>) {
  const ingress = await joined(join, 'ingress')
  const service = await startService(await joined(join, 'exact-cache'), environment)
  await until(() => store(ingress, keyOf('first'), entryOf('first')), { what: 'the store', ...patiently })
  const counted = async (metric: string, verdict: string) => (await service.metrics.getSingleMetric(metric)?.get())?.values.find(({ labels }) => labels.verdict === verdict)?.value ?? 0
  return { ingress, service, counted }
}

/** The answer to a lookup that is to be a hit; a Redis on a busy machine may be too late for the first one. */
const hit = (ingress: Bus, key = KEY) =>
  until(async () => {
    const { reply, body } = await lookup(ingress, key)
    return reply.answer && { answer: reply.answer, body }
  }, { what: 'a hit', ...patiently })

describe.each(transports)('over %s', (_, transport) => {
  describe.each(stores)('with %s', (kind, environment) => {
    let join: Join
    let given: Record<string, string>

    beforeEach(async () => {
      join = await transport()
      given = await environment()
    })

    test('an answer is a miss, then a hit with every byte', async () => {
      const { ingress, counted } = await served(join, given)
      expect(await lookup(ingress, KEY)).toMatchObject({ reply: {}, body: { length: 0 } })
      expect(await store(ingress, KEY, ENTRY)).toBe(true)
      const { answer, body } = await hit(ingress)
      expect(answer).toEqual(ANSWER)
      expect(Buffer.compare(body, ENTRY.body)).toBe(0)
      expect(await counted('gateway_exact_cache_lookups_total', 'hit')).toBe(1)
      expect(await counted('gateway_exact_cache_stores_total', 'stored')).toBe(2)
    })

    test('the largest answer crosses the bus, and one that is larger is not kept', async () => {
      const { ingress, counted } = await served(join, given)
      const largest = entryOf(bytesOf(768 * 1024))
      expect(await store(ingress, KEY, largest)).toBe(true)
      expect(Buffer.compare((await hit(ingress)).body, largest.body)).toBe(0)
      expect(await store(ingress, keyOf('too large'), entryOf(Buffer.alloc(768 * 1024 + 1)))).toBe(false)
      expect((await lookup(ingress, keyOf('too large'))).reply).toEqual({})
      expect(await counted('gateway_exact_cache_stores_total', 'too_large')).toBe(1)
    })

    test(`what is kept in ${kind} is forgotten after the time that was set`, async () => {
      const { ingress } = await served(join, { ...given, REDIS_TTL_RESPONSES: '50ms' })
      expect(await store(ingress, KEY, ENTRY)).toBe(true)
      await until(async () => (await lookup(ingress, KEY)).reply.answer === undefined, { what: 'the end of its time' })
    })

    test('after the end nobody answers', async () => {
      const { ingress, service } = await served(join, given)
      await service.stop()
      await expect(lookup(ingress, KEY)).rejects.toMatchObject({ code: 'unavailable' })
    })
  })

  test('a Redis that freezes is a miss, and its answers are back when it wakes', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const { ingress, counted } = await served(await transport(), { REDIS_URL: redis.url })
    await store(ingress, KEY, ENTRY)
    redis.pause()
    const startedAt = performance.now()
    expect((await lookup(ingress, KEY)).reply).toEqual({})
    expect(performance.now() - startedAt).toBeLessThan(1000)
    expect(await counted('gateway_exact_cache_lookups_total', 'unavailable')).toBe(1)
    redis.resume()
    expect((await hit(ingress)).answer).toEqual(ANSWER)
  })

  test('a Redis that is killed is a miss, and is used again when it is back', async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    const { ingress, counted } = await served(await transport(), { REDIS_URL: redis.url })
    await store(ingress, KEY, ENTRY)
    const before = await counted('gateway_exact_cache_stores_total', 'unavailable')
    await redis.kill()
    expect((await lookup(ingress, KEY)).reply).toEqual({})
    expect(await store(ingress, KEY, ENTRY)).toBe(false)
    expect(await counted('gateway_exact_cache_stores_total', 'unavailable')).toBe(before + 1)
    await redis.restart()
    await until(() => store(ingress, KEY, ENTRY), { what: 'the store', ...patiently })
    expect((await hit(ingress)).answer).toEqual(ANSWER)
  })

  test('a Redis that is not there at the start does not hold it up', async () => {
    const join = await transport()
    const port = await freePort()
    const ingress = await joined(join, 'ingress')
    await startService(await joined(join, 'exact-cache'), { REDIS_URL: `redis://127.0.0.1:${port}` })
    expect((await lookup(ingress, KEY)).reply).toEqual({})
    const redis = await startRedis({ port })
    onTestFinished(() => redis.stop())
    await until(() => store(ingress, KEY, ENTRY), { what: 'the store', ...patiently })
  })
})

test('what the answers in memory take is told', async () => {
  const join = await transports[0]![1]()
  const { ingress, service } = await served(join, { EXACT_CACHE_MEMORY_LIMIT: '1M' })
  for (let index = 0; index < 20; index++) await store(ingress, keyOf(String(index)), entryOf(bytesOf(100_000)))
  const told = await service.metrics.metrics()
  const gauge = (name: string) => Number(new RegExp(`^gateway_exact_cache_memory_${name} (\\d+)$`, 'm').exec(told)?.[1])
  expect(gauge('bytes')).toBeGreaterThan(500_000)
  expect(gauge('bytes')).toBeLessThanOrEqual(1024 * 1024)
  expect(gauge('entries')).toBe(Math.floor(gauge('bytes') / 100_000))
  expect(told).toContain('gateway_exact_cache_lookup_seconds_bucket{le="0.0002"}')
})
