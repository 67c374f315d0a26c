import { startRedis, startUpstream, until, type Behaviour, type RedisServer, type Upstream } from '@gomodel/testing'
import OpenAI from 'openai'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { authorized, chat, MASTER_KEY, post, readEvents, startCluster, startStandalone, type Cluster, type Gateway } from './gateway.ts'

const CACHED = { RESPONSE_CACHE_SIMPLE_ENABLED: 'true' }

async function scripted(behaviour: Behaviour = {}): Promise<Upstream> {
  const upstream = await startUpstream(() => behaviour, ['gpt-test'])
  onTestFinished(() => upstream.stop())
  return upstream
}

interface Setting {
  readonly gateway: Gateway
  stop(): Promise<void>
}

/** Where answers are kept: in the memory of one process, or in Redis behind a bus. */
const shapes: [string, (upstream: Upstream) => Promise<Setting>][] = [
  ['standalone', async upstream => {
    const gateway = await startStandalone(upstream, CACHED)
    return { gateway, stop: gateway.stop }
  }],
  ['services over NATS with Redis', upstream => onRedis(upstream, 1)],
]

async function onRedis(upstream: Upstream, caches: number): Promise<Setting & { gateway: Cluster; redis: RedisServer }> {
  const redis = await startRedis()
  try {
    const gateway = await startCluster(upstream, { env: CACHED, caches: Array.from({ length: caches }, () => ({ REDIS_URL: redis.url })) })
    const stop = async () => {
      await gateway.stop()
      await redis.stop()
    }
    return { gateway, redis, stop }
  } catch (thrown) {
    await redis.stop()
    throw thrown
  }
}

const verdict = (response: Response) => response.headers.get('x-cache')
const completions = (upstream: Upstream) => upstream.requests.filter(request => request.path.endsWith('/chat/completions')).length
const answer = async (response: Response) => (await response.json()) as { choices: { message: { content: string }; finish_reason: string }[]; usage?: object }

/** Asks until the answer comes from the cache: it is stored after the one who asked first has it. */
async function hit(url: string, body: string): Promise<Response> {
  let last: Response | undefined
  await until(async () => {
    last = await post(url, body)
    if (verdict(last) === 'HIT (exact)') return true
    await last.arrayBuffer()
    return false
  }, { what: 'a hit', timeoutMs: 5000, everyMs: 50 })
  return last!
}

