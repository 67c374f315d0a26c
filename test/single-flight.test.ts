import { setTimeout as sleep } from 'node:timers/promises'
import { openBus } from '@gomodel/bus'
import { answered, attempted, type EventOf } from '@gomodel/contracts'
import { freePort, numberedContent, slowReader, startProcess, startRedis, startUpstream, until, type Behaviour, type RedisServer, type RunningProcess, type Upstream } from '@gomodel/testing'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { authorized, chat, environmentFor, listed, post, readEvents, startCluster } from './gateway.ts'

const CACHED = { RESPONSE_CACHE_SIMPLE_ENABLED: 'true' }
const LONG_MS = 120_000
const MOST_TRIES = 4
const patiently = { timeoutMs: 20_000, everyMs: 20 }

/** The first look into the cache was too late. */
class Disturbed extends Error {}

interface Ingress {
  readonly url: string
  readonly process: RunningProcess
}

interface Three {
  readonly natsUrl: string
  readonly upstream: Upstream
  readonly redis: RedisServer
  readonly ingresses: readonly Ingress[]
  add(): Promise<Ingress>
  stop(): Promise<void>
}

/** Three ingresses and two exact caches on one NATS server and one Redis. */
async function startThree(): Promise<Three> {
  const upstream = await startUpstream(undefined, ['gpt-test'])
  const redis = await startRedis()
  const cluster = await startCluster(upstream, { env: CACHED, caches: [{ REDIS_URL: redis.url }, { REDIS_URL: redis.url }] })
  const more: Ingress[] = []
  const add = async (): Promise<Ingress> => {
    const port = await freePort()
    const process = startProcess('services/ingress/src/main.ts', { env: { ...environmentFor(upstream, CACHED), NATS_URL: cluster.nats.url, PORT: String(port), OPENAI_API_KEY: undefined } })
    const ingress = { url: `http://127.0.0.1:${port}`, process }
    more.push(ingress)
    await warm(ingress)
    return ingress
  }
  const stop = async () => {
    await Promise.all(more.map(({ process }) => process.stop()))
    await cluster.stop()
    await redis.stop()
    await upstream.stop()
  }
  try {
    const first = { url: cluster.url, process: cluster.ingress }
    await warm(first)
    return { natsUrl: cluster.nats.url, upstream, redis, ingresses: [first, await add(), await add()], add, stop }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}

/** The first use of a code path is the slowest. */
async function warm({ url }: Ingress): Promise<void> {
  await until(async () => (await fetch(`${url}/ready`)).ok, { what: 'the ingress', ...patiently })
  await listed(url, 'openai/gpt-test')
  const first = () => post(url, chat({ messages: [{ role: 'user', content: `warm ${url}` }] }))
  await until(async () => verdict(await first()) === 'HIT (exact)', { what: 'a hit', ...patiently })
}

const verdict = (response: Response) => response.headers.get('x-cache')
const contentOf = (text: string) => (JSON.parse(text) as { choices: { message: { content: string } }[] }).choices[0]?.message.content

let questions = 0
let question = ''
const asked = (more: Record<string, unknown> = {}) => chat({ messages: [{ role: 'user', content: question }], ...more })
const streamed = (more: Record<string, unknown> = {}) => asked({ stream: true, ...more })

/** Reads a stream as it comes. */
function reading(response: Response) {
  let text = ''
  const whole = (async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) text += chunk
    return text
  })()
  whole.catch(() => {})
  return { whole, heard: (piece: string) => until(() => text.includes(piece), { what: piece, ...patiently }), get text() { return text } }
}

/** The calls of the provider for the question of this test. */
function calls(upstream: Upstream) {
  return upstream.requests.filter(({ path, body }) => path.endsWith('/chat/completions') && body.includes(question))
}

