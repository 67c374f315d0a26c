import { inTurn, numberedContent, requirePrometheus, serverError, startPrometheus, startUpstream, until, type PrometheusServer, type Upstream } from '@gomodel/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { prometheusConfig, startStack, type Stack } from './compose-stack.ts'
import { drawn, metricsIn } from './dashboard.ts'
import { authorized, chat, listed, MASTER_KEY, post, PROVIDER_KEY, readEvents } from './gateway.ts'

const EAST_KEY = 'sk-of-the-further-instance'
const START_TIMEOUT_MS = 60_000
// Installed where that may be done; elsewhere what needs it is listed as skipped, save in CI.
const withoutPrometheus = (await requirePrometheus().then(() => false, () => true)) && process.env['CI'] !== 'true'

describe('what compose runs, with a provider in .env and another in .env.providers', () => {
  let upstream: Upstream
  let stack: Stack

  beforeAll(async () => {
    upstream = await startUpstream(() => ({ deltas: 5, deltaDelayMs: 2 }), ['gpt-test'])
    stack = await startStack(
      { GOMODEL_MASTER_KEY: MASTER_KEY, OPENAI_API_KEY: PROVIDER_KEY, OPENAI_BASE_URL: upstream.url },
      { scale: { 'worker-openai': 2, 'exact-cache': 2 }, providers: { OPENAI_EAST_API_KEY: EAST_KEY, OPENAI_EAST_BASE_URL: upstream.url } },
    )
    await listed(stack.url, 'openai/gpt-test')
    await listed(stack.url, 'openai-east/gpt-test')
  }, START_TIMEOUT_MS)
  afterAll(async () => {
    await stack?.[Symbol.asyncDispose]()
    await upstream?.stop()
  })

  test('answers a chat request through the pool of its provider, whole and as a stream', async () => {
    const whole = await post(stack.url, chat())
    expect(whole.status).toBe(200)
    expect(whole.headers.get('x-gomodel-provider')).toBe('openai')
    expect(await whole.json()).toMatchObject({ choices: [{ message: { content: numberedContent(5) } }] })
    expect(readEvents(await (await post(stack.url, chat({ stream: true, temperature: 0 }))).text())).toMatchObject({ content: numberedContent(5), done: true })
    expect(upstream.requests.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${PROVIDER_KEY}`, `Bearer ${PROVIDER_KEY}`])
  })

  test('answers the same again from the exact cache, which is one in Redis however many replicas it has', async () => {
    const asked = chat({ messages: [{ role: 'user', content: 'the same' }] })
    expect((await post(stack.url, asked)).headers.get('x-cache')).toBe('MISS')
    await until(async () => (await post(stack.url, asked)).headers.get('x-cache') === 'HIT (exact)', { what: 'a hit' })
    for (const { process } of stack.of('exact-cache')) expect(process.running).toBe(true)
  })

  test('answers through the catch-all worker for an instance of .env.providers, with the key from there', async () => {
    const answer = await post(stack.url, chat({ model: 'openai-east/gpt-test' }))
    expect([answer.status, answer.headers.get('x-gomodel-provider')]).toEqual([200, 'openai-east'])
    expect(upstream.requests.at(-1)?.headers.authorization).toBe(`Bearer ${EAST_KEY}`)
  })

  test('serves each instance from one pool only, and simulates none', async () => {
    const { data } = (await (await fetch(`${stack.url}/v1/models`, { headers: authorized })).json()) as { data: { id: string }[] }
    expect(data.map(({ id }) => id)).toEqual(['openai/gpt-test', 'openai-east/gpt-test'])
    const askedWith = upstream.modelListings.map(({ headers }) => headers.authorization).sort()
    expect(askedWith).toEqual([`Bearer ${EAST_KEY}`, ...stack.of('worker-openai').map(() => `Bearer ${PROVIDER_KEY}`)].sort())
  })

  test('has a health and metrics for each process, and none of them tells a key', async () => {
    for (const { url, process } of stack.replicas) {
      expect((await fetch(`${url}/health`)).status).toBe(200)
      const metrics = await fetch(`${url}/metrics`)
      expect(metrics.headers.get('content-type')).toContain('text/plain; version=0.0.4')
      for (const text of [process.output, await metrics.text()]) for (const key of [MASTER_KEY, PROVIDER_KEY, EAST_KEY]) expect(text).not.toContain(key)
    }
  })

  test('tells the collector one trace of a request, from all services that had a part in it', async () => {
    const traceId = 'ab'.repeat(16)
    const { status } = await post(stack.url, chat({ temperature: 1 }), { headers: { ...authorized, traceparent: `00-${traceId}-${'cd'.repeat(8)}-01` } })
    expect(status).toBe(200)
    const told = () => new Set(stack.traces.spans.filter(span => span.traceId === traceId).map(span => span.service))
    const wanted = ['gomodel-ingress', 'gomodel-exact-cache', 'gomodel-provider-worker']
    await until(() => wanted.every(name => told().has(name)), { what: 'spans of each service', timeoutMs: 20_000 })
  })

  test('exports every metric that the dashboard draws, and as the type that it takes it for', async () => {
    const exported = new Set<string>()
    for (const { url } of stack.replicas) for (const [, name, type] of (await (await fetch(`${url}/metrics`)).text()).matchAll(/^# TYPE (\w+) (\w+)$/gm)) exported.add(`${name} ${type}`)
    const used = drawn().flatMap(({ expression }) => metricsIn(expression)).map(({ name, type }) => `${name} ${type}`)
    expect(used.length).toBeGreaterThan(30)
    expect(used.filter(metric => !exported.has(metric))).toEqual([])
  })

  describe.skipIf(withoutPrometheus)('watched by Prometheus', () => {
    let prometheus: PrometheusServer

    beforeAll(async () => {
      // A provider that fails once is tried again, which is counted too.
      upstream.script = inTurn(serverError(), { deltas: 5 })
      await (await post(stack.url, chat({ stream: true, seed: 1 }))).text()
      prometheus = await startPrometheus(prometheusConfig(stack))
    }, START_TIMEOUT_MS)
    afterAll(() => prometheus?.stop())

    test('every replica is up, under the name of its service', async () => {
      const up = async () => (await prometheus.query('up == 1')).map(({ labels }) => labels['job']).sort()
      const wanted = stack.replicas.map(({ service }) => service).sort()
      await until(async () => JSON.stringify(await up()) === JSON.stringify(wanted), { what: 'all targets to be up', timeoutMs: 25_000, everyMs: 200 })
    })

    test('the requests are counted where they were answered', async () => {
      const counted = await until(async () => (await prometheus.query('gateway_requests_total{route="/v1/chat/completions", status="200"}'))[0], { what: 'the requests', timeoutMs: 25_000, everyMs: 200 })
      expect(counted.labels['job']).toBe('ingress')
      expect(counted.value).toBeGreaterThanOrEqual(2)
      const called = await prometheus.query('sum by (job, provider) (gateway_upstream_requests_total)')
      expect(called.map(({ labels }) => `${labels['provider']} by ${labels['job']}`).sort()).toEqual(['openai by worker-openai', 'openai-east by worker'])
    })

    test.each(drawn())('draws $title', async ({ expression, labels }) => {
      const series = await until(async () => {
        const found = await prometheus.query(expression)
        return found.length > 0 && found
      }, { what: expression, timeoutMs: 25_000, everyMs: 200 })
      for (const label of labels) expect(series[0]?.labels).toHaveProperty(label)
    })
  })
})

describe('what compose runs, with an empty .env', () => {
  let stack: Stack

  beforeAll(async () => {
    stack = await startStack({})
    await until(async () => (await fetch(`${stack.url}/ready`)).ok, { what: 'the gateway to be ready', timeoutMs: 20_000 })
  }, START_TIMEOUT_MS)
  afterAll(() => stack?.[Symbol.asyncDispose]())

  test('answers from the simulated provider of the catch-all worker', async () => {
    const { data } = (await (await fetch(`${stack.url}/v1/models`)).json()) as { data: { id: string }[] }
    const models = data.map(({ id }) => id)
    expect(models.length).toBeGreaterThan(0)
    const chats = models.find(id => !/embed/.test(id))
    const answer = await post(stack.url, chat({ model: chats }))
    expect([answer.status, answer.headers.get('x-gomodel-provider')]).toEqual([200, models[0]?.split('/')[0]])
    expect(stack.of('worker')[0]?.process.output).toContain('SIMULATED')
  })

  test('keeps a response through a crash of its Redis, and of the one of the cache', async () => {
    const asked = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'simulator/simulated-chat', input: 'Say hello' }) }
    const { id } = (await (await fetch(`${stack.url}/v1/responses`, asked)).json()) as { id: string }
    await stack.redis['redis-responses']?.restart()
    await stack.redis['redis']?.restart()
    const kept = async () => (await fetch(`${stack.url}/v1/responses/${id}`)).status
    await until(async () => (await kept()) !== 503, { what: 'the response store to have its Redis again', timeoutMs: 20_000, everyMs: 100 })
    expect(await kept()).toBe(200)
  })

  test('keeps the worker of a provider without a key waiting: alive, healthy, and with nothing to serve', async () => {
    const [waiting] = stack.of('worker-openai')
    expect(waiting?.env).toMatchObject({ OPENAI_API_KEY: '', PROVIDER_INSTANCES: '' })
    expect(waiting?.process.running).toBe(true)
    expect(waiting?.process.output).toContain('no provider instance to serve')
    expect((await fetch(`${waiting?.url}/health`)).status).toBe(200)
  })
})

