import { openBus, type Bus } from '@gomodel/bus'
import { exactLookup, exactStore } from '@gomodel/contracts'
import { freePort, startNats, startOtlpReceiver, startProcess, startRedis, until, type RunningProcess } from '@gomodel/testing'
import { expect, onTestFinished, test } from 'vitest'
import { entryOf, keyOf } from './fixtures/entries.ts'
import { lookup, store } from './fixtures/service.ts'

const KEY = keyOf('question')
const ENTRY = entryOf('body')
const SERVING = /"msg":"serving"/
const START_MS = 20_000

type Environment = Record<string, string>

/** An exact cache as its operator runs it. */
function cache(environment: Environment): RunningProcess {
  const running = startProcess('services/exact-cache/src/main.ts', { env: { HOST: '127.0.0.1', ...environment } })
  onTestFinished(async () => void (await running.stop()))
  return running
}

async function serving(environment: Environment): Promise<RunningProcess> {
  const running = cache(environment)
  await running.waitFor(SERVING, START_MS)
  return running
}

async function natsServer(port?: number) {
  const nats = await startNats(port === undefined ? {} : { port })
  onTestFinished(() => nats.stop())
  return nats
}

async function redisServer() {
  const redis = await startRedis({ password: 'hidden' })
  onTestFinished(() => redis.stop())
  return redis
}

async function ingressOn(url: string): Promise<Bus> {
  const bus = openBus(url, 'ingress')
  onTestFinished(() => bus.close())
  await until(() => bus.connected, { what: 'the bus', timeoutMs: START_MS })
  return bus
}

const lastLine = ({ output }: RunningProcess) => output.trim().split('\n').at(-1)

test('a second exact cache in memory ends with code 1 and one line that says what to do; the first one answers all the while', async () => {
  const NATS_URL = (await natsServer()).url
  const first = await serving({ NATS_URL })
  const ingress = await ingressOn(NATS_URL)
  expect(await store(ingress, KEY, ENTRY)).toBe(true)
  const second = cache({ NATS_URL })
  while (second.running) expect((await lookup(ingress, KEY)).reply.answer).toBeDefined()
  expect((await second.exited).code).toBe(1)
  expect(lastLine(second)).toBe('another exact-cache is on the bus, and one that keeps its answers in memory has to be the only one: set REDIS_URL for each of them to run several, or stop the other')
  expect(second.output).not.toMatch(SERVING)
  expect((await lookup(ingress, KEY)).reply.answer).toBeDefined()
  expect(first.running).toBe(true)
})

test('one with Redis beside one in memory ends, and the other way round', async () => {
  const NATS_URL = (await natsServer()).url
  const REDIS_URL = (await redisServer()).url
  const first = await serving({ NATS_URL })
  const second = cache({ NATS_URL, REDIS_URL })
  expect((await second.exited).code).toBe(1)
  expect(lastLine(second)).toMatch(/^an exact-cache that keeps its answers in memory is on the bus.*set REDIS_URL for it too/)
  await first.stop()
  const third = await serving({ NATS_URL, REDIS_URL })
  const fourth = cache({ NATS_URL })
  expect((await fourth.exited).code).toBe(1)
  expect(third.running).toBe(true)
})

test('several with one Redis share the questions and the answers, and one may be killed', async () => {
  const NATS_URL = (await natsServer()).url
  const REDIS_URL = (await redisServer()).url
  const first = await serving({ NATS_URL, REDIS_URL })
  const second = await serving({ NATS_URL, REDIS_URL })
  const ingress = await ingressOn(NATS_URL)
  await until(() => store(ingress, KEY, ENTRY), { what: 'the store', timeoutMs: START_MS })
  for (let asked = 0; asked < 20; asked++) await until(async () => (await lookup(ingress, KEY)).reply.answer, { what: 'a hit', timeoutMs: START_MS })
  first.kill('SIGKILL')
  await first.exited
  await until(async () => (await lookup(ingress, KEY)).reply.answer, { what: 'a hit', timeoutMs: START_MS })
  expect((await second.stop()).code).toBe(0)
  expect(first.output + second.output).not.toContain('hidden')
})

test('of two in memory that waited for the bus one is left when it comes, and when it comes again', async () => {
  const port = await freePort()
  const environment = { NATS_URL: `nats://127.0.0.1:${port}`, LOG_LEVEL: 'debug' }
  const both = [cache(environment), cache(environment)]
  for (const one of both) await one.waitFor('the bus does not answer', START_MS)
  const nats = await natsServer(port)
  await Promise.race(both.map(({ exited }) => exited))
  const ingress = await ingressOn(nats.url)
  await until(() => store(ingress, KEY, ENTRY), { what: 'the store', timeoutMs: START_MS })
  expect(both.filter(({ running }) => running)).toHaveLength(1)
  await nats.restart()
  await until(async () => (await lookup(ingress, KEY)).reply.answer, { what: 'a hit', timeoutMs: START_MS })
  expect(both.filter(({ running }) => running)).toHaveLength(1)
})

test('a Redis that is not there is named with its address and the variable, and without the password', async () => {
  const NATS_URL = (await natsServer()).url
  const port = await freePort()
  const running = await serving({ NATS_URL, REDIS_URL: `redis://:hidden@127.0.0.1:${port}` })
  const line = await running.waitFor(/.*Redis \(REDIS_URL\) is away.*/, START_MS)
  expect(line).toContain(`127.0.0.1:${port}`)
  expect(line).toContain('ECONNREFUSED')
  expect((await running.stop()).code).toBe(0)
  expect(running.output).not.toContain('hidden')
})

test('a REDIS_URL that is malformed ends the start with one line that names it', async () => {
  const running = cache({ NATS_URL: 'nats://127.0.0.1:9', REDIS_URL: 'http://:hidden@redis' })
  expect((await running.exited).code).toBe(1)
  expect(running.output.trim()).toMatch(/^bad configuration: REDIS_URL must be an address such as redis:\S+ or rediss:\S+$/)
  expect(running.output).not.toContain('hidden@redis')
})

test('a collector gets a span of each lookup and store, below the one that asked', async () => {
  const NATS_URL = (await natsServer()).url
  const collector = await startOtlpReceiver()
  onTestFinished(() => collector.stop())
  await serving({ NATS_URL, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url })
  const ingress = await ingressOn(NATS_URL)
  const [traceId, parentSpanId] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
  const trace = { traceparent: `00-${traceId}-${parentSpanId}-01` }
  await ingress.ask({ ...exactStore, deadlineMs: START_MS }, { key: KEY, answer: ENTRY.answer }, { body: ENTRY.body, trace })
  await ingress.ask({ ...exactLookup, deadlineMs: START_MS }, { key: KEY }, { trace })
  const ours = await until(() => {
    const spans = collector.spans.filter(span => span.traceId === traceId)
    return spans.length === 2 && spans
  }, { what: 'two spans', timeoutMs: START_MS })
  const span = { parentSpanId, kind: 'server', service: expect.stringContaining('exact-cache') }
  expect(ours.find(({ name }) => name === 'exact-cache store')).toMatchObject({ ...span, kind: 'consumer', attributes: { 'gateway.cache.verdict': 'stored' } })
  expect(ours.find(({ name }) => name === 'exact-cache lookup')).toMatchObject({ ...span, attributes: { 'gateway.cache.verdict': 'hit' } })
})
