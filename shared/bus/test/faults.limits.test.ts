import { setTimeout as sleep } from 'node:timers/promises'
import { ask, event, exchange, GatewayError } from '@gomodel/contracts'
import { until } from '@gomodel/testing'
import { Type } from 'typebox'
import { expect, test } from 'vitest'
import { checked } from '../src/codec.ts'
import { decodeWithJson, KIND } from '../src/frames.ts'
import type { TransportStatus } from '../src/index.ts'
import { OpenEnvelope } from '../src/open-envelope.ts'
import { actor, join, known, measured, newPool, nothing, server, tally, tell, type Told } from './actors.ts'
import { lossyPair } from './lossy-pair.ts'
import { numbered, serveNumbered, sum } from './numbered.ts'

const KB = 1024
const MB = 1024 * KB
const short = { count: 20, bytesEach: 40, everyMs: 1 }
const echo = ask({ name: 'echo', request: Type.Object({}), reply: Type.Object({}), deadlineMs: 500 })
const spoken = exchange({ name: 'spoken', request: Type.Object({ headers: Type.String() }), head: Type.Object({}), end: Type.Object({ length: Type.Integer() }) })
const happened = event({ name: 'happened', event: Type.Object({ what: Type.String() }) })

test('a pool without a worker is refused at once', async () => {
  const caller = await join((await server()).url)
  const refused = await tell(caller, newPool(), short)
  expect(refused).toMatchObject({ kind: 'refused', code: 'unavailable' })
  expect(refused.tookMs).toBeLessThan(1000)
})

test('bodies and answers pass a server that carries 64 KB a message', async () => {
  const nats = await server({ maxPayload: 64 * KB })
  const pool = newPool()
  const [caller, worker] = [await join(nats.url), await join(nats.url)]
  serveNumbered(worker, { to: pool })
  await known(caller, pool, 1)
  for (const bytes of [59 * KB, 60 * KB, 61 * KB, 64 * KB, 5 * MB]) {
    const body = Buffer.alloc(bytes, 'b')
    const answer = await caller.exchange(numbered, { ...short, count: 0 }, { to: pool, body })
    expect(answer.end).toEqual({ count: 0, bodyBytes: bytes, bodySum: sum(body) })
  }
  expect(await tell(caller, pool, { count: 3 * 16, bytesEach: 64 * KB, everyMs: 0 })).toMatchObject({ kind: 'exact', received: 3 * MB })
})

test.each([50, 51, 52, 53, 56, 59, 61])('a body of %i KB beside a request of 12 KB passes a bus that carries 64 KB a message', async size => {
  const { caller, worker, pool } = lossyPair({ maxPayload: 64 * KB })
  worker.serveExchange(spoken, { to: pool }, async call => {
    const { length } = await call.body()
    call.head({})
    return { length }
  })
  await until(() => caller.workers(spoken, pool) === 1, { what: 'the worker to be known' })
  const { end } = await caller.exchange(spoken, { headers: 'h'.repeat(12 * KB) }, { to: pool, body: Buffer.alloc(size * KB) })
  expect(end).toEqual({ length: size * KB })
})

test('a body travels in the opening as long as both fill no more than one message, and to the byte', async () => {
  const { caller, worker, pool } = lossyPair({ maxPayload: 64 * KB })
  serveNumbered(worker, { to: pool })
  await known(caller, pool, 1)
  const opened: { bytes: number; inline: boolean }[] = []
  caller.transport.loses = ({ data }) => {
    if (data[0] === KIND.open) opened.push({ bytes: data.length, inline: checked(OpenEnvelope, decodeWithJson(data).json, 'an opening').inline })
    return false
  }
  for (let bytes = 64 * KB - 200; bytes <= 64 * KB; bytes++) {
    const { end } = await caller.exchange(numbered, { ...short, count: 0 }, { to: pool, body: Buffer.alloc(bytes) })
    expect(end?.bodyBytes).toBe(bytes)
  }
  expect(Math.max(...opened.filter(({ inline }) => inline).map(({ bytes }) => bytes))).toBe(64 * KB)
  expect(Math.max(...opened.filter(({ inline }) => !inline).map(({ bytes }) => bytes))).toBeLessThan(1 * KB)
})

