import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startProcess, startUpstream, until, type Behaviour } from '@gomodel/testing'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { ask, metric, numberedUpstream, partition, SEMANTIC, startAsking, type Asking, type Dialect } from './cache-asking.ts'
import { listed, startCluster } from './gateway.ts'

const WORDS = ['How do I prune climbing roses?', 'How can I prune climbing roses?', 'How should I prune climbing roses?'] as const
const semantic = (verdict: string) => `gateway_cache_lookups_total{layer="semantic",verdict="${verdict}"}`

describe('exact and semantic cache together', () => {
  let asking: Asking

  beforeAll(async () => {
    asking = await startAsking()
    return () => asking.stop()
  })

  test.each<[Dialect, string]>([['chat', 'data: [DONE]'], ['responses', '"response.completed"'], ['messages', '"message_stop"']])('%s: the same words are answered by the exact cache, others by the semantic one, streamed and whole out of one entry', async (dialect, last) => {
    for (const first of [false, true]) {
      const question = partition(asking, dialect)
      const before = await asking.kept()
      const fresh = await question(WORDS[0], { members: { stream: first } })
      expect(fresh).toMatchObject({ status: 200, verdict: 'MISS', age: null, number: asking.given })
      await asking.keptAtLeast(before + 1)
      for (const stream of [!first, first]) {
        expect(await question(WORDS[0], { members: { stream } })).toMatchObject({ verdict: 'HIT (exact)', number: fresh.number })
        for (const said of WORDS.slice(1)) {
          const hit = await question(said, { members: { stream } })
          expect(hit).toMatchObject({ status: 200, verdict: 'HIT (semantic)', age: expect.stringMatching(/^\d+$/), number: fresh.number })
          if (stream) expect(hit.text.trimEnd().split('\n\n').at(-1)).toContain(last)
          else expect(JSON.parse(hit.text)).toMatchObject({ model: expect.any(String) })
        }
      }
      expect(await asking.kept(), 'a hit is not kept again').toBe(before + 1)
    }
  })

  test('a hit is counted with the tokens that it saved', async () => {
    const question = partition(asking)
    const [before, saved, hits] = [await asking.kept(), await metric(asking.url, 'gateway_semantic_cache_saved_tokens_total'), await metric(asking.url, semantic('hit'))]
    await question(WORDS[0])
    await asking.keptAtLeast(before + 1)
    await question(WORDS[1])
    // 11 in, 7 out.
    expect(await metric(asking.url, 'gateway_semantic_cache_saved_tokens_total')).toBe(saved + 18)
    expect(await metric(asking.url, semantic('hit'))).toBe(hits + 1)
  })

  test('an answer is found no longer than X-Cache-TTL says, nor when it is older than the caller wants', async () => {
    const [brief, long] = [partition(asking), partition(asking)]
    const before = await asking.kept()
    await brief(WORDS[0], { headers: { 'x-cache-ttl': '1' } })
    const kept = await long(WORDS[0])
    await asking.keptAtLeast(before + 2)
    await sleep(1100)
    expect((await brief(WORDS[1])).verdict).toBe('MISS')
    expect(await long(WORDS[1])).toMatchObject({ verdict: 'HIT (semantic)', number: kept.number })
    expect((await long(WORDS[1], { headers: { 'cache-control': 'max-age=0' } })).verdict).toBe('MISS')
  })

  test('where the exact cache is off the semantic one answers the same words too', async () => {
    const alone = await startAsking({ RESPONSE_CACHE_SIMPLE_ENABLED: 'false' })
    onTestFinished(() => alone.stop())
    const question = partition(alone)
    const { number } = await question(WORDS[0])
    await alone.keptAtLeast(1)
    for (const said of WORDS) expect(await question(said)).toMatchObject({ verdict: 'HIT (semantic)', number })
  })
})

describe('a semantic cache of its own process', () => {
  test.each<[string, NodeJS.Signals]>([['killed', 'SIGKILL'], ['frozen', 'SIGSTOP']])('may be %s: every request is served, it is counted, and hits return with it', async (_, signal) => {
    const { upstream, given } = await numberedUpstream()
    onTestFinished(() => upstream.stop())
    const cluster = await startCluster(upstream, { env: SEMANTIC, caches: [{}] })
    onTestFinished(() => cluster.stop())
    await listed(cluster.url, `simulator/${SEMANTIC.SEMANTIC_CACHE_EMBEDDER_MODEL}`)
    const folder = mkdtempSync(join(tmpdir(), 'gomodel-semantic-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const start = async () => {
      const cache = startProcess('services/semantic-cache/src/main.ts', { env: { ...SEMANTIC, HOST: '127.0.0.1', NATS_URL: cluster.nats.url, DATA_DIR: folder } })
      onTestFinished(async () => void (await cache.stop()))
      await cache.waitFor('"serving"', 20_000)
      return cache
    }
    const cache = await start()
    const question = partition({ ask: sent => ask(cluster.url, sent) })
    const first = await question(WORDS[0])
    // What is kept arrives after the answer; each look before that keeps an answer of its own.
    const hits = () => until(async () => (await question(WORDS[1], { headers: { 'x-cache-type': 'semantic' } })).verdict === 'HIT (semantic)', { what: 'a hit', timeoutMs: 20_000, everyMs: 100 })
    await hits()
    const before = await metric(cluster.url, semantic('unavailable'))

    cache.kill(signal)
    for (let asked = 0; asked < 3; asked++) expect(await question(`How do I plant ${['tulips', 'beans', 'cherries'][asked]}?`)).toMatchObject({ status: 200, verdict: 'MISS', number: given() })
    expect(await question(WORDS[0])).toMatchObject({ status: 200, verdict: 'HIT (exact)', number: first.number })
    expect(await metric(cluster.url, semantic('unavailable'))).toBeGreaterThanOrEqual(before + 3)

    if (signal === 'SIGSTOP') cache.kill('SIGCONT')
    else await start()
    await hits()
  }, 60_000)
})

test.each<[string, Behaviour]>([
  ['fails', { status: 500, body: { error: { message: 'no' } } }],
  ['talks nonsense', { body: { data: 'none' } }],
  ['says nothing', { fault: { kind: 'never' } }],
])('an embedder that %s costs no request', async (_, behaviour) => {
  const embedder = await startUpstream(() => behaviour, ['gpt-test'])
  onTestFinished(() => embedder.stop())
  const asking = await startAsking({ SEMANTIC_CACHE_EMBEDDER_PROVIDER: 'openai-east', OPENAI_EAST_BASE_URL: embedder.url, CIRCUIT_BREAKER_TIMEOUT: '1s' })
  onTestFinished(() => asking.stop())
  const question = partition(asking)
  for (const said of WORDS) expect(await question(said)).toMatchObject({ status: 200, verdict: 'MISS', number: asking.given })
  expect((await question(WORDS[0])).verdict).toBe('HIT (exact)')
  expect(await metric(asking.url, semantic('unavailable'))).toBeGreaterThanOrEqual(3)
  embedder.script = () => ({})
  const mended = partition(asking)
  await until(async () => (await mended(WORDS[0], { headers: { 'x-cache-type': 'semantic' } })).verdict === 'HIT (semantic)', { what: 'a hit', timeoutMs: 20_000, everyMs: 200 })
}, 60_000)
