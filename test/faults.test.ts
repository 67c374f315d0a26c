import { setTimeout as sleep } from 'node:timers/promises'
import { openBus } from '@gomodel/bus'
import { answered, type EventOf } from '@gomodel/contracts'
import { numberedContent, slowReader, startUpstream, until, type Upstream } from '@gomodel/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { authorized, chat, listed, post, readEvents, startCluster, type Cluster, type Environment } from './gateway.ts'

const DELTAS = 120
const long = () => ({ deltas: DELTAS, deltaDelayMs: 25 })

/** What became of one stream over HTTP: `exact`, `error` (an honest prefix and an error event or status), or `wrong`, which must never be. */
async function outcome(url: string, deltas = DELTAS): Promise<'exact' | 'error' | 'wrong'> {
  const response = await post(url, chat({ stream: true }))
  const text = await response.text()
  if (!response.ok) return 'error'
  const { content, done, error } = readEvents(text)
  const whole = numberedContent(deltas)
  if (content === whole && done && !error) return 'exact'
  return whole.startsWith(content) && error && !done ? 'error' : 'wrong'
}

const tally = (outcomes: string[]) => ({ exact: 0, error: 0, wrong: 0, ...Object.fromEntries(Object.entries(Object.groupBy(outcomes, kind => kind)).map(([kind, all]) => [kind, all!.length])) })

async function gateway(options: { workers?: number; env?: Environment } = {}): Promise<{ upstream: Upstream; cluster: Cluster }> {
  const upstream = await startUpstream(undefined, ['gpt-test'])
  onTestFinished(() => upstream.stop())
  const cluster = await startCluster(upstream, options)
  onTestFinished(() => cluster.stop())
  return { upstream, cluster }
}

const running = (upstream: Upstream, count: number) =>
  until(() => upstream.requests.filter(request => request.deltasWritten > 5).length >= count, { what: `${count} streams to run`, timeoutMs: 15_000 })

