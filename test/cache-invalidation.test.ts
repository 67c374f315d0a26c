import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startProcess, startRedis, until, type Upstream } from '@gomodel/testing'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { metric, numberedUpstream, SEMANTIC } from './cache-asking.ts'
import { authorized, environmentFor, listed, startCluster, type Cluster } from './gateway.ts'

const WORDS = 'How do I prune climbing roses?'
const OTHER_WORDS = 'How can I prune climbing roses?'
const NEARER_WORDS = 'How do I prune the climbing roses?'
const patiently = { timeoutMs: 20_000, everyMs: 20 }

interface Two {
  readonly upstream: Upstream
  readonly answering: Awaited<ReturnType<typeof numberedUpstream>>['answering']
  readonly cluster: Cluster
  readonly urls: readonly [string, string]
  stop(): Promise<void>
}

/** Two ingresses, two exact caches on one Redis, and a semantic cache. */
async function startTwo(): Promise<Two> {
  const { upstream, answering } = await numberedUpstream()
  const redis = await startRedis()
  const folder = mkdtempSync(join(tmpdir(), 'gomodel-invalidation-'))
  const cluster = await startCluster(upstream, { env: SEMANTIC, caches: [{ REDIS_URL: redis.url }, { REDIS_URL: redis.url }], semantic: [{ DATA_DIR: folder }] })
  const port = await freePort()
  const second = startProcess('services/ingress/src/main.ts', { env: { ...environmentFor(upstream, SEMANTIC), NATS_URL: cluster.nats.url, PORT: String(port), OPENAI_API_KEY: undefined } })
  const stop = async () => {
    await second.stop()
    await cluster.stop()
    await redis.stop()
    await upstream.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  const urls = [cluster.url, `http://127.0.0.1:${port}`] as const
  await until(async () => (await fetch(`${urls[1]}/ready`).catch(() => undefined))?.ok, { what: 'the second ingress', ...patiently })
  for (const url of urls) for (const id of ['openai/gpt-test', `simulator/${SEMANTIC.SEMANTIC_CACHE_EMBEDDER_MODEL}`]) await listed(url, id)
  return { upstream, answering, cluster, urls, stop }
}

interface Came {
  readonly verdict: string | null
  readonly entry: string | null
  readonly similarity: string | null
  /** No two answers of the provider have the same. */
  readonly number: string | undefined
}

type Question = (url: string, said?: string, more?: { stream?: boolean; control?: string; type?: string }) => Promise<Came>
let questions = 0

/** A question that shares its answers with no other. */
function questionOf({ tags = '', model = 'openai/gpt-test' }: { tags?: string; model?: string } = {}): Question {
  const knob = ++questions
  return async (url, said = WORDS, { stream = false, control = '', type = '' } = {}) => {
    const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: { ...authorized, 'x-cache-tags': tags, 'cache-control': control, ...(type && { 'x-cache-type': type }) }, body: JSON.stringify({ model, stream, knob, messages: [{ role: 'user', content: said }] }) })
    const text = await response.text()
    if (response.status !== 200) throw new Error(text)
    return { verdict: response.headers.get('x-cache'), entry: response.headers.get('x-cache-entry'), similarity: response.headers.get('x-cache-similarity'), number: /#(\d+)#/.exec(text)?.[1] }
  }
}

interface Invalidated {
  readonly exact: { readonly matched: number; readonly removed: number }
  readonly semantic: { readonly matched: number; readonly removed: number; readonly limited?: number }
  readonly dry_run: boolean
  readonly unavailable: readonly string[]
}

async function invalidate(url: string, body: object, requestId = 'admin'): Promise<Invalidated> {
  const response = await fetch(`${url}/admin/api/v1/cache/invalidate`, { method: 'POST', headers: { ...authorized, 'x-request-id': requestId }, body: JSON.stringify(body) })
  expect(response.status).toBe(200)
  return (await response.json()) as Invalidated
}