describe('over three ingresses', () => {
  let three: Three
  let upstream: Upstream
  let urls: string[] = []

  beforeAll(async () => {
    three = await startThree()
    upstream = three.upstream
    urls = three.ingresses.map(({ url }) => url)
    return () => three.stop()
  })

  /** Looks into the cache that were too late. */
  const tooLate = async (at: readonly string[] = urls) => {
    const texts = await Promise.all(at.map(async each => (await fetch(`${each}/metrics`)).text()))
    return texts.reduce((sum, text) => sum + Number(/^gateway_cache_lookups_total\{layer="exact",verdict="unavailable"\} (\d+)$/m.exec(text)?.[1] ?? 0), 0)
  }

  /** On a busy machine the cache may need more than its 50 ms: who does not hear of it in time makes a call of its own. Then it is tried once more. */
  const undisturbed = <A extends unknown[]>(scenario: (...given: A) => Promise<void>) => async (...given: A): Promise<void> => {
    for (let left = MOST_TRIES; ; left--) {
      question = `single flight ${++questions}!`
      const before = await tooLate()
      try {
        return await scenario(...given)
      } catch (thrown) {
        if (left === 1 || (!(thrown instanceof Disturbed) && (await tooLate()) === before)) throw thrown
      }
    }
  }

  const scripted = (behaviour: Behaviour) => (upstream.script = () => behaviour)
  const url = (at: number) => urls[at % urls.length]!
  const called = () => until(() => calls(upstream).length === 1, { what: 'the call', ...patiently })
  const counted = async (role: string, at: readonly string[] = urls) => {
    const texts = await Promise.all(at.map(async each => (await fetch(`${each}/metrics`)).text()))
    return texts.reduce((sum, text) => sum + Number(new RegExp(`^gateway_flights_total\\{role="${role}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0), 0)
  }

  test.each([['streamed', true], ['whole', false]])('a thousand equal requests, %s and not, make one call, and everybody gets every byte', undisturbed(async (_, first) => {
    scripted({ deltas: 40, bytesEach: 100, deltaDelayMs: 40, headDelayMs: 500 })
    const leaders = await counted('leader')
    const bodies = Array.from({ length: 1000 }, (__, at) => ((at % 2 === 0) === first ? streamed() : asked()))
    const answers = await Promise.all(bodies.map(async (body, at) => {
      const response = await post(url(at), body)
      return { verdict: verdict(response), age: response.headers.get('age'), text: await response.text(), isStream: body === streamed() }
    }))
    expect(calls(upstream)).toHaveLength(1)
    const content = numberedContent(40, 100)
    for (const { text, isStream } of answers) {
      if (isStream) expect(readEvents(text)).toMatchObject({ content, done: true })
      else expect(contentOf(text)).toBe(content)
    }
    for (const isStream of [true, false]) expect(new Set(answers.filter(answer => answer.isStream === isStream).map(({ text }) => text)).size).toBe(1)
    const tally = Map.groupBy(answers, answer => answer.verdict)
    expect(tally.get('MISS')).toHaveLength(1)
    expect(tally.get('HIT (shared)')).toHaveLength(999)
    expect(answers.filter(({ age }) => age !== null)).toEqual([])
    expect(await counted('leader')).toBe(leaders + 1)
  }), LONG_MS)

  test('one that comes late hears the beginning and then the live rest, with what it cost if it asked', undisturbed(async () => {
    scripted({ deltas: 30, deltaDelayMs: 100 })
    const leader = reading(await post(url(0), streamed()))
    await leader.heard('<4>')
    const late = await Promise.all([0, 1].map(async at => reading(await post(url(at), streamed()))))
    for (const one of late) await one.heard('<5>')
    for (const one of late) expect(one.text).not.toContain('<29>')
    // By now a lead that nobody prolonged would be over.
    await leader.heard('<24>')
    late.push(reading(await post(url(2), streamed({ stream_options: { include_usage: true } }))))
    const [same, other, counting] = await Promise.all(late.map(({ whole }) => whole))
    expect([same, other]).toEqual([await leader.whole, await leader.whole])
    const events = readEvents(counting!)
    expect(events).toMatchObject({ content: numberedContent(30), done: true })
    expect(JSON.parse(events.events.at(-2)!)).toMatchObject({ choices: [], usage: { completion_tokens: 30 } })
    expect(calls(upstream)).toHaveLength(1)
  }), LONG_MS)

  test('the one who asked first may leave, and the answer is kept; when everybody leaves the call is aborted', undisturbed(async () => {
    scripted({ deltas: 30, deltaDelayMs: 50 })
    const leaving = new AbortController()
    const leader = reading(await post(url(0), streamed(), { signal: leaving.signal }))
    await leader.heard('<1>')
    const [near, far] = await Promise.all([post(url(0), streamed()), post(url(1), streamed())])
    const whole = post(url(2), asked())
    leaving.abort()
    for (const text of await Promise.all([near.text(), far.text()])) expect(readEvents(text)).toMatchObject({ content: numberedContent(30), done: true })
    expect(contentOf(await (await whole).text())).toBe(numberedContent(30))
    expect(calls(upstream)).toMatchObject([{ finished: true, aborted: false }])
    await until(async () => verdict(await post(url(1), asked())) === 'HIT (exact)', { what: 'a hit', ...patiently })

    question = `single flight ${++questions}!`
    scripted({ deltas: 1000, deltaDelayMs: 50 })
    const all = new AbortController()
    const readers = [reading(await post(url(0), streamed(), { signal: all.signal }))]
    await readers[0]!.heard('<1>')
    for (const at of [0, 1, 2]) readers.push(reading(await post(url(at), streamed(), { signal: all.signal })))
    for (const reader of readers) await reader.heard('<3>')
    expect(calls(upstream)).toMatchObject([{ aborted: false }])
    all.abort()
    await until(() => calls(upstream)[0]?.aborted, { what: 'the call to be aborted', ...patiently })
    expect(calls(upstream)).toHaveLength(1)
  }), LONG_MS)

  test('a failure before the first content is told to everybody who asked in the same way, and costs no further calls', undisturbed(async () => {
    scripted({ status: 400, headDelayMs: 700, body: { error: { message: 'this will not do', type: 'invalid_request_error', code: 'no' } } })
    const asking = [post(url(0), asked())]
    await called()
    asking.push(...[0, 1, 2].map(at => post(url(at), asked())))
    for (const response of await Promise.all(asking)) {
      expect(response.status).toBe(400)
      expect(await response.text()).toContain('this will not do')
    }
    expect(calls(upstream)).toHaveLength(1)
    scripted({ deltas: 2 })
    expect(contentOf(await (await post(url(1), asked())).text())).toBe('<0><1>')
  }), LONG_MS)

  type Json = Record<string, unknown>
  const optionsAlone = { stream_options: { include_usage: true } }

  test.each<[string, Json, Json, (json: Json) => boolean]>([
    ['that streams', { stream: true }, {}, ({ stream }) => stream === true],
    ['that does not stream', {}, { stream: true }, ({ stream }) => stream !== true],
    ['with options of a stream and no stream', optionsAlone, {}, ({ stream, stream_options: options }) => stream !== true && options !== undefined],
  ])('the failure of a request %s is not that of others: these share one call more', undisturbed(async (_, refused, wanted, isRefused) => {
    upstream.script = ({ json }) => (isRefused(json) ? { status: 400, headDelayMs: 700, body: { error: { message: 'this will not do', type: 'invalid_request_error' } } } : { deltas: 3, headDelayMs: 300 })
    const before = await counted('follower')
    const leader = post(url(0), asked(refused))
    await called()
    const others = [0, 0, 1, 2].map(at => post(url(at), asked(wanted)))
    const same = post(url(1), asked(refused))
    await until(async () => (await counted('follower')) === before + 5, { what: 'five followers', ...patiently })
    for (const response of await Promise.all([leader, same])) expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('this will not do')])
    for (const response of await Promise.all(others)) {
      expect(response.status).toBe(200)
      expect(await response.text()).toContain('stream' in wanted ? '[DONE]' : '<0><1><2>')
    }
    expect(calls(upstream)).toHaveLength(2)
  }), LONG_MS)

  test('a provider that fails with 500 is retried for one of them, and all are told the same', undisturbed(async () => {
    scripted({ status: 500, headDelayMs: 300, body: { error: { message: 'no' } } })
    const asking = [post(url(0), streamed())]
    await called()
    asking.push(...[0, 1, 2].map(at => post(url(at), streamed())))
    const texts = await Promise.all((await Promise.all(asking)).map(async response => [response.status, ((await response.json()) as { error: { code: string; message: string } }).error.message]))
    expect(texts[0]![0]).toBe(502)
    expect(texts).toEqual(texts.map(() => texts[0]))
  }), LONG_MS)

  test('a provider that breaks in the middle is told to everybody, and an answer that was cut off is shared but not kept', undisturbed(async () => {
    scripted({ deltas: 10, deltaDelayMs: 80, fault: { kind: 'cut', after: 8 } })
    const leader = reading(await post(url(0), streamed()))
    await leader.heard('<1>')
    const [near, far, whole] = await Promise.all([post(url(0), streamed()), post(url(1), streamed()), post(url(2), asked())])
    for (const text of [await leader.whole, await near.text(), await far.text()]) {
      const { content, done, error } = readEvents(text)
      expect([content, done, error?.code]).toEqual([numberedContent(8), false, 'stream_broken'])
    }
    expect([whole.status, ((await whole.json()) as { error: { code: string } }).error.code]).toEqual([502, 'stream_broken'])
    expect(calls(upstream)).toHaveLength(1)

    // The gateway closes a connection behind a broken stream; the client has to have seen that before it would use one again.
    await sleep(500)
    question = `single flight ${++questions}!`
    scripted({ deltas: 10, deltaDelayMs: 50, finishReason: 'length' })
    const cut = reading(await post(url(0), streamed()))
    await cut.heard('<1>')
    const follower = await post(url(1), asked())
    expect(await follower.json()).toMatchObject({ choices: [{ finish_reason: 'length', message: { content: numberedContent(10) } }] })
    await cut.whole
    expect(verdict(await post(url(2), asked()))).toBe('MISS')
  }), LONG_MS)

  test('the books are told of one call, and of every request how it was answered', undisturbed(async () => {
    const books = openBus(three.natsUrl, 'books')
    onTestFinished(() => books.close())
    await until(() => books.connected, { what: 'the bus', ...patiently })
    const tried: EventOf<typeof attempted>[] = []
    const told: EventOf<typeof answered>[] = []
    books.on(attempted, event => tried.push(event))
    books.on(answered, event => told.push(event))
    await books.flush()
    scripted({ deltas: 20, deltaDelayMs: 50 })
    const leader = reading(await post(url(0), streamed()))
    await leader.heard('<1>')
    await Promise.all([post(url(0), asked()), post(url(1), streamed()), post(url(2), asked())].map(async response => (await response).text()))
    await leader.whole
    await until(() => told.length === 4 && tried.length === 1, { what: 'the books', ...patiently })
    expect(tried[0]).toMatchObject({ outcome: 'ok', usage: { outputText: 20 } })
    expect(told.map(({ cache }) => cache).toSorted()).toEqual(['miss', 'shared', 'shared', 'shared'])
    for (const event of told) expect(event).toMatchObject({ instance: 'openai', model: 'gpt-test', fallback: false, status: 200 })
  }), LONG_MS)

  test('of an answer that is too large to be kept, one who does not read gets an error that says so, and the others all of it', undisturbed(async () => {
    scripted({ deltas: 4000, bytesEach: 4096, firstDeltaDelayMs: 700 })
    const slow = await slowReader({ url: `${url(0)}/v1/chat/completions`, headers: authorized, body: streamed(), bytesPerSecond: 1024 })
    onTestFinished(() => slow.close())
    await called()
    const { content, done } = readEvents(await (await post(url(1), streamed())).text())
    expect([content === numberedContent(4000, 4096), done]).toEqual([true, true])
    expect(calls(upstream)).toMatchObject([{ finished: true }])
    slow.setPace(100_000_000)
    await until(() => slow.closed, { what: 'the end', ...patiently })
    expect(slow.bytes.subarray(-1000).toString()).toMatch(/"message":"[^"]* slower than others[^"]*"/)
    expect(slow.bytes.subarray(-1000).toString()).not.toContain('[DONE]')
  }), LONG_MS)

  test.each([
    ['messages', { max_tokens: 100 }, '"type":"message"'],
    ['responses', { store: false }, '"object":"response"'],
  ])('an answer of /v1/%s is shared live and as a whole', undisturbed(async (path, more, whole) => {
    scripted({ deltas: 20, deltaDelayMs: 50 })
    const body = (stream: boolean) => JSON.stringify({ model: 'gpt-test', stream, ...more, ...(path === 'messages' ? { messages: [{ role: 'user', content: question }] } : { input: question }) })
    const asking = (at: number, stream: boolean) => fetch(`${url(at)}/v1/${path}`, { method: 'POST', headers: { ...authorized, 'anthropic-version': '2023-06-01' }, body: body(stream) })
    const leader = reading(await asking(0, true))
    await leader.heard('<1>')
    const [live, complete] = await Promise.all([asking(1, true), asking(2, false)])
    expect(await live.text()).toBe(await leader.whole)
    const text = await complete.text()
    expect(text).toContain(whole)
    expect(text).toContain(numberedContent(20))
    expect([live, complete].map(verdict)).toEqual(['HIT (shared)', 'HIT (shared)'])
    expect(calls(upstream)).toHaveLength(1)
  }), LONG_MS)

  test('a Redis that is slow for a moment keeps nobody from sharing', undisturbed(async () => {
    scripted({ deltas: 3, headDelayMs: 1000 })
    three.redis.pause()
    onTestFinished(() => three.redis.resume())
    const leader = post(url(0), asked())
    await called()
    three.redis.resume()
    const answers = await Promise.all([leader, ...[0, 0, 1, 2].map(at => post(url(at), asked()))])
    expect(answers.map(verdict)).toEqual(['MISS', ...Array.from({ length: 4 }, () => 'HIT (shared)')])
    for (const response of answers) expect(contentOf(await response.text())).toBe('<0><1><2>')
    expect(calls(upstream)).toHaveLength(1)
  }), LONG_MS)

  test('who does not want what is stored does not share', undisturbed(async () => {
    scripted({ deltas: 20, deltaDelayMs: 50 })
    const leader = reading(await post(url(0), streamed()))
    await leader.heard('<1>')
    const own = ['no-store', 'no-cache'].map(control => post(url(0), streamed(), { headers: { ...authorized, 'cache-control': control } }))
    expect((await Promise.all(own)).map(verdict)).toEqual(['BYPASS', 'MISS'])
    expect(calls(upstream)).toHaveLength(3)
    await leader.whole
  }), LONG_MS)

  describe('when the ingress that gets the answer', () => {
    const harms: [string, NodeJS.Signals][] = [['is killed', 'SIGKILL'], ['freezes', 'SIGSTOP']]

    /** One more ingress, to be harmed. */
    async function victim(): Promise<Ingress> {
      scripted({})
      const added = await three.add()
      onTestFinished(() => added.process.kill('SIGKILL'))
      return added
    }
    const undisturbedSoFar = async (leader: Ingress) => {
      if ((await tooLate([leader.url])) > 0) throw new Disturbed()
    }
    const followers = (count: number, before: number) => until(async () => (await counted('follower')) === before + count, { what: `${count} followers`, ...patiently })

    test.each(harms)('%s before the first content, one of the others gets it for all', undisturbed(async (_, signal) => {
      const leader = await victim()
      // The first call says nothing for as long as the test lasts.
      upstream.script = () => (calls(upstream).length > 1 ? { deltas: 20, deltaDelayMs: 50 } : { fault: { kind: 'never' } })
      const before = await counted('follower')
      post(leader.url, streamed()).catch(() => {})
      await called()
      await undisturbedSoFar(leader)
      const asking = [0, 0, 1, 1].map((at, index) => post(url(at), index % 2 === 0 ? streamed() : asked()))
      await followers(4, before)
      leader.process.kill(signal)
      const answers = await Promise.all(asking)
      const texts = await Promise.all(answers.map(answer => answer.text()))
      for (const at of [0, 2]) expect(readEvents(texts[at]!)).toMatchObject({ content: numberedContent(20), done: true })
      for (const at of [1, 3]) expect(contentOf(texts[at]!)).toBe(numberedContent(20))
      expect(calls(upstream)).toHaveLength(2)
      expect(answers.map(verdict).toSorted()).toEqual(['HIT (shared)', 'HIT (shared)', 'HIT (shared)', 'MISS'])
    }), LONG_MS)

    test.each(harms)('%s in the middle, who has some of it is told so, and who has nothing gets it anew', undisturbed(async (_, signal) => {
      const leader = await victim()
      upstream.script = () => (calls(upstream).length > 1 ? { deltas: 20 } : { deltas: 2000, deltaDelayMs: 100 })
      const before = await counted('follower')
      const first = reading(await post(leader.url, streamed()))
      await first.heard('<2>')
      await undisturbedSoFar(leader)
      const live = reading(await post(url(0), streamed()))
      await live.heard('<4>')
      const wholes = [post(url(0), asked()), post(url(1), asked())]
      await followers(3, before)
      leader.process.kill(signal)
      const { content, done, error } = readEvents(await live.whole)
      expect([content.startsWith('<0><1><2><3><4>'), done, error?.code]).toEqual([true, false, 'stream_broken'])
      for (const whole of await Promise.all(wholes)) expect(contentOf(await whole.text())).toBe(numberedContent(20))
      expect(calls(upstream)).toHaveLength(2)
    }), LONG_MS)
  })
})
