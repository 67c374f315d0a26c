import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { GatewayError } from '@gomodel/contracts'
import { type NatsServer, startNats, until } from '@gomodel/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../src/index.ts'
import { actor, join, known, measured, newPool, nothing, observed, tally, tell, type Told } from './actors.ts'
import { lossyPair } from './lossy-pair.ts'
import { content, numbered, serveNumbered, verdictOn } from './numbered.ts'

const KB = 1024
const MB = 1024 * KB

describe('a caller', () => {
  let nats: NatsServer
  beforeAll(async () => {
    nats = await startNats()
  })
  afterAll(() => nats.stop())

  test('with paused streams beside busy ones keeps what waits, not what it came in', async () => {
    const pool = newPool()
    const [caller, worker] = [await join(nats.url), await actor('worker', nats.url, pool, { CAPACITY: '5000' })]
    await known(caller, pool, 1)
    const before = heldBytes()
    const trickle = { count: 400, bytesEach: 50, everyMs: 10 }
    const answers: Answer<unknown, { count: number; bodyBytes: number; bodySum: number }>[] = await Promise.all(Array.from({ length: 200 }, () => caller.exchange(numbered, trickle, { to: pool, body: nothing })))
    let busy = true
    const others = Array.from({ length: 4 }, async () => {
      const told: Told[] = []
      while (busy) told.push(await tell(caller, pool, { count: 500, bytesEach: 1000, everyMs: 0 }))
      return told
    })
    await until(() => observed(worker).inFlight <= 4, { what: 'the paused streams to be sent', timeoutMs: 25_000 })
    // While the busy ones run, what they have in hand comes on top: the least of several looks is what the paused ones hold.
    const looks: number[] = []
    for (let look = 0; look < 10; look++) {
      looks.push(heldBytes() - before)
      await sleep(50)
    }
    const during = Math.min(...looks)
    process.stdout.write(`measured: 200 paused streams of 20 KB hold ${(during / MB).toFixed(1)} MB\n`)
    busy = false
    expect(Object.keys(tally((await Promise.all(others)).flat()))).toEqual(['exact'])
    const verdicts = await Promise.all(answers.map(answer => verdictOn(Promise.resolve(answer), content(trickle.count, trickle.bytesEach))))
    expect(tally(verdicts)).toEqual({ exact: 200 })
    expect(during).toBeLessThan(24 * MB)
  })

  test('that reads a kilobyte a second pauses its worker within the window, and nobody else', async () => {
    const pool = newPool()
    const [caller, worker] = [await join(nats.url), await join(nats.url)]
    const { observed: slow } = serveNumbered(worker, { to: pool })
    await known(caller, pool, 1)
    const stop = new AbortController()
    let read = 0
    const slowly = tell(caller, pool, { count: 50_000, bytesEach: 100, everyMs: 0 }, {
      signal: stop.signal,
      read: async chunk => {
        for (let at = 0; at < chunk.length && !stop.signal.aborted; at += 50) {
          read += Math.min(50, chunk.length - at)
          await sleep(50)
        }
      },
    })
    await until(() => slow.written > 0, { what: 'the slow stream to begin' })
    const other = newPool()
    serveNumbered(worker, { to: other })
    await known(caller, other, 1)
    const others = await Promise.all(Array.from({ length: 30 }, () => tell(caller, other, { count: 1000, bytesEach: 500, everyMs: 0 })))
    expect(tally(others)).toEqual({ exact: 30 })
    await sleep(1500)
    expect(slow.written * 100 - read).toBeLessThan(2 * 256 * KB)
    expect(caller.counts.grantedBytes).toBeLessThanOrEqual(256 * KB)
    stop.abort()
    expect(await slowly).toMatchObject({ kind: 'broken', code: 'cancelled' })
    await until(() => slow.cancelled === 1, { what: 'the work to be cancelled' })
  })

  test('has thousands of streams within its pool of windows, and refuses the one above', async () => {
    const pool = newPool()
    const [caller, worker] = [await join(nats.url), await join(nats.url)]
    serveNumbered(worker, { to: pool, capacity: 10_000 })
    await known(caller, pool, 1)
    let most = 0
    const asked = { count: 64, bytesEach: 80, everyMs: 20 }
    const many = Array.from({ length: 2000 }, () => tell(caller, pool, asked, { read: () => void (most = Math.max(most, caller.counts.grantedBytes)) }))
    expect(tally(await Promise.all(many))).toEqual({ exact: 2000 })
    expect(most).toBeLessThanOrEqual(32 * MB)
    const stop = new AbortController()
    const hanging = Array.from({ length: 5000 }, () => tell(caller, pool, { ...asked, hangAfter: 0 }, { signal: stop.signal }))
    const refused = await Promise.race(hanging)
    expect(refused).toMatchObject({ kind: 'refused', code: 'overloaded' })
    expect(caller.counts.grantedBytes).toBeLessThanOrEqual(32 * MB)
    expect(caller.counts.inFlight).toBeGreaterThan(2000)
    stop.abort()
    await Promise.all(hanging)
    expect(caller.counts).toMatchObject({ inFlight: 0, grantedBytes: 0 })
  })

  test('that leaves stops the work within a second', async () => {
    const pool = newPool()
    const caller = await join(nats.url)
    const worker = await actor('worker', nats.url, pool)
    await known(caller, pool, 1)
    for await (const chunk of await caller.exchange(numbered, { count: 5000, bytesEach: 20, everyMs: 5 }, { to: pool, body: nothing })) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    const leftAt = performance.now()
    await until(() => observed(worker).cancelled === 1, { what: 'the work to be cancelled' })
    measured('work is cancelled after its caller left', performance.now() - leftAt)
  })

  test('whose process is killed stops the work in seconds', async () => {
    const pool = newPool()
    const worker = await actor('worker', nats.url, pool)
    const caller = await actor('caller', nats.url, pool, { STREAMS: '10' })
    await until(() => observed(worker).started === 10, { what: 'all to run', timeoutMs: 10_000 })
    caller.kill('SIGKILL')
    const killedAt = performance.now()
    await until(() => observed(worker).cancelled === 10, { what: 'the work to be cancelled', timeoutMs: 15_000 })
    measured('work is cancelled after its caller was killed', performance.now() - killedAt)
    await until(() => observed(worker).inFlight === 0, { what: 'nothing to be left' })
  })

  test('that stops reading without a word can leave while it waits, and leaves nothing behind', async () => {
    const pool = newPool()
    const [caller, worker] = [await join(nats.url), await join(nats.url)]
    const { observed: work } = serveNumbered(worker, { to: pool })
    await known(caller, pool, 1)
    const answer = await caller.exchange(numbered, { count: 5, bytesEach: 20, everyMs: 1, hangAfter: 3 }, { to: pool, body: nothing })
    const reader = answer[Symbol.asyncIterator]()
    let received = 0
    while (received < 60) received += (await reader.next()).value!.length
    const pending = reader.next()
    await reader.return!()
    expect(await pending).toEqual({ done: true, value: undefined })
    await until(() => work.cancelled === 1, { what: 'the work to be cancelled' })
    expect(caller.counts).toMatchObject({ inFlight: 0, grantedBytes: 0 })
  })

  test('that leaves the bus ends what it waits for', async () => {
    const pool = newPool()
    const [caller, worker] = [await join(nats.url), await join(nats.url)]
    const { observed: work } = serveNumbered(worker, { to: pool })
    await known(caller, pool, 1)
    const held = tell(caller, pool, { count: 1, bytesEach: 20, everyMs: 0, hangAfter: 0 })
    const started = tell(caller, pool, { count: 2, bytesEach: 20, everyMs: 0, hangAfter: 1 })
    await until(() => work.written === 1 && work.started === 2, { what: 'both to run' })
    await sleep(100)
    await caller.close()
    expect(await held).toMatchObject({ kind: 'refused', code: 'cancelled' })
    expect(await started).toMatchObject({ kind: 'broken', code: 'cancelled', received: 20 })
    await until(() => work.cancelled === 2, { what: 'the work to be cancelled' })
  })

  test('that is leaving the bus begins nothing any more, which nobody would end', async () => {
    const { caller, worker, pool } = lossyPair()
    const { observed: work } = serveNumbered(worker, { to: pool })
    await known(caller, pool, 1)
    // What it said last is still on its way to the server.
    const said = Promise.withResolvers<void>()
    const close = caller.transport.close.bind(caller.transport)
    caller.transport.close = () => said.promise.then(close)
    const closed = caller.close()
    await new Promise(setImmediate)
    await expect(caller.exchange(numbered, { count: 1, bytesEach: 20, everyMs: 0, hangAfter: 0 }, { to: pool, body: nothing })).rejects.toMatchObject({ code: 'unavailable' })
    said.resolve()
    await closed
    expect([work.started, caller.counts.inFlight, caller.counts.grantedBytes]).toEqual([0, 0, 0])
  })

  test.each([
    { what: 'the first words', times: 8, outcome: 'exact' },
    { what: 'any word', times: Number.POSITIVE_INFINITY, outcome: 'broken' },
  ])('of whose words about running exchanges no message can carry $what goes on as if they were lost', async ({ times, outcome }) => {
    const { caller, worker, pool } = lossyPair()
    serveNumbered(worker, { to: pool })
    await known(caller, pool, 1)
    const publish = caller.transport.publish.bind(caller.transport)
    let refused = 0
    caller.transport.publish = (subject, data, reply) => {
      if (subject.startsWith('gw.v1.up.') && refused < times) {
        refused++
        throw new GatewayError('payload_too_large', 'no message can carry it')
      }
      publish(subject, data, reply)
    }
    const told = await tell(caller, pool, { count: 400, bytesEach: 400, everyMs: 1 })
    expect([told.kind, refused > 4, caller.counts.inFlight]).toEqual([outcome, true, 0])
  })
})

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** What is really held by this process: garbage does not count. */
const heldBytes = () => {
  collect()
  const { arrayBuffers, heapUsed } = process.memoryUsage()
  return arrayBuffers + heapUsed
}
