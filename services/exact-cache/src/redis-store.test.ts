import { createServer, type AddressInfo } from 'node:net'
import { openRedis, readSettings } from '@gomodel/service'
import { freePort, startRedis, until, type RedisServer } from '@gomodel/testing'
import { Redis } from 'ioredis'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { ANSWER, bytesOf, entryOf, keyOf } from './fixtures/entries.ts'
import { RecordingLog } from './fixtures/recording-log.ts'
import { RedisStore } from './redis-store.ts'
import { settings } from './settings.ts'

const HOUR_MS = 3_600_000
const PREFIX = 'test:'
const KEY = keyOf('question')
const patiently = { timeoutMs: 20_000 }

async function storeAt(url: string, ttlMs = HOUR_MS) {
  const log = new RecordingLog()
  const { redis } = readSettings(settings, { REDIS_URL: url })
  const connection = await openRedis(redis!, { log, meanwhile: 'nothing is found' })
  const store = new RedisStore({ connection, keyPrefix: PREFIX, ttlMs })
  onTestFinished(() => store.close())
  return { store, log }
}

async function redisServer(options?: Parameters<typeof startRedis>[0]): Promise<RedisServer> {
  const server = await startRedis(options)
  onTestFinished(() => server.stop())
  return server
}

/** A store that is connected. */
async function connected(server: RedisServer, ttlMs?: number) {
  const { store, log } = await storeAt(server.url, ttlMs)
  await until(async () => (await store.find(KEY)) === 'miss', { what: 'the connection', ...patiently })
  return { store, log }
}

/** Looks at the server as nobody else does. */
function operator(server: RedisServer): Redis {
  const client = new Redis(server.url)
  onTestFinished(() => client.disconnect())
  return client
}

/** What is found in the end: on a busy machine a lookup may be too late for its deadline. */
const found = (store: RedisStore, key = KEY) =>
  until(async () => {
    const now = await store.find(key)
    return now !== 'unavailable' && now
  }, { what: 'a hit or a miss', ...patiently })

/** What comes first when something else has to wait. */
const nextTurn = () => new Promise<string>(resolve => setImmediate(() => resolve('it waits')))

/** How often somebody connected to a server so far. */
const dials = async (client: Redis) => Number(/total_connections_received:(\d+)/.exec(await client.info('stats'))?.[1])

describe('answers in Redis', () => {
  let server: RedisServer
  let store: RedisStore
  let client: Redis

  beforeEach(async () => {
    server = await redisServer()
    store = (await connected(server)).store
    client = operator(server)
  })

  test.each([0, 5, 768 * 1024])('are found again with their %i bytes', async length => {
    const entry = entryOf(bytesOf(length))
    expect(await store.keep(KEY, entry)).toBe(true)
    const seen = await found(store)
    expect(seen).toMatchObject({ answer: ANSWER })
    expect(typeof seen === 'object' && Buffer.compare(seen.body, entry.body)).toBe(0)
    expect(await found(store, keyOf('another question'))).toBe('miss')
  })

  test('are looked for together: what one turn asks leaves in one write', async () => {
    // Each read of the server took what one or more writes had brought.
    const reads = async () => Number(/total_reads_processed:(\d+)/.exec(await client.info('stats'))?.[1])
    const before = await reads()
    await Promise.all(Array.from({ length: 100 }, () => store.find(KEY)))
    const own = 1
    expect(await reads() - before - own).toBe(1)
  })

  test('are not missed because this process was late itself: Redis has its time from when it is asked', async () => {
    for (let round = 0; round < 20; round++) {
      const looking = store.find(KEY)
      const wakesAt = performance.now() + 60
      while (performance.now() < wakesAt) continue
      expect(await looking).toBe('miss')
    }
  })

  test('stand under the prefix, for as long as was set', async () => {
    await store.keep(KEY, entryOf('body'))
    expect(await client.keys('*')).toEqual([PREFIX + KEY])
    const left = await client.pttl(PREFIX + KEY)
    expect(left).toBeLessThanOrEqual(HOUR_MS)
    expect(left).toBeGreaterThan(HOUR_MS - 60_000)
  })

  test('are a miss when their time is over', async () => {
    const { store: forgetful } = await connected(server, 50)
    await forgetful.keep(KEY, entryOf('body'))
    await until(async () => (await forgetful.find(KEY)) === 'miss', { what: 'the end of its time' })
  })

  test('are found by every other store', async () => {
    await store.keep(KEY, entryOf('body'))
    const { store: other } = await storeAt(server.url)
    expect(await found(other)).toEqual(entryOf('body'))
  })

  test('that somebody spoiled are a miss, until the next one is kept', async () => {
    const spoil = [() => client.set(PREFIX + KEY, 'not ours'), () => client.set(PREFIX + KEY, Buffer.of(1, 255, 255, 255, 255)), () => client.del(PREFIX + KEY).then(() => client.rpush(PREFIX + KEY, 'a list'))]
    for (const one of spoil) {
      await one()
      expect(await found(store)).toBe('miss')
    }
    expect(await store.keep(KEY, entryOf('body'))).toBe(true)
    expect(await found(store)).toEqual(entryOf('body'))
  })
})