test('a head, an end or an error that no message can carry is an error of that answer alone', async () => {
  const nats = await server({ maxPayload: 64 * KB })
  const [caller, worker] = [await join(nats.url), await join(nats.url)]
  const large = 'x'.repeat(100 * KB)
  const end = { count: 0, bodyBytes: 0, bodySum: 0 }
  const pools = { head: newPool(), end: newPool(), error: newPool(), both: newPool() }
  worker.serveExchange(numbered, { to: pools.head }, async call => {
    call.head({ pid: 1, large } as { pid: number })
    return end
  })
  worker.serveExchange(numbered, { to: pools.end }, async call => {
    call.head({ pid: 1 })
    call.write(Buffer.from('content'))
    return { ...end, large }
  })
  worker.serveExchange(numbered, { to: pools.error }, () => Promise.reject(new GatewayError('provider_failed', large)))
  // Each fits, but not in one frame with a full load of content.
  worker.serveExchange(numbered, { to: pools.both }, async call => {
    call.head({ pid: 1, large: large.slice(0, 50 * KB) } as { pid: number })
    call.write(Buffer.alloc(100 * KB, 'c'))
    return { ...end, large: large.slice(0, 50 * KB) }
  })
  const answered = async (pool: string) => {
    await known(caller, pool, 1)
    let received = 0
    for await (const chunk of await caller.exchange(numbered, short, { to: pool, body: nothing })) received += chunk.length
    return received
  }
  await expect(answered(pools.head)).rejects.toMatchObject({ code: 'internal' })
  await expect(answered(pools.end)).rejects.toMatchObject({ code: 'internal' })
  await expect(answered(pools.error)).rejects.toMatchObject({ code: 'provider_failed' })
  expect(await answered(pools.both)).toBe(100 * KB)
  expect(caller.counts).toMatchObject({ inFlight: 0, grantedBytes: 0 })
})

test('a body over the limit of the bus is refused before it is sent', async () => {
  const nats = await server()
  const pool = newPool()
  const [caller, worker] = [await join(nats.url), await join(nats.url)]
  const { observed } = serveNumbered(worker, { to: pool })
  await known(caller, pool, 1)
  expect(await tell(caller, pool, short, { body: Buffer.alloc(64 * MB + 1) })).toMatchObject({ kind: 'refused', code: 'payload_too_large' })
  expect(observed.started).toBe(0)
})

test('more than a worker may have in flight is refused at once with a hint, and nothing queues', async () => {
  const nats = await server()
  const pool = newPool()
  const [caller, worker] = [await join(nats.url), await join(nats.url)]
  const { served, observed } = serveNumbered(worker, { to: pool, capacity: 50 })
  await known(caller, pool, 1)
  const stop = new AbortController()
  const hanging = Array.from({ length: 50 }, () => tell(caller, pool, { ...short, hangAfter: 0 }, { signal: stop.signal }))
  await until(() => observed.started === 50, { what: 'the worker to be full' })
  const began = performance.now()
  const refusals = await Promise.allSettled(Array.from({ length: 300 }, () => caller.exchange(numbered, short, { to: pool, body: nothing })))
  measured('three hundred refusals took', performance.now() - began)
  for (const refusal of refusals) expect(refusal).toMatchObject({ status: 'rejected', reason: { code: 'overloaded', details: { retryAfterMs: 1000 } } })
  expect(performance.now() - began).toBeLessThan(5000)
  expect(served.inFlight).toBe(50)
  expect(observed.started).toBe(50)
  stop.abort()
  expect(tally(await Promise.all(hanging))).toEqual({ 'refused cancelled': 50 })
})

test('more exchanges with one worker than one message can list are refused, the others go on', async () => {
  const nats = await server({ maxPayload: 64 * KB })
  const pool = newPool()
  const [caller, worker] = [await join(nats.url), await join(nats.url)]
  serveNumbered(worker, { to: pool, capacity: 5000 })
  await known(caller, pool, 1)
  const outcomes = tally(await Promise.all(Array.from({ length: 1500 }, () => tell(caller, pool, { count: 10, bytesEach: 40, everyMs: 100 }))))
  expect(Object.keys(outcomes).toSorted()).toEqual(['exact', 'refused overloaded'])
  expect(outcomes['exact']).toBeGreaterThan(800)
})

