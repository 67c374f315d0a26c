import { setTimeout as sleep } from 'node:timers/promises'
import type { NatsServer } from '@gomodel/testing'
import { startNats, until } from '@gomodel/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { actor, join, known, measured, newPool, observed, running, tally, tell } from './actors.ts'
import { numbered } from './numbered.ts'
import { tcpProxy } from './tcp-proxy.ts'

const long = { count: 4000, bytesEach: 40, everyMs: 5 }
const short = { count: 20, bytesEach: 40, everyMs: 1 }

describe('a worker', () => {
  let nats: NatsServer
  beforeAll(async () => {
    nats = await startNats()
  })
  afterAll(() => nats.stop())

  test('that is killed breaks its streams soon and honestly, all others go on, new requests find the other one', async () => {
    const pool = newPool()
    const caller = await join(nats.url)
    const first = await actor('worker', nats.url, pool)
    await known(caller, pool, 1)
    const broken = await running(caller, pool, long, 20)
    await actor('worker', nats.url, pool)
    await known(caller, pool, 2)
    // These have no content yet wherever they are: the ones at the killed worker may begin again elsewhere.
    const held = Array.from({ length: 20 }, () => tell(caller, pool, { ...short, everyMs: 50, count: 10 }))
    first.kill('SIGKILL')
    const killedAt = performance.now()
    const fresh = Array.from({ length: 50 }, async (_, index) => {
      await sleep(index * 20)
      return tell(caller, pool, short)
    })
    const told = await Promise.all(broken)
    measured('a dead worker is known after', performance.now() - killedAt)
    expect(tally(told)).toEqual({ 'broken stream_broken': 20 })
    expect(Math.max(...told.map(one => one.silentMs))).toBeLessThan(5000)
    expect(tally(await Promise.all(fresh))).toEqual({ exact: 50 })
    const outcomes = tally(await Promise.all(held))
    expect((outcomes['exact'] ?? 0) + (outcomes['broken stream_broken'] ?? 0)).toBe(20)
    expect(caller.counts).toMatchObject({ inFlight: 0, grantedBytes: 0 })
  })

  test('that is killed alone breaks its streams, and what comes after is refused until there is a new one', async () => {
    const pool = newPool()
    const caller = await join(nats.url)
    const only = await actor('worker', nats.url, pool)
    await known(caller, pool, 1)
    const broken = await running(caller, pool, long, 5)
    const held = tell(caller, pool, { ...long, hangAfter: 0 })
    await until(() => observed(only).started === 6, { what: 'all to be started' })
    only.kill('SIGKILL')
    expect(tally(await Promise.all(broken))).toEqual({ 'broken stream_broken': 5 })
    expect(await held).toMatchObject({ kind: 'refused', code: 'unavailable' })
    expect(await tell(caller, pool, short)).toMatchObject({ kind: 'refused', code: 'unavailable' })
    await actor('worker', nats.url, pool)
    expect(await tell(caller, pool, short)).toMatchObject({ kind: 'exact' })
  })

  test('that is frozen is known in about two seconds; awake again, its late frames go nowhere and it stops the work', async () => {
    const pool = newPool()
    const caller = await join(nats.url)
    const frozen = await actor('worker', nats.url, pool)
    await known(caller, pool, 1)
    const broken = await running(caller, pool, long, 10)
    const held = tell(caller, pool, { ...short, hangAfter: 0 })
    await until(() => observed(frozen).started === 11, { what: 'all to be started' })
    frozen.kill('SIGSTOP')
    const told = await Promise.all(broken)
    measured('a frozen worker is known after', Math.max(...told.map(one => one.silentMs)))
    expect(tally(told)).toEqual({ 'broken stream_broken': 10 })
    expect(Math.max(...told.map(one => one.silentMs))).toBeLessThan(10_000)
    expect(await held).toMatchObject({ kind: 'refused', code: 'unavailable' })
    frozen.kill('SIGCONT')
    await until(() => observed(frozen).cancelled >= 11, { what: 'the work to be cancelled', timeoutMs: 10_000 })
    expect(caller.counts).toMatchObject({ inFlight: 0, grantedBytes: 0 })
    await known(caller, pool, 1)
    expect(await tell(caller, pool, short)).toMatchObject({ kind: 'exact' })
  })

  test('that is killed is replaced by the other one for what may be done twice, and for nothing else', async () => {
    const pool = newPool()
    const caller = await join(nats.url)
    const first = await actor('worker', nats.url, pool)
    await known(caller, pool, 1)
    const leaving = new AbortController()
    const once = tell(caller, pool, { ...short, hangAfter: 0 }, { once: true })
    const again = tell(caller, pool, { ...short, hangAfter: 0 }, { signal: leaving.signal })
    await until(() => observed(first).started === 2, { what: 'both to be started' })
    const second = await actor('worker', nats.url, pool)
    await known(caller, pool, 2)
    first.kill('SIGKILL')
    expect(await once).toMatchObject({ kind: 'refused', code: 'unavailable' })
    await until(() => observed(second).started > 0, { what: 'the other one to be asked' })
    leaving.abort()
    await again
    expect(observed(second).started).toBe(1)
    expect(await tell(caller, pool, short, { once: true })).toMatchObject({ kind: 'exact' })
  })

  test('that is frozen before it accepts is replaced by the other one', async () => {
    const pool = newPool()
    const caller = await join(nats.url)
    const [frozen, other] = [await actor('worker', nats.url, pool), await actor('worker', nats.url, pool)]
    await known(caller, pool, 2)
    frozen.kill('SIGSTOP')
    const told = await Promise.all(Array.from({ length: 40 }, () => tell(caller, pool, short)))
    measured('a request that went to a frozen worker first is answered after at most', Math.max(...told.map(one => one.tookMs)))
    expect(tally(told)).toEqual({ exact: 40 })
    await until(() => observed(other).started === 40, { what: 'the other one to have done it all' })
    frozen.kill('SIGCONT')
    await until(() => observed(frozen).started === observed(frozen).cancelled && observed(frozen).inFlight === 0, { what: 'nothing to be left at the frozen one', timeoutMs: 10_000 })
  })

  test('that loses its connection alone resumes its streams', async () => {
    const pool = newPool()
    const caller = await join(nats.url)
    const proxy = await tcpProxy(nats.port)
    await actor('worker', proxy.url, pool)
    await known(caller, pool, 1)
    const streams = await running(caller, pool, { count: 600, bytesEach: 40, everyMs: 5 }, 50)
    for (let i = 0; i < 3; i++) {
      proxy.cut()
      await sleep(600)
    }
    expect(tally(await Promise.all(streams))).toEqual({ exact: 50 })
    expect(caller.counts).toMatchObject({ inFlight: 0, grantedBytes: 0 })
  })

  test('that comes back after its streams were given up is known again, and stays known', async () => {
    const pool = newPool()
    const caller = await join(nats.url)
    const proxy = await tcpProxy(nats.port)
    await actor('worker', proxy.url, pool)
    await known(caller, pool, 1)
    const streams = await running(caller, pool, long, 3)
    proxy.leave()
    expect(tally(await Promise.all(streams))).toEqual({ 'broken stream_broken': 3 })
    proxy.back()
    await known(caller, pool, 1)
    const looks: number[] = []
    for (let look = 0; look < 60; look++) {
      await sleep(20)
      looks.push(caller.workers(numbered, pool))
    }
    expect(new Set(looks)).toEqual(new Set([1]))
    expect(await tell(caller, pool, short)).toMatchObject({ kind: 'exact' })
  })

  test('that does not hear what it says any more, nor anybody else, is given up or resumes', async () => {
    const pool = newPool()
    const caller = await join(nats.url)
    const proxy = await tcpProxy(nats.port)
    const worker = await actor('worker', proxy.url, pool)
    await known(caller, pool, 1)
    const streams = await running(caller, pool, { count: 400, bytesEach: 40, everyMs: 5 }, 20)
    proxy.freeze()
    const outcomes = tally(await Promise.all(streams))
    expect((outcomes['exact'] ?? 0) + (outcomes['broken stream_broken'] ?? 0)).toBe(20)
    await until(() => observed(worker).inFlight === 0, { what: 'the worker to have stopped', timeoutMs: 15_000 })
    await known(caller, pool, 1)
    expect(await tell(caller, pool, short)).toMatchObject({ kind: 'exact' })
  })
})
