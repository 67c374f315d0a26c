import { openBus, type Bus } from '@gomodel/bus'
import { exactLease, exactLookup, exactStore, LEASE_MS, type Lead } from '@gomodel/contracts'
import { startNats, startRedis, until } from '@gomodel/testing'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { entryOf, keyOf } from './fixtures/entries.ts'
import { lookup, startService, store } from './fixtures/service.ts'
import { leadOf, wordOf } from './leases.ts'
import { MemoryLeases } from './memory-leases.ts'

const KEY = keyOf('question')
const ENTRY = entryOf('body')
const deadlineMs = 10_000
const patiently = { timeoutMs: 20_000 }
const [A, B, C] = ['a', 'b', 'c'].map(name => ({ ingress: `ingress-${name}`, flight: '1' })) as [Lead, Lead, Lead]

/** Exact caches on one NATS server, and who asks them: any of them answers. */
async function served(count: number, environment: Record<string, string> = {}): Promise<Bus> {
  const nats = await startNats()
  onTestFinished(() => nats.stop())
  const join = async (name: string) => {
    const bus = openBus(nats.url, name)
    onTestFinished(() => bus.close())
    await until(() => bus.connected, { what: 'the bus', ...patiently })
    return bus
  }
  for (let i = 0; i < count; i++) await startService(await join('exact-cache'), environment)
  const ingress = await join('ingress')
  // Each of them has to have its Redis.
  for (let i = 0; i < 10 * count; i++) await until(() => store(ingress, keyOf('first'), ENTRY), { what: 'the store', ...patiently })
  return ingress
}

const offering = async (bus: Bus, lead: Lead, instead?: Lead) => (await bus.ask({ ...exactLookup, deadlineMs }, { key: KEY, lead, ...(instead && { instead }) })).reply
const renewed = async (bus: Bus, { ingress, flight }: Lead, held: boolean) => (await bus.ask({ ...exactLease, deadlineMs }, { ingress, flights: [{ key: KEY, flight }], held })).reply.known

const stores: [string, number, () => Promise<Record<string, string>>][] = [
  ['in memory', 1, async () => ({})],
  ['in a Redis that two exact caches share', 2, async () => {
    const redis = await startRedis()
    onTestFinished(() => redis.stop())
    return { REDIS_URL: redis.url }
  }],
]

describe.each(stores)('leads %s', (_, count, environment) => {
  const start = async () => served(count, await environment())

  test('go to one of all who offer, and the others hear to whom', async () => {
    const bus = await start()
    const offers = Array.from({ length: 50 }, (__, at) => ({ ingress: 'ingress', flight: String(at) }))
    const replies = await Promise.all(offers.map(offer => offering(bus, offer)))
    const at = replies.findIndex(reply => reply.lead)
    expect(at).toBeGreaterThanOrEqual(0)
    expect(replies.toSpliced(at, 1)).toEqual(offers.toSpliced(at, 1).map(() => ({ leader: offers[at] })))
  })

  test('are given to nobody who does not offer, nor where there is an answer', async () => {
    const bus = await start()
    expect((await lookup(bus, KEY)).reply).toEqual({})
    expect(await offering(bus, A)).toEqual({ lead: true })
    await store(bus, KEY, ENTRY)
    expect(await offering(bus, B)).toEqual({ answer: ENTRY.answer })
  })

  test('are given back with the answer, or without one, by their holder alone', async () => {
    const bus = await start()
    await offering(bus, A)
    expect(await renewed(bus, B, false)).toBe(0)
    expect(await offering(bus, B)).toEqual({ leader: A })
    expect(await renewed(bus, A, false)).toBe(1)
    expect(await offering(bus, B)).toEqual({ lead: true })
    await bus.ask({ ...exactStore, deadlineMs }, { key: KEY, answer: ENTRY.answer, lead: B }, { body: ENTRY.body })
    expect((await offering(bus, C)).answer).toEqual(ENTRY.answer)
    expect(await renewed(bus, B, false)).toBe(0)
  })

  test('of one who is dead go to the first who says so; the dead one has nothing to prolong', async () => {
    const bus = await start()
    await offering(bus, A)
    expect(await offering(bus, B, C)).toEqual({ leader: A })
    expect(await offering(bus, B, A)).toEqual({ lead: true })
    expect(await offering(bus, C, A)).toEqual({ leader: B })
    expect(await renewed(bus, A, true)).toBe(0)
    expect(await offering(bus, C)).toEqual({ leader: B })
  })

  test('end by themselves, unless they are prolonged', async () => {
    const bus = await start()
    await offering(bus, A)
    const since = performance.now()
    while (performance.now() - since < 1.5 * LEASE_MS) {
      expect(await renewed(bus, A, true)).toBe(1)
      await new Promise(resolve => setTimeout(resolve, LEASE_MS / 20))
    }
    expect(await offering(bus, B)).toEqual({ leader: A })
    await until(async () => (await offering(bus, B)).lead, { what: 'the lead to be free', ...patiently })
  })
})

test('a Redis whose memory is full leaves every one to itself, and hits remain', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const bus = await served(1, { REDIS_URL: redis.url })
  const operator = new Redis(redis.url)
  onTestFinished(() => operator.disconnect())
  await operator.config('SET', 'maxmemory', '1')
  expect(await offering(bus, A)).toEqual({})
  expect((await bus.ask({ ...exactLookup, deadlineMs }, { key: keyOf('first'), lead: A })).reply.answer).toEqual(ENTRY.answer)
})

test('a lead is given back behind the answer: at no moment is there neither', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const bus = await served(1, { REDIS_URL: redis.url })
  const watcher = await new Redis(redis.url).monitor()
  onTestFinished(() => watcher.disconnect())
  const seen: string[] = []
  watcher.on('monitor', (_: string, [command, key]: string[]) => {
    if (key?.includes(KEY)) seen.push(`${command!.toLowerCase()} ${key.includes('lead:') ? 'lead' : 'answer'}`)
  })
  const changes = () => seen.filter(said => said.startsWith('set') || said.startsWith('del'))
  expect(await offering(bus, A)).toEqual({ lead: true })
  await bus.ask({ ...exactStore, deadlineMs }, { key: KEY, answer: ENTRY.answer, lead: A }, { body: ENTRY.body })
  await until(() => changes().length >= 3, { what: 'the lead to be given back', ...patiently })
  expect(changes()).toEqual(['set lead', 'set answer', 'del lead'])
})

test('a word of a lead is read as it was written, and nothing else is one', () => {
  expect(leadOf(wordOf(A))).toEqual(A)
  for (const word of ['', 'a', 'a.', '.b', 'a.b.c']) expect(leadOf(word)).toBeUndefined()
})

test('leads in memory are prolonged each for itself', () => {
  const leases = new MemoryLeases()
  expect(leases.take('x', { lead: A, instead: undefined })).toBe('lead')
  expect(leases.take('y', { lead: B, instead: undefined })).toBe('lead')
  expect(leases.renew([{ key: 'x', lead: A }, { key: 'y', lead: A }, { key: 'z', lead: A }], false)).toBe(1)
  expect(leases.take('x', { lead: B, instead: undefined })).toBe('lead')
  expect(leases.take('y', { lead: A, instead: undefined })).toEqual({ leader: B })
})