describe('cached answers at two ingresses', () => {
  let two: Two

  beforeAll(async () => {
    two = await startTwo()
    return () => two.stop()
  })

  const url = (at: number) => two.urls[at]!

  const inLayers = async (entry: string | null) => {
    const { exact, semantic } = await invalidate(url(0), { entry, dry_run: true })
    return [exact.matched, semantic.matched]
  }

  /** Asks, and resolves when both layers have the answer and every ingress gives it. On a busy machine an answer may not be kept: then it is asked for again. */
  async function kept(question: Question): Promise<Came> {
    const first = await until(async () => {
      const came = await question(url(0), WORDS, { control: 'no-cache' })
      expect(came).toMatchObject({ verdict: 'MISS', entry: expect.stringMatching(/^[\w-]{43}$/) })
      await until(async () => (await inLayers(came.entry)).join('') === '11', { what: 'the answer in both layers', timeoutMs: 3000 })
      return came
    }, { what: 'an answer that is kept', ...patiently })
    expect(new Set(await everywhere(question))).toEqual(new Set([first.number]))
    return first
  }

  /** What every ingress says to both ways of asking. */
  const everywhere = async (question: Question) => (await Promise.all([0, 1].flatMap(at => [question(url(at)), question(url(at), OTHER_WORDS), question(url(at), WORDS, { stream: true })]))).map(({ number }) => number)

  // Those without a neighbour are of all answers that there are.
  test.each<[string, (entry: string) => object, { of: Parameters<typeof questionOf>[0]; neighbour?: Parameters<typeof questionOf>[0] }]>([
    ['entry', entry => ({ entry }), { of: {}, neighbour: {} }],
    ['tag', () => ({ tag: 'roses/2026' }), { of: { tags: 'garden, roses/2026' }, neighbour: { tags: 'garden' } }],
    ['model as it answered', () => ({ model: 'openai/gpt-test' }), { of: { model: 'gpt-test' }, neighbour: { model: 'openai/gpt-other' } }],
    ['bare model', () => ({ model: 'gpt-test' }), { of: {}, neighbour: { model: 'gpt-other' } }],
    ['tenant', () => ({ tenant: 'master' }), { of: {} }],
    ['everything', () => ({ everything: true }), { of: {} }],
  ])('go by %s from both layers, and a dry run changes nothing', async (_, which, { of, neighbour }) => {
    await invalidate(url(1), { everything: true })
    const [question, other] = [questionOf(of), neighbour && questionOf(neighbour)]
    const { number, entry } = await kept(question)
    const beside = other && (await kept(other))
    const selection = which(entry!)
    const some = { exact: { matched: 1, removed: 0 }, semantic: { matched: 1, removed: 0 } }
    expect(await invalidate(url(1), { ...selection, dry_run: true })).toEqual({ ...some, dry_run: true, unavailable: [] })
    expect(new Set(await everywhere(question))).toEqual(new Set([number]))
    const one = { matched: 1, removed: 1 }
    expect(await invalidate(url(1), selection)).toEqual({ exact: one, semantic: one, dry_run: false, unavailable: [] })
    expect(await everywhere(question)).not.toContain(number)
    if (other) expect(new Set(await everywhere(other))).toEqual(new Set([beside!.number]))
    expect(await invalidate(url(0), { tag: 'nobody' })).toMatchObject({ exact: { matched: 0 }, semantic: { matched: 0 } })
  })

  test('name the entry that they come from, whatever question found them, so that a wrong one can be taken out', async () => {
    const question = questionOf()
    const { entry, number } = await kept(question)
    expect(await question(url(1))).toMatchObject({ verdict: 'HIT (exact)', entry })
    const byMeaning = questionOf()
    const first = await kept(byMeaning)
    const found = await byMeaning(url(1), OTHER_WORDS)
    expect(found).toMatchObject({ verdict: 'HIT (semantic)', entry: first.entry })
    const selectors = 'gateway_cache_invalidated_total{layer="semantic",selector="entry"}'
    const before = await metric(url(0), selectors)
    await invalidate(url(0), { entry: found.entry, reason: 'it was wrong' }, 'admin-7')
    expect(await everywhere(byMeaning)).not.toContain(first.number)
    expect(new Set(await everywhere(question))).toEqual(new Set([number]))
    expect(await metric(url(0), selectors)).toBe(before + 1)
    const line = two.cluster.ingress.output.split('\n').find(said => said.includes('"admin-7"'))
    expect(JSON.parse(line!)).toMatchObject({ selector: 'entry', exact: { removed: 1 }, semantic: { removed: 1 }, reason: 'it was wrong' })
  })

  test('answer no question as far away as one that they were wrong for, and stay for their own and nearer ones', async () => {
    const question = questionOf()
    const { entry, number, similarity } = await kept(question)
    expect(similarity).toBeNull()
    for (const stream of [false, true]) expect((await question(url(1), OTHER_WORDS, { stream })).similarity).toMatch(/^0\.\d{4}$/)
    const far = await question(url(1), OTHER_WORDS)
    const near = await question(url(1), NEARER_WORDS)
    expect([far, near]).toMatchObject([{ verdict: 'HIT (semantic)', entry, number }, { verdict: 'HIT (semantic)', entry, number }])
    expect(Number(near.similarity)).toBeGreaterThan(Number(far.similarity) + 0.01)
    const limit = (came: Came, more = {}) => invalidate(url(0), { entry, wrong_at: Number(came.similarity), ...more }, 'admin-limit')
    const exact = { matched: 0, removed: 0 }
    expect(await limit(far, { dry_run: true })).toEqual({ exact, semantic: { matched: 1, limited: 0, removed: 0 }, dry_run: true, unavailable: [] })
    expect((await question(url(0), OTHER_WORDS)).number).toBe(number)

    expect(await limit(far)).toEqual({ exact, semantic: { matched: 1, limited: 1, removed: 0 }, dry_run: false, unavailable: [] })
    for (const at of [0, 1]) expect((await question(url(at), OTHER_WORDS)).number).not.toBe(number)
    for (const at of [0, 1]) {
      expect(await question(url(at), NEARER_WORDS)).toMatchObject({ number, entry })
      expect(await question(url(at))).toMatchObject({ verdict: 'HIT (exact)', number })
      expect(await question(url(at), WORDS, { type: 'semantic' })).toMatchObject({ verdict: 'HIT (semantic)', number })
    }
    expect(await limit(far)).toMatchObject({ semantic: { limited: 0, removed: 0 } })

    expect(await limit(near)).toMatchObject({ exact, semantic: { matched: 1, limited: 0, removed: 1 } })
    expect(await question(url(1))).toMatchObject({ verdict: 'HIT (exact)', number, entry })
    expect((await question(url(1), NEARER_WORDS)).number).not.toBe(number)
    const line = two.cluster.ingress.output.split('\n').find(said => said.includes('"admin-limit"') && said.includes('limited"}'))
    expect(JSON.parse(line!)).toMatchObject({ selector: 'entry', wrongAt: Number(far.similarity), semantic: { limited: 1 } })
  })

  test.each<[string, (entry: string) => object, boolean]>([
    ['tag', () => ({ tag: 'slow' }), false],
    ['everything', () => ({ everything: true }), true],
    ['entry', entry => ({ entry }), false],
  ])('are not kept when they were under way while they were invalidated by %s', async (_, which, stream) => {
    const question = questionOf({ tags: 'slow' })
    const entry = (await kept(question)).entry!
    await invalidate(url(0), { entry })
    const asked = two.upstream.requests.length
    two.answering((__, answer) => ({ ...answer, headDelayMs: 1500 }))
    onTestFinished(() => two.answering(undefined))
    const underWay = question(url(1), WORDS, { stream })
    await until(() => two.upstream.requests.length > asked, { what: 'the call', ...patiently })
    expect(await invalidate(url(0), which(entry))).toMatchObject({ unavailable: [] })
    two.answering(undefined)
    const { number, verdict } = await underWay
    expect(verdict).toBe('MISS')
    const seen: (string | undefined)[] = []
    const fresh = await until(async () => {
      const came = await question(url(0))
      seen.push(came.number)
      return came.verdict?.startsWith('HIT') && came
    }, { what: 'an answer that is kept', ...patiently })
    expect(seen).not.toContain(number)
    await until(async () => (await inLayers(entry))[1] === 1, { what: 'the answer by its meaning', ...patiently })
    expect(new Set(await everywhere(question))).toEqual(new Set([fresh.number]))
  })

  test('are told of as out of reach while a layer is away', async () => {
    const { upstream } = await numberedUpstream()
    onTestFinished(() => upstream.stop())
    const lonely = await startCluster(upstream, { env: SEMANTIC, caches: [{}] })
    onTestFinished(() => lonely.stop())
    expect(await invalidate(lonely.url, { everything: true })).toMatchObject({ unavailable: ['semantic'] })
  })
})

test('an answer that is not to be kept names no entry', async () => {
  const { upstream } = await numberedUpstream()
  onTestFinished(() => upstream.stop())
  const cluster = await startCluster(upstream, { env: { RESPONSE_CACHE_SIMPLE_ENABLED: 'true' }, caches: [{}] })
  onTestFinished(() => cluster.stop())
  const entryWith = async (headers: Record<string, string>) => {
    const response = await fetch(`${cluster.url}/v1/chat/completions`, { method: 'POST', headers: { ...authorized, ...headers }, body: JSON.stringify({ model: 'gpt-test', messages: [{ role: 'user', content: WORDS }] }) })
    await response.text()
    return response.headers.get('x-cache-entry')
  }
  expect(await entryWith({ 'cache-control': 'no-store' })).toBeNull()
  expect(await entryWith({ 'x-cache-type': 'semantic' })).toBeNull()
  expect(await entryWith({ 'cache-control': 'no-cache' })).not.toBeNull()
})