describe.each(shapes)('the exact cache, %s', (...[, start]) => {
  let upstream: Upstream
  let url = ''
  let before = 0
  let tests = 0
  /** A question of this test alone, in one of its forms. */
  let question = (more: Record<string, unknown> = {}) => chat(more)

  beforeAll(async () => {
    const started = await startUpstream(undefined, ['gpt-test'])
    const { gateway, stop } = await start(started)
    upstream = started
    url = gateway.url
    return async () => {
      await stop()
      await started.stop()
    }
  })

  function scripting(behaviour: Behaviour): void {
    const content = `question ${++tests}`
    question = (more = {}) => chat({ messages: [{ role: 'user', content }], ...more })
    upstream.script = () => behaviour
    before = completions(upstream)
  }
  const calls = () => completions(upstream) - before

  test('answers a repeated request, whatever the order of its fields, and says how old the answer is', async () => {
    scripting({ deltas: 3 })
    const first = await post(url, question({ temperature: 0.5 }))
    expect(verdict(first)).toBe('MISS')
    const body = await first.text()
    const second = await hit(url, JSON.stringify({ temperature: 0.5, messages: [{ content: `question ${tests}`, role: 'user' }], model: 'openai/gpt-test' }))
    expect(await second.text()).toBe(body)
    expect(second.headers.get('age')).toMatch(/^\d+$/)
    expect(second.headers.get('x-gomodel-provider')).toBe('openai')
    expect(calls()).toBe(1)
    for (const other of [question({ temperature: 0.6 }), question({ temperature: 0.5, unknown_field: 1 }), question({ temperature: 0.5, messages: [{ role: 'user', content: `question ${tests} ` }] })]) {
      expect(verdict(await post(url, other))).toBe('MISS')
    }
  })

  test('replays a stream event for event, with usage for whoever asks, and as a whole', async () => {
    scripting({ deltas: 4 })
    const original = await (await post(url, question({ stream: true }))).text()
    const replayed = await hit(url, question({ stream: true }))
    expect(replayed.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(await replayed.text()).toBe(original)
    const counted = readEvents(await (await hit(url, question({ stream: true, stream_options: { include_usage: true } }))).text())
    expect(counted.events.slice(0, -2)).toEqual(readEvents(original).events.slice(0, -1))
    expect(JSON.parse(counted.events.at(-2)!)).toMatchObject({ choices: [], usage: { completion_tokens: 4 } })
    const whole = await answer(await hit(url, question()))
    expect(whole).toMatchObject({ object: 'chat.completion', usage: { completion_tokens: 4 }, choices: [{ message: { role: 'assistant', content: '<0><1><2><3>' }, finish_reason: 'stop' }] })
    expect(calls()).toBe(1)
  })

  test('streams a whole answer to an unchanged SDK', async () => {
    scripting({ deltas: 5 })
    await (await post(url, question())).text()
    await (await hit(url, question())).text()
    const client = new OpenAI({ apiKey: MASTER_KEY, baseURL: `${url}/v1`, maxRetries: 0 })
    const stream = client.chat.completions.stream({ model: 'gpt-test', messages: [{ role: 'user', content: `question ${tests}` }], stream_options: { include_usage: true } })
    const final = await stream.finalChatCompletion()
    expect(final.choices[0]).toMatchObject({ message: { role: 'assistant', content: '<0><1><2><3><4>' }, finish_reason: 'stop' })
    expect(final.usage?.completion_tokens).toBe(5)
    expect(calls()).toBe(1)
  })

  test('is passed by on no-store, and refreshed on no-cache', async () => {
    scripting({ pieces: ['old'] })
    const asking = (control: string) => post(url, question(), { headers: { ...authorized, 'cache-control': control } })
    const bypassed = await asking('no-store')
    expect(verdict(bypassed)).toBe('BYPASS')
    expect(verdict(await post(url, question()))).toBe('MISS')
    await (await hit(url, question())).text()
    upstream.script = () => ({ pieces: ['new'] })
    expect((await answer(await asking('no-store'))).choices[0]?.message.content).toBe('new')
    expect((await answer(await hit(url, question()))).choices[0]?.message.content).toBe('old')
    const refreshed = await asking('no-cache')
    expect(verdict(refreshed)).toBe('MISS')
    expect((await answer(refreshed)).choices[0]?.message.content).toBe('new')
    await until(async () => (await answer(await hit(url, question()))).choices[0]?.message.content === 'new', { what: 'the fresh answer', timeoutMs: 5000 })
  })

  test.each<[string, Behaviour, boolean]>([
    ['an error', { status: 500, body: { error: { message: 'no' } } }, false],
    ['an answer that was cut off at its limit', { finishReason: 'length' }, false],
    ['a stream that was filtered', { finishReason: 'content_filter' }, true],
    ['a stream that broke in the middle', { fault: { kind: 'cut', after: 2 } }, true],
    ['a refusal', { body: { id: 'x', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: null, refusal: 'I cannot' }, finish_reason: 'stop' }] } }, false],
  ])('never keeps %s', async (_, behaviour, stream) => {
    scripting(behaviour)
    const body = question({ stream, max_tokens: 7 })
    await (await post(url, body)).text()
    // What is kept later was sent to the store later.
    upstream.script = () => ({})
    await (await post(url, question())).text()
    await (await hit(url, question())).text()
    const again = await post(url, body)
    expect(again.headers.get('x-cache')).toBe('MISS')
    expect(again.status).toBe(200)
  })

  test('keeps nothing of an answer whose client left', async () => {
    scripting({ deltas: 50, deltaDelayMs: 20 })
    const leaving = new AbortController()
    const response = await post(url, question({ stream: true }), { signal: leaving.signal })
    await response.body!.getReader().read()
    leaving.abort()
    await until(() => upstream.requests.some(request => request.aborted), { what: 'the upstream to be left', timeoutMs: 5000 })
    upstream.script = () => ({})
    expect(verdict(await post(url, question({ stream: true })))).toBe('MISS')
  })
})

