import { setTimeout as sleep } from 'node:timers/promises'
import { type NatsCluster, startNatsCluster, until } from '@gomodel/testing'
import { expect, onTestFinished, test } from 'vitest'
import { actor, join, known, measured, newPool, nothing, observed, running, server, tally, tell } from './actors.ts'
import { numbered, sum } from './numbered.ts'

const short = { count: 20, bytesEach: 40, everyMs: 1 }

const large = Buffer.alloc(32 * 1024 * 1024)
for (let at = 0; at < large.length; at += 4096) large.writeUInt32LE(at, at)
const received = { count: 0, bodyBytes: large.length, bodySum: sum(large) }

test('the only server is killed and started again twice: a hundred streams and a large body arrive exactly', async () => {
  const nats = await server()
  const pool = newPool()
  const caller = await join(nats.url)
  await actor('worker', nats.url, pool)
  await known(caller, pool, 1)
  const streams = await running(caller, pool, { count: 500, bytesEach: 60, everyMs: 10 }, 120)
  for (let i = 0; i < 2; i++) {
    await sleep(700)
    const posted = caller.exchange(numbered, { ...short, count: 0 }, { to: pool, body: large })
    await sleep(50)
    await nats.restart()
    const upAt = performance.now()
    await until(() => caller.connected, { what: 'the bus to be back', timeoutMs: 10_000 })
    measured('after a restart of the server the bus is back after', performance.now() - upAt)
    expect((await posted).end).toEqual(received)
  }
  const told = await Promise.all(streams)
  expect(tally(told)).toEqual({ exact: 120 })
  expect(caller.counts).toMatchObject({ inFlight: 0, grantedBytes: 0 })
})

test('a server that stands still for a moment, and one that does for seconds, break no stream and no large body', async () => {
  const nats = await server()
  const pool = newPool()
  const caller = await join(nats.url)
  await actor('worker', nats.url, pool)
  await known(caller, pool, 1)
  const streams = await running(caller, pool, { count: 900, bytesEach: 60, everyMs: 10 }, 50)
  for (const ms of [2000, 5000]) {
    const posted = caller.exchange(numbered, { ...short, count: 0 }, { to: pool, body: large })
    await sleep(50)
    nats.kill('SIGSTOP')
    await sleep(ms)
    nats.kill('SIGCONT')
    const wokenAt = performance.now()
    await until(() => caller.connected, { what: 'the bus to be back', timeoutMs: 10_000 })
    measured(`after a server stood still for ${ms} ms the bus is back after`, performance.now() - wokenAt)
    expect((await posted).end).toEqual(received)
  }
  expect(tally(await Promise.all(streams))).toEqual({ exact: 50 })
})

test('a server that stays away ends every stream honestly, refuses what is new at once, and all recovers by itself', async () => {
  const nats = await server()
  const pool = newPool()
  const caller = await join(nats.url)
  const worker = await actor('worker', nats.url, pool)
  await known(caller, pool, 1)
  const streams = await running(caller, pool, { count: 10_000, bytesEach: 60, everyMs: 10 }, 20)
  const held = tell(caller, pool, { ...short, hangAfter: 0 })
  await until(() => observed(worker).started === 21, { what: 'all to be started' })
  nats.kill('SIGKILL')
  await until(() => !caller.connected, { what: 'the server to be missed' })
  const refused = await tell(caller, pool, short)
  expect(refused).toMatchObject({ kind: 'refused', code: 'unavailable' })
  expect(refused.tookMs).toBeLessThan(1000)
  await expect(caller.exchange(numbered, short, { to: 'nobody', body: nothing })).rejects.toMatchObject({ code: 'unavailable' })
  expect(tally(await Promise.all(streams))).toEqual({ 'broken stream_broken': 20 })
  expect(await held).toMatchObject({ kind: 'refused', code: 'unavailable' })
  expect(caller.counts).toMatchObject({ inFlight: 0, grantedBytes: 0 })
  await until(() => observed(worker).cancelled === 21, { what: 'the worker to have stopped the work', timeoutMs: 20_000 })
  await nats.restart()
  await until(async () => (await tell(caller, pool, short)).kind === 'exact', { what: 'the first answer after it', timeoutMs: 15_000 })
})

test('a cluster that loses the node of the caller, then the node of the worker, breaks no stream', async () => {
  const cluster = await startNatsCluster()
  onTestFinished(() => cluster.stop())
  const pool = newPool()
  const caller = await join(cluster.url, 'caller')
  await actor('worker', cluster.url, pool, { NAME: 'worker' })
  await known(caller, pool, 1)
  for (const name of ['caller', 'worker']) {
    const streams = await running(caller, pool, { count: 300, bytesEach: 60, everyMs: 10 }, 60)
    const node = await nodeOf(cluster, name)
    node.kill('SIGKILL')
    expect(tally(await Promise.all(streams)), `without the node of the ${name}`).toEqual({ exact: 60 })
    await node.restart()
    await cluster.routed(2)
  }
  expect(caller.counts).toMatchObject({ inFlight: 0, grantedBytes: 0 })
})

async function nodeOf(cluster: NatsCluster, name: string) {
  for (const node of cluster.servers) {
    const answer = await fetch(`${node.monitorUrl}/connz`, { signal: AbortSignal.timeout(2000) })
    const { connections } = (await answer.json()) as { connections: { name?: string }[] }
    if (connections.some(connection => connection.name === name)) return node
  }
  throw new Error(`no node has ${name}`)
}