describe('under faults, every stream is exact or says that it broke', () => {
  test('a worker is killed: its streams end in an error, the others are untouched, new requests are served', async () => {
    const { upstream, cluster } = await gateway({ workers: 2 })
    upstream.script = long
    const streams = Array.from({ length: 40 }, () => outcome(cluster.url))
    await running(upstream, 40)
    cluster.workers[0]!.kill('SIGKILL')
    await sleep(50)
    upstream.script = () => ({ deltas: 3 })
    const after = await Promise.all(Array.from({ length: 20 }, () => outcome(cluster.url, 3)))
    expect(tally(after)).toEqual({ exact: 20, error: 0, wrong: 0 })
    const { exact, error, wrong } = tally(await Promise.all(streams))
    expect(wrong).toBe(0)
    expect(exact).toBeGreaterThan(0)
    expect(error).toBeGreaterThan(0)
  })

  test('the only worker is killed: its models leave, requests for them are told to come back, and a new worker serves them', async () => {
    const { upstream, cluster } = await gateway()
    cluster.workers[0]!.kill('SIGKILL')
    const ids = async () => ((await (await fetch(`${cluster.url}/v1/models`, { headers: authorized })).json()) as { data: unknown[] }).data.length
    await until(async () => (await ids()) === 0, { what: 'the models to leave', timeoutMs: 10_000 })
    const refused = await post(cluster.url, chat())
    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await fetch(`${cluster.url}/ready`)).status).toBe(503)
    await cluster.startWorker()
    await listed(cluster.url, 'openai/gpt-test')
    upstream.script = () => ({})
    expect((await post(cluster.url, chat())).status).toBe(200)
  })

  test('a worker is frozen: its streams end in an error, and when it wakes it stops their calls', async () => {
    const { upstream, cluster } = await gateway({ workers: 2 })
    upstream.script = () => ({ deltas: 2000, deltaDelayMs: 25 })
    const abort = new AbortController()
    const streams = Array.from({ length: 20 }, async () => (await post(cluster.url, chat({ stream: true }), { signal: abort.signal })).text().then(text => readEvents(text).error?.code, () => 'left'))
    await running(upstream, 20)
    cluster.workers[0]!.kill('SIGSTOP')
    const broken = await Promise.race(streams)
    expect(broken).toBe('stream_broken')
    cluster.workers[0]!.kill('SIGCONT')
    await until(() => upstream.requests.some(request => request.aborted), { what: 'the woken worker to stop its calls', timeoutMs: 15_000 })
    abort.abort()
    await Promise.all(streams)
  })

  test('the only NATS server is killed and restarted twice: every stream arrives exactly', async () => {
    const { upstream, cluster } = await gateway({ workers: 2 })
    upstream.script = long
    const streams = Array.from({ length: 60 }, () => outcome(cluster.url))
    await running(upstream, 60)
    for (let time = 0; time < 2; time++) {
      cluster.nats.kill('SIGKILL')
      await sleep(200)
      await cluster.nats.restart()
      await sleep(300)
    }
    expect(tally(await Promise.all(streams))).toEqual({ exact: 60, error: 0, wrong: 0 })
  })

  test('NATS is away: 503 at once with a time to come back, alive but not ready, and recovery by itself', async () => {
    const { upstream, cluster } = await gateway()
    upstream.script = () => ({ deltas: 2 })
    cluster.nats.kill('SIGKILL')
    await until(async () => (await fetch(`${cluster.url}/ready`)).status === 503, { what: 'the loss to be noticed' })
    const refused = await post(cluster.url, chat())
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect((await fetch(`${cluster.url}/health`)).status).toBe(200)
    await cluster.nats.restart()
    await until(async () => (await outcome(cluster.url, 2)) === 'exact', { what: 'the gateway to serve again', timeoutMs: 15_000, everyMs: 100 })
  })

  test('workers are replaced one after the other under load: nothing fails', async () => {
    const { upstream, cluster } = await gateway({ workers: 2 })
    upstream.script = () => ({ deltas: 20, deltaDelayMs: 15 })
    let on = true
    const outcomes: string[] = []
    const clients = Array.from({ length: 12 }, async () => {
      while (on) outcomes.push(await outcome(cluster.url, 20))
    })
    for (const old of cluster.workers.slice(0, 2)) {
      await cluster.startWorker()
      await sleep(800)
      const { code } = await old.stop()
      expect(code).toBe(0)
    }
    await sleep(300)
    on = false
    await Promise.all(clients)
    expect(outcomes.length).toBeGreaterThan(50)
    expect(tally(outcomes)).toEqual({ exact: outcomes.length, error: 0, wrong: 0 })
    // Six processes start and end one after the other, under load.
  }, 90_000)

  test('a slow reader slows its own provider and nobody else', async () => {
    const { upstream, cluster } = await gateway()
    const bytesEach = 20_000
    upstream.script = request => (request.json['slow'] === true ? { deltas: 3000, bytesEach } : { deltas: 30 })
    const reader = await slowReader({ url: `${cluster.url}/v1/chat/completions`, headers: authorized, body: chat({ stream: true, slow: true }), bytesPerSecond: 1024 })
    onTestFinished(() => reader.close())
    let before = -1
    const written = () => upstream.requests.find(request => request.json['slow'] === true)?.deltasWritten ?? 0
    await until(() => written() > 0 && (written() === before || void (before = written())), { what: 'the provider to be held', everyMs: 500, timeoutMs: 20_000 })
    expect(written() * bytesEach).toBeLessThan(30_000_000)
    for (let i = 0; i < 5; i++) expect(await outcome(cluster.url, 30)).toBe('exact')
  })

  test('the ingress stops under load: running streams finish, and it leaves with code 0', async () => {
    const { upstream, cluster } = await gateway()
    upstream.script = () => ({ deltas: 40, deltaDelayMs: 20 })
    const streams = Array.from({ length: 20 }, () => outcome(cluster.url, 40))
    await until(() => upstream.requests.length === 20, { what: 'the streams to run' })
    const { code } = await cluster.ingress.stop()
    expect(code).toBe(0)
    expect(tally(await Promise.all(streams))).toEqual({ exact: 20, error: 0, wrong: 0 })
  })

  test.each([
    ['in the middle of a stream', { stream: true }, long, 200],
    ['before a stream begins', { stream: true }, () => ({ headDelayMs: 60_000 }), 499],
    ['before a whole answer is there', {}, () => ({ headDelayMs: 60_000 }), 499],
  ])('a client that leaves %s is told of and counted', async (_, asked, script, status) => {
    const { upstream, cluster } = await gateway()
    upstream.script = script
    const books = openBus(cluster.nats.url, 'books')
    onTestFinished(() => books.close())
    const told: EventOf<typeof answered>[] = []
    books.on(answered, event => void told.push(event))
    await books.flush()
    const client = new AbortController()
    const answer = post(cluster.url, chat(asked), { signal: client.signal }).then(response => response.text())
    answer.catch(() => {})
    await until(() => upstream.requests.some(({ deltasWritten }) => status === 499 || deltasWritten > 5), { what: 'the call' })
    client.abort()
    await expect(answer).rejects.toThrow('aborted')
    const [event] = await until(() => told.length > 0 && told, { what: 'the event' })
    expect(event).toMatchObject({ model: 'gpt-test', status, error: 'cancelled' })
    expect(await (await fetch(`${cluster.url}/metrics`)).text()).toContain(`gateway_requests_total{route="/v1/chat/completions",status="${status}"} 1`)
  })

  test('a worker that starts later makes its models appear', async () => {
    const { cluster } = await gateway()
    const other = await startUpstream(undefined, ['late-model'])
    onTestFinished(() => other.stop())
    await cluster.startWorker({ OPENAI_API_KEY: undefined, OPENAI_BASE_URL: undefined, OPENAI_EAST_API_KEY: 'k', OPENAI_EAST_BASE_URL: other.url })
    await listed(cluster.url, 'openai-east/late-model')
  })

  test('a broken instance is not called for a while, every ingress knows, and it recovers', async () => {
    const { upstream, cluster } = await gateway({ env: { CIRCUIT_BREAKER_FAILURE_THRESHOLD: '2', CIRCUIT_BREAKER_SUCCESS_THRESHOLD: '1', CIRCUIT_BREAKER_TIMEOUT: '1s', RETRY_MAX_RETRIES: '0' } })
    upstream.script = () => ({ status: 500, body: {} })
    for (let i = 0; i < 2; i++) expect((await post(cluster.url, chat())).status).toBe(502)
    const open = await until(async () => {
      const response = await post(cluster.url, chat())
      return response.status === 503 && response
    }, { what: 'the circuit to open' })
    expect(await open.json()).toMatchObject({ error: { code: 'circuit_open' } })
    expect(Number(open.headers.get('retry-after'))).toBeGreaterThan(0)
    upstream.script = () => ({})
    await until(async () => (await post(cluster.url, chat())).ok, { what: 'the circuit to close', timeoutMs: 10_000, everyMs: 100 })
  })
})