describe('under faults the exact cache', () => {
  /** Asks one of ten questions again and again until told to stop. */
  function load(url: string) {
    const tally = { hits: 0, misses: 0, failures: [] as string[] }
    let on = true
    const one = async (client: number) => {
      for (let i = client; on; i++) {
        const response = await post(url, chat({ messages: [{ role: 'user', content: `question ${i % 10}` }] }))
        const { choices } = await answer(response)
        if (response.status !== 200 || choices[0]?.message.content !== '<0><1>') tally.failures.push(`${response.status}`)
        else if (verdict(response) === 'MISS') tally.misses++
        else tally.hits++
      }
    }
    const clients = Array.from({ length: 8 }, (_, client) => one(client))
    const stop = async () => {
      on = false
      await Promise.all(clients)
    }
    const more = (kind: 'hits' | 'misses', count = 20) => {
      const goal = tally[kind] + count
      return until(() => tally[kind] >= goal, { what: `${count} more ${kind}`, timeoutMs: 15_000 })
    }
    return { tally, stop, more }
  }

  test.each<[string, (redis: RedisServer) => void | Promise<void>, (redis: RedisServer) => void | Promise<void>]>([
    ['killed and restarted', redis => redis.kill(), redis => redis.restart()],
    ['frozen and thawed', redis => redis.pause(), redis => redis.resume()],
  ])('may be %s under load: every request is answered, and hits return', async (_, harm, heal) => {
    const upstream = await scripted({ deltas: 2 })
    const { gateway: cluster, redis, stop: stopAll } = await onRedis(upstream, 2)
    onTestFinished(stopAll)
    const { tally, stop, more } = load(cluster.url)
    onTestFinished(stop)
    await more('hits')
    await harm(redis)
    await more('misses')
    await heal(redis)
    await more('hits')
    await stop()
    expect(tally.failures).toEqual([])
  })

  test.each<[string, NodeJS.Signals]>([
    ['gone', 'SIGKILL'],
    ['frozen', 'SIGSTOP'],
  ])('may have its exact-cache %s: that is a miss and a metric', async (_, signal) => {
    const upstream = await scripted({ deltas: 2 })
    const { gateway: cluster, stop } = await onRedis(upstream, 1)
    onTestFinished(stop)
    await (await post(cluster.url, chat())).text()
    await (await hit(cluster.url, chat())).text()
    const [cache] = cluster.caches
    cache!.kill(signal)
    onTestFinished(() => void cache!.kill('SIGKILL'))
    for (let i = 0; i < 3; i++) {
      const response = await post(cluster.url, chat())
      expect([response.status, verdict(response)]).toEqual([200, 'MISS'])
      expect((await answer(response)).choices[0]?.message.content).toBe('<0><1>')
    }
    expect(await (await fetch(`${cluster.url}/metrics`)).text()).toContain('gateway_cache_lookups_total{layer="exact",verdict="unavailable"} 3')
  })

  test('answers while no worker is left', async () => {
    const upstream = await scripted({ deltas: 2 })
    const { gateway: cluster, stop } = await onRedis(upstream, 1)
    onTestFinished(stop)
    await (await post(cluster.url, chat())).text()
    await (await hit(cluster.url, chat())).text()
    await cluster.workers[0]!.stop()
    expect(verdict(await post(cluster.url, chat()))).toBe('HIT (exact)')
    expect((await post(cluster.url, chat({ seed: 1 }))).status).toBe(503)
  })
})
