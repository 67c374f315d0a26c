import { Bus, InProcessBroker } from '@gomodel/bus'
import { exactPresent, type EventOf } from '@gomodel/contracts'
import { until } from '@gomodel/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { entryOf, keyOf } from './fixtures/entries.ts'
import { lookup, startService, store } from './fixtures/service.ts'

type Present = EventOf<typeof exactPresent>

const KEY = keyOf('question')
const LATER = Date.now() + 3_600_000
// Nothing listens on the discard port; presence is not about whether Redis answers.
const REDIS = { REDIS_URL: 'redis://127.0.0.1:9' }

function onOneBus() {
  const broker = new InProcessBroker()
  const join = (name: string): Bus => {
    const bus = new Bus(broker.connect(), name)
    onTestFinished(() => bus.close())
    return bus
  }
  const stranger = join('stranger')
  const heard: Present[] = []
  stranger.on(exactPresent, present => heard.push(present))
  const tell = async (present: Partial<Present>) => {
    stranger.emit(exactPresent, { id: 'stranger', store: 'memory', serving: true, since: 0, ...present })
    await stranger.flush()
    await stranger.flush()
  }
  return { join, stranger, heard, tell }
}

describe('an exact cache', () => {
  test('that is alone serves when its start is done', async () => {
    const { join, stranger, heard } = onOneBus()
    await startService(join('exact-cache'))
    expect((await lookup(stranger, KEY)).reply).toEqual({})
    expect(heard).toEqual([{ id: expect.any(String), store: 'memory', serving: false, since: expect.any(Number) }])
  })

  test.each([
    ['memory beside memory', {}, {}, /set REDIS_URL for each of them/],
    ['memory beside Redis', REDIS, {}, /set REDIS_URL for each of them/],
    ['Redis beside memory', {}, REDIS, /set REDIS_URL for it too/],
  ])('%s gives way to the one that was there, which goes on', async (_, first, second, why) => {
    const { join, stranger, heard } = onOneBus()
    const older = await startService(join('exact-cache'), first)
    const kept = await store(stranger, KEY, entryOf('body'))
    const newer = await startService(join('exact-cache'), second)
    expect(newer.failures).toEqual([expect.stringMatching(why)])
    expect(newer.failures[0]).not.toContain('\n')
    expect(older.failures).toEqual([])
    for (let asked = 0; asked < 50; asked++) expect((await lookup(stranger, KEY)).reply.answer !== undefined).toBe(kept)
    expect(heard.filter(({ serving }) => serving)).toHaveLength(1)
  })

  test('with Redis stands any number of others with Redis', async () => {
    const { join, heard } = onOneBus()
    const several = [await startService(join('exact-cache'), REDIS), await startService(join('exact-cache'), REDIS), await startService(join('exact-cache'), REDIS)]
    expect(several.flatMap(({ failures }) => failures)).toEqual([])
    expect(heard).toHaveLength(3)
  })

  test('may come after one that left', async () => {
    const { join } = onOneBus()
    const older = await startService(join('exact-cache'))
    await older.stop()
    expect((await startService(join('exact-cache'))).failures).toEqual([])
  })

  test.each<[string, Partial<Present>, boolean]>([
    ['gives way to one that serves and is older', { since: 0 }, true],
    ['gives way to one that serves from Redis and is older', { since: 0, store: 'redis' }, true],
    ['objects to one that serves and is younger', { since: LATER }, false],
    ['objects to one that is older by its clock and does not serve yet', { since: 0, serving: false }, false],
  ])('that serves %s', async (_, present, givesWay) => {
    const { join, heard, tell } = onOneBus()
    const service = await startService(join('exact-cache'))
    await tell(present)
    expect(service.failures).toHaveLength(givesWay ? 1 : 0)
    const objections = heard.filter(({ id, serving }) => id !== 'stranger' && serving)
    expect(objections).toHaveLength(givesWay ? 0 : 1)
  })

  test('that gave way says so once, and is silent then', async () => {
    const { join, heard, tell } = onOneBus()
    const service = await startService(join('exact-cache'))
    await tell({})
    await tell({})
    await tell({ since: LATER })
    expect(service.failures).toHaveLength(1)
    expect(heard.filter(({ id }) => id !== 'stranger')).toHaveLength(1)
  })

  test('one of two that start together stays', async () => {
    const { join, stranger } = onOneBus()
    const both = await Promise.all([startService(join('exact-cache')), startService(join('exact-cache'))])
    await until(() => both.some(({ failures }) => failures.length > 0), { what: 'one to give way' })
    await stranger.flush()
    expect(both.flatMap(({ failures }) => failures)).toHaveLength(1)
  })
})