describe('a Redis', () => {
  test('that is killed is a miss and is used again when it is back; each is said once', async () => {
    const server = await redisServer()
    const { store, log } = await connected(server)
    await store.keep(KEY, entryOf('body'))
    await server.kill()
    await until(() => log.warnings.length > 0, { what: 'the warning', ...patiently })
    for (let asked = 0; asked < 100; asked++) expect(await store.find(KEY)).toBe('unavailable')
    expect(await store.keep(KEY, entryOf('body'))).toBe(false)
    expect(log.warnings).toEqual([{ redis: `127.0.0.1:${server.port}`, reason: expect.any(String) }])
    await server.restart()
    await until(() => store.keep(KEY, entryOf('back')), { what: 'an answer to be kept again', ...patiently })
    expect(await found(store)).toEqual(entryOf('back'))
    expect([log.warnings.length, log.infos.length]).toEqual([1, 2])
  })

  test('that is frozen costs three lookups their deadline and the others nothing, and is used again when it wakes', async () => {
    const server = await redisServer()
    const { store, log } = await connected(server)
    await store.keep(KEY, entryOf('body'))
    server.pause()
    for (let asked = 0; asked < 3; asked++) {
      const startedAt = performance.now()
      expect(await store.find(KEY)).toBe('unavailable')
      expect(performance.now() - startedAt).toBeLessThan(1000)
    }
    for (let asked = 0; asked < 100; asked++) expect(await Promise.race([store.find(KEY), nextTurn()])).toBe('unavailable')
    expect(log.warnings).toEqual([{ redis: `127.0.0.1:${server.port}`, reason: 'it does not answer in time' }])
    server.resume()
    expect(await found(store)).toEqual(entryOf('body'))
    expect([log.warnings.length, log.infos.length]).toEqual([1, 2])
  })

  test('that takes connections and says nothing is dialled again and again, and named once', async () => {
    let connections = 0
    const silent = createServer(() => connections++)
    await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    const { port } = silent.address() as AddressInfo
    const { store, log } = await storeAt(`redis://127.0.0.1:${port}`)
    await until(() => connections > 2, { what: 'several dials', ...patiently })
    expect(await store.find(KEY)).toBe('unavailable')
    expect(log.lines).toMatchObject([{ level: 'warn', about: { redis: `127.0.0.1:${port}`, reason: 'it does not answer in time' } }])
  })

  test('that is only slow for a moment is asked again on the same connection', async () => {
    const server = await redisServer()
    const { store, log } = await connected(server)
    await store.keep(KEY, entryOf('body'))
    const client = operator(server)
    const before = await dials(client)
    await client.call('CLIENT', 'PAUSE', '300', 'ALL')
    for (let asked = 0; asked < 4; asked++) expect(await store.find(KEY)).toBe('unavailable')
    expect(await found(store)).toEqual(entryOf('body'))
    expect(await dials(client)).toBe(before)
    expect([log.warnings.length, log.infos.length]).toEqual([1, 2])
  })

  test('that is not there at the start is named, and used when it comes', async () => {
    const port = await freePort()
    const { store, log } = await storeAt(`redis://127.0.0.1:${port}`)
    await until(() => log.warnings.length > 0, { what: 'the warning', ...patiently })
    expect(log.lines).toEqual([{ level: 'warn', about: { redis: `127.0.0.1:${port}`, reason: 'ECONNREFUSED' }, message: expect.stringContaining('REDIS_URL') }])
    expect(await store.find(KEY)).toBe('unavailable')
    await redisServer({ port })
    await until(() => store.keep(KEY, entryOf('body')), { what: 'an answer to be kept', ...patiently })
    expect([log.warnings.length, log.infos.length]).toEqual([1, 1])
  })

  test.each([
    ['refuses the password', 'redis://:hidden@', 'it refuses the password'],
    ['refuses the user', 'redis://somebody:hidden@', 'it refuses the password'],
    ['wants a password', 'redis://', 'it wants a password'],
  ])('that %s is named once, without the password, and a miss', async (_, before, reason) => {
    const server = await redisServer({ password: 'secret' })
    const { store, log } = await storeAt(`${before}127.0.0.1:${server.port}`)
    const client = operator(server)
    await until(async () => (await dials(client)) > 4, { what: 'several dials', ...patiently })
    expect(await store.find(KEY)).toBe('unavailable')
    expect(log.warnings).toEqual([{ redis: `127.0.0.1:${server.port}`, reason }])
    expect(JSON.stringify(log.lines)).not.toMatch(/hidden|secret/)
  })

  test('whose password is put right is used without a restart', async () => {
    const server = await redisServer({ password: 'old' })
    const { store, log } = await storeAt(server.url.replace('old', 'new'))
    await until(() => log.warnings.length > 0, { what: 'the warning', ...patiently })
    await operator(server).config('SET', 'requirepass', 'new')
    await until(() => store.keep(KEY, entryOf('body')), { what: 'an answer to be kept', ...patiently })
  })

  test('without the database is named, and nothing is kept in another one', async () => {
    const server = await redisServer()
    const { store, log } = await storeAt(`${server.url}/99`)
    const client = operator(server)
    await until(async () => (await dials(client)) > 4, { what: 'several dials', ...patiently })
    expect(await store.keep(KEY, entryOf('body'))).toBe(false)
    expect(await store.find(KEY)).toBe('unavailable')
    expect(log.warnings).toEqual([{ redis: `127.0.0.1:${server.port}`, reason: 'it has no such database' }])
    expect(log.infos).toEqual([])
    expect(await client.dbsize()).toBe(0)
  })

  test('with several databases is used in the one that was named', async () => {
    const server = await redisServer()
    const { store } = await storeAt(`${server.url}/3`)
    await until(() => store.keep(KEY, entryOf('body')), { what: 'an answer to be kept', ...patiently })
    expect(await operator(server).info('keyspace')).toMatch(/db3:keys=1,/)
  })

  test('whose memory is full keeps nothing more and still answers; that is said once', async () => {
    const server = await redisServer()
    const { store, log } = await connected(server)
    await store.keep(KEY, entryOf('body'))
    await operator(server).config('SET', 'maxmemory', '1')
    for (let asked = 0; asked < 5; asked++) expect(await store.keep(keyOf('another question'), entryOf('body'))).toBe(false)
    expect(await found(store)).toEqual(entryOf('body'))
    expect(log.warnings).toEqual([{ redis: `127.0.0.1:${server.port}`, reason: 'its memory is full' }])
  })

  test('gets what was given before the end', async () => {
    const server = await redisServer()
    const { store } = await connected(server)
    const kept = Array.from({ length: 50 }, (_, index) => store.keep(keyOf(String(index)), entryOf(bytesOf(10_000))))
    await store.close()
    expect(await Promise.race([Promise.all(kept), nextTurn()])).toEqual(Array.from({ length: 50 }, () => true))
    expect(await operator(server).dbsize()).toBe(50)
    expect(await store.find(KEY)).toBe('unavailable')
  })

  test('that is frozen or away keeps nobody from leaving', async () => {
    const server = await redisServer()
    const { store } = await connected(server)
    server.pause()
    await store.close()
    const { store: other } = await storeAt(`redis://127.0.0.1:${await freePort()}`)
    await other.close()
    expect(await other.find(KEY)).toBe('unavailable')
  })
})