test('a callback that throws is told, costs its message and nothing else', async () => {
  const nats = await server()
  const [teller, listener] = [await join(nats.url), await join(nats.url)]
  const failed: TransportStatus[] = []
  const heard: string[] = []
  listener.onStatus(status => void (status.kind === 'handler_failed' && failed.push(status)))
  listener.onStatus(() => {
    throw new Error('a fault in a listener')
  })
  listener.on(happened, ({ what }) => {
    if (what === 'bad') throw new Error('a fault in a handler')
    heard.push(what)
  })
  listener.serve(echo, async () => ({ reply: {} }))
  await listener.flush()
  for (const what of ['one', 'bad', 'two']) teller.emit(happened, { what })
  await until(() => heard.length === 2, { what: 'the event after the fault' })
  expect(failed).toMatchObject([{ kind: 'handler_failed', subject: 'gw.v1.evt.happened' }])
  await nats.restart()
  await until(() => teller.connected && listener.connected, { what: 'both to be back', timeoutMs: 10_000 })
  await until(() => teller.ask(echo, {}), { what: 'an answer after the restart' })
})

const permitted = (caller: string, worker: string) => `authorization { users: [
  { user: caller, password: x, permissions: { ${caller} } }
  { user: worker, password: x, permissions: { ${worker} } }
] }`
const asUser = (url: string, user: string) => url.replace('nats://', `nats://${user}:x@`)

test.each([
  { what: 'to send requests', caller: 'publish: { deny: ["gw.v1.req.>", "gw.v1.dir.>"] }', worker: '', who: 'caller', operation: 'publish' },
  { what: 'to talk about running exchanges', caller: 'publish: { deny: ["gw.v1.up.>"] }', worker: '', who: 'caller', operation: 'publish' },
  { what: 'to hear answers', caller: 'subscribe: { deny: ["_R.>"] }', worker: '', who: 'caller', operation: 'subscription' },
  { what: 'to hear requests', caller: '', worker: 'subscribe: { deny: ["gw.v1.req.>", "gw.v1.dir.>"] }', who: 'worker', operation: 'subscription' },
  { what: 'to hear about running exchanges', caller: '', worker: 'subscribe: { deny: ["gw.v1.up.>"] }', who: 'worker', operation: 'subscription' },
  { what: 'to answer', caller: '', worker: 'publish: { deny: ["_R.>"] }', who: 'worker', operation: 'publish' },
])('a participant that may not publish or subscribe $what: told, and no request waits for ever', async ({ caller: callerMay, worker: workerMay, who, operation }) => {
  const nats = await server({ config: permitted(callerMay, workerMay) })
  const pool = newPool()
  const denied: Record<string, TransportStatus[]> = { caller: [], worker: [] }
  const worker = await join(asUser(nats.url, 'worker'))
  worker.onStatus(status => void (status.kind === 'denied' && denied['worker']!.push(status)))
  serveNumbered(worker, { to: pool })
  const caller = await join(asUser(nats.url, 'caller'))
  caller.onStatus(status => void (status.kind === 'denied' && denied['caller']!.push(status)))
  await known(caller, pool, 1)
  const told = await tell(caller, pool, { count: 2000, bytesEach: 40, everyMs: 5 })
  measured(`${who} denied a ${operation}: ${told.kind} ${told.code} after`, told.tookMs)
  expect(['refused', 'broken']).toContain(told.kind)
  expect(told.tookMs).toBeLessThan(15_000)
  // A caller subscribes as it connects, before anybody listens here.
  if (operation === 'publish' || who === 'worker') await until(() => denied[who]!.length > 0, { what: 'the denial to be told' })
  expect(caller.counts).toMatchObject({ inFlight: 0, grantedBytes: 0 })
})

test('the workers of a pool are all replaced under load, one after the other, and no request fails', async () => {
  const nats = await server()
  const pool = newPool()
  const caller = await join(nats.url)
  let workers = await Promise.all(Array.from({ length: 3 }, () => actor('worker', nats.url, pool)))
  await known(caller, pool, 3)
  const told: Promise<Told>[] = []
  let steady = true
  const load = (async () => {
    while (steady) {
      told.push(tell(caller, pool, { count: 60, bytesEach: 40, everyMs: 8 }))
      await sleep(8)
    }
  })()
  await sleep(300)
  for (const old of workers) {
    const fresh = await actor('worker', nats.url, pool)
    await known(caller, pool, 4)
    expect(await old.stop()).toEqual({ code: 0, signal: null })
    workers = [...workers, fresh]
    await known(caller, pool, 3)
  }
  steady = false
  await load
  const all = await Promise.all(told)
  expect(tally(all)).toEqual({ exact: all.length })
  expect(new Set(all.map(one => one.worker)).size).toBe(6)
  measured('in a rolling restart the slowest of the requests had its first bytes after', Math.max(...all.map(one => one.firstMs)))
})
