import { randomBytes } from 'node:crypto'
import { type RequestOf, relay } from '@gomodel/contracts'
import { type Behaviour, rateLimited, serverError, startUpstream, unauthorized } from '@gomodel/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from '../fixtures/eventually.ts'
import { KEY, TRACE } from '../fixtures/generator.ts'
import { textOf, workerWith } from '../fixtures/worker.ts'

type Asked = Partial<RequestOf<typeof relay>> & { body?: Uint8Array; to?: string; signal?: AbortSignal }

async function relaying(behaviours: Behaviour[] = [], environment: Record<string, string> = {}) {
  const worker = await workerWith(environment, behaviours)
  const ask = ({ body = Buffer.alloc(0), to = 'openai', signal, ...request }: Asked) =>
    worker.ingress.exchange(relay, { requestId: 'r-1', method: 'POST', path: '/thing', headers: [], ...request }, { to, body, signal, trace: TRACE })
  const counted = async (name: string) => (await worker.metrics.getMetricsAsJSON()).find(metric => metric.name === name)!.values.filter(({ value }) => value > 0).map(({ labels, value }) => ({ ...labels, value }))
  return { ...worker, ask, counted }
}

const json = { 'content-type': 'application/json' }
const usage = { prompt_tokens: 10, completion_tokens: 5 }
const tokens = (input: number, output: number) => [{ provider: 'openai', type: 'input', value: input }, { provider: 'openai', type: 'output', value: output }]

describe('a relayed request', () => {
  test('reaches the provider as it was, with the key of the instance, and its answer comes back as it is', async () => {
    const bytes = randomBytes(300_000)
    const { upstream, ask } = await relaying([{ status: 203, headers: { 'content-type': 'image/png', 'x-extra': 'kept', 'set-cookie': 'a=b' }, body: bytes }])
    const answer = await ask({ method: 'PATCH', path: '/v1/thing/1?a=1&b=%20', v1Alias: true, headers: [['content-type', 'audio/wav'], ['openai-beta', 'x=1']], body: bytes })
    const chunks: Uint8Array[] = []
    for await (const chunk of answer) chunks.push(chunk)
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
    expect(answer.head).toMatchObject({ provider: 'openai', status: 203 })
    expect(Object.fromEntries(answer.head.headers)).toMatchObject({ 'content-type': 'image/png', 'content-length': '300000', 'x-extra': 'kept' })
    expect(Object.fromEntries(answer.head.headers)).not.toHaveProperty('set-cookie')
    expect(answer.end).toEqual({ upstream: { firstMs: expect.any(Number), totalMs: expect.any(Number) } })
    const [sent] = upstream.requests
    expect(sent).toMatchObject({ method: 'PATCH', path: '/v1/thing/1?a=1&b=%20', headers: { authorization: `Bearer ${KEY}`, 'content-type': 'audio/wav', 'openai-beta': 'x=1', 'accept-encoding': 'identity' } })
    expect(sent!.body.equals(bytes)).toBe(true)
  })

  test('goes to each instance with its own key and address', async () => {
    const east = await startUpstream(() => ({ body: {} }))
    onTestFinished(() => east.stop())
    const { upstream, heard, ask } = await relaying([{ body: {} }], { OPENAI_EAST_API_KEY: 'sk-of-the-east', OPENAI_EAST_BASE_URL: east.url })
    await textOf(await ask({ to: 'openai-east' }))
    await textOf(await ask({ to: 'openai' }))
    expect([east, upstream].map(({ requests }) => requests.map(({ headers }) => headers.authorization))).toEqual([['Bearer sk-of-the-east'], [`Bearer ${KEY}`]])
    expect(heard.find(({ instance }) => instance === 'openai-east')).toMatchObject({ type: 'openai', resources: ['files', 'batches'], passthrough: true })
  })

  test.each([400, 404, 409, 429, 500, 503])('gets an answer of status %i as it is, once', async status => {
    const { upstream, ask, counted } = await relaying([{ status, headers: { 'retry-after': '0' }, body: `{"error":"no ${KEY} is good"}` }])
    const answer = await ask({})
    expect(await textOf(answer)).toBe(`{"error":"no ${'*'.repeat(KEY.length)} is good"}`)
    expect(answer.head.status).toBe(status)
    expect(upstream.requests).toHaveLength(1)
    expect(await counted('gateway_upstream_requests_total')).not.toMatchObject([{ outcome: 'ok' }])
  })

  test.each([['OpenAI', 401, unauthorized()], ['somebody', 403, { status: 403, body: `no ${KEY}` }]])('whose key %s refuses with %i is our fault, not that of the caller', async (_, __, behaviour) => {
    const { ask, log } = await relayingLogged([behaviour])
    await expect(ask({}).then(textOf)).rejects.toMatchObject({ code: 'provider_key_refused', status: 502, message: "openai refuses the gateway's key" })
    expect(log()).toContain('provider_key_refused')
  })

  test('is not sent at all with a path that leads elsewhere', async () => {
    const { upstream, ask } = await relaying()
    await expect(ask({ path: '/%2e%2e/admin' }).then(textOf)).rejects.toMatchObject({ code: 'invalid_request' })
    expect(upstream.requests).toEqual([])
  })

  test('to a server that answers nothing is an error, and an empty answer is none', async () => {
    const { ask } = await relaying([{ fault: { kind: 'hang-up' } }, { status: 204, body: '' }])
    await expect(ask({}).then(textOf)).rejects.toMatchObject({ code: 'provider_failed' })
    const answer = await ask({ method: 'DELETE' })
    expect([answer.head.status, await textOf(answer)]).toEqual([204, ''])
  })
})

async function relayingLogged(behaviours: Behaviour[]) {
  const worker = await relaying(behaviours)
  return { ...worker, log: () => JSON.stringify(worker.log.lines) }
}

describe('another try', () => {
  const again = { body: { fine: true } }

  test.each([
    ['GET', {}],
    ['HEAD', {}],
    ['OPTIONS', {}],
    ['POST', { headers: [['idempotency-key', 'k']] as [string, string][] }],
  ] as const)('is made for %s %j', async (method, more) => {
    const { upstream, ask } = await relaying([serverError(503), { fault: { kind: 'hang-up' } }, again])
    const answer = await ask({ method, ...more })
    expect(answer.head.status).toBe(200)
    await textOf(answer)
    expect(upstream.requests).toHaveLength(3)
  })

  test.each(['POST', 'PUT', 'PATCH', 'DELETE'] as const)('is not made for %s', async method => {
    const { upstream, ask } = await relaying([{ fault: { kind: 'hang-up' } }, again])
    await expect(ask({ method }).then(textOf)).rejects.toMatchObject({ code: 'provider_failed' })
    expect(upstream.requests).toHaveLength(1)
  })

  test('that does not help leaves the caller with what the provider said', async () => {
    const { upstream, ask } = await relaying([serverError(500), serverError(502), { status: 503, headers: { 'x-last': 'yes' }, body: `{"busy":"${KEY}"}` }])
    const answer = await ask({ method: 'GET' })
    expect([answer.head.status, Object.fromEntries(answer.head.headers)['x-last'], await textOf(answer)]).toEqual([503, 'yes', `{"busy":"${'*'.repeat(KEY.length)}"}`])
    expect(upstream.requests).toHaveLength(3)
  })

  test('is not made while the provider asks for more patience than we have', async () => {
    const { upstream, ask } = await relaying([rateLimited(60), again])
    const answer = await ask({ method: 'GET' })
    expect([answer.head.status, Object.fromEntries(answer.head.headers)['retry-after']]).toEqual([429, '60'])
    expect(upstream.requests).toHaveLength(1)
  })

  test('is not made after the first byte: the answer breaks', async () => {
    const { upstream, ask } = await relaying([{ body: 'x'.repeat(1000), fault: { kind: 'cut', after: 0 } }, again])
    await expect(ask({ method: 'GET' }).then(textOf)).rejects.toMatchObject({ code: 'stream_broken' })
    expect(upstream.requests).toHaveLength(1)
  })
})

describe('what a relayed answer cost', () => {
  test('is counted of a whole answer', async () => {
    const { ask, counted } = await relaying([{ body: { usage } }])
    const answer = await ask({})
    await textOf(answer)
    expect(answer.end).toMatchObject({ usage: { inputUncached: 10, outputText: 5 }, nativeUsage: usage })
    expect(await counted('gateway_tokens_total')).toEqual(tokens(10, 5))
  })

  test('is counted of a stream, of which not a byte is changed or held', async () => {
    const events = [{ type: 'message_start', message: { usage: { input_tokens: 10, output_tokens: 1 } } }, { type: 'content_block_delta', delta: { text: 'ünï' } }, { type: 'message_delta', usage: { output_tokens: 5 } }]
    const { upstream, ask, counted } = await relaying([{ events, deltaDelayMs: 5, writeSize: 3 }])
    const answer = await ask({})
    expect(await textOf(answer)).toBe(events.map(event => `data: ${JSON.stringify(event)}\n\n`).join(''))
    expect(answer.end).toMatchObject({ usage: { inputUncached: 10, outputText: 5, source: 'final' } })
    expect(await counted('gateway_tokens_total')).toEqual(tokens(10, 5))
    expect(upstream.requests).toHaveLength(1)
  })

  test.each([
    ['what is only looked at', { method: 'GET' }, { body: { usage } }],
    ['a resource', { resource: 'batches' }, { body: { usage } }],
    ['an error', {}, { status: 400, body: { usage } }],
  ] as const)('is not counted of %s', async (_, asked, behaviour) => {
    const { ask, counted } = await relaying([behaviour])
    const answer = await ask(asked)
    await textOf(answer)
    expect(answer.end).not.toHaveProperty('usage')
    expect(await counted('gateway_tokens_total')).toEqual([])
  })

  test('of a batch is counted once, however often its results are fetched', async () => {
    const lines = [1, 2, 3].map(id => `${JSON.stringify({ custom_id: id, response: { body: { usage } } })}\n`).join('')
    const { ask, counted } = await relaying([{ headers: { 'content-type': 'application/octet-stream' }, body: lines }])
    const fetched = async (batch: string) => {
      const answer = await ask({ method: 'GET', resource: 'files', path: '/files/f/content', batch })
      expect(await textOf(answer)).toBe(lines)
      return answer.end
    }
    expect(await fetched('batch-1')).toMatchObject({ batch: 'batch-1', usage: { inputUncached: 30, outputText: 15 } })
    expect(await fetched('batch-1')).not.toHaveProperty('usage')
    expect(await fetched('batch-2')).toMatchObject({ batch: 'batch-2' })
    expect(await counted('gateway_tokens_total')).toEqual(tokens(60, 30))
  })

  test('of a batch is not counted of a part of its results', async () => {
    const line = JSON.stringify({ response: { body: { usage } } })
    const { ask, counted } = await relaying([{ status: 206, body: `${line}\n` }, { body: `${line}\n${line}\n` }])
    for (const [range] of [['bytes=0-9'], []]) await textOf(await ask({ method: 'GET', batch: 'b', headers: range === undefined ? [] : [['range', range]] }))
    expect(await counted('gateway_tokens_total')).toEqual(tokens(20, 10))
  })

  test('is said to be unknown where it cannot be seen', async () => {
    const { ask, counted } = await relaying([{ headers: { ...json, 'content-encoding': 'gzip' }, body: 'not really' }, { body: { filler: 'x'.repeat(5_000_000), usage } }])
    await textOf(await ask({}))
    await textOf(await ask({}))
    expect(await counted('gateway_relay_unobserved_total')).toEqual([{ provider: 'openai', why: 'encoded', value: 1 }, { provider: 'openai', why: 'too_large', value: 1 }])
  })
})

describe('while it is relayed', () => {
  test('a caller that leaves stops the provider', async () => {
    const { upstream, ask } = await relaying([{ events: Array.from({ length: 1000 }, (_, index) => ({ index })), deltaDelayMs: 5 }])
    const leaving = new AbortController()
    const answer = await ask({ signal: leaving.signal })
    leaving.abort()
    await expect(textOf(answer)).rejects.toMatchObject({ code: 'cancelled' })
    await expect.poll(() => upstream.requests[0]?.aborted, eventually).toBe(true)
  })

  test('a caller that does not read holds the provider back', async () => {
    const { upstream, ask } = await relaying([{ events: Array.from({ length: 600 }, () => 'x'.repeat(65_536)) }])
    const answer = await ask({})
    const reader = answer[Symbol.asyncIterator]()
    await reader.next()
    let last = -1
    // As long as something moves it is not held yet.
    await expect.poll(() => last === (last = upstream.requests[0]!.deltasWritten), { timeout: 20_000, interval: 300 }).toBe(true)
    expect(last).toBeLessThan(500)
    let size = 0
    for (let step = await reader.next(); !step.done; step = await reader.next()) size += step.value.length
    expect(size).toBeGreaterThan(550 * 65_536)
  })

  test('the breaker opens, for generated answers too', async () => {
    const { ask, call } = await relaying([{ status: 503, body: 'away' }], { CIRCUIT_BREAKER_FAILURE_THRESHOLD: '2' })
    for (let request = 0; request < 2; request++) await textOf(await ask({}))
    await expect(ask({}).then(textOf)).rejects.toMatchObject({ code: 'circuit_open' })
    await expect(call().then(textOf)).rejects.toMatchObject({ code: 'circuit_open' })
  })

  test('it takes a place of the worker like any other call', async () => {
    const { ask, call } = await relaying([{ fault: { kind: 'never' } }], { WORKER_CAPACITY: '1' })
    const leaving = new AbortController()
    const first = ask({ signal: leaving.signal }).catch((thrown: unknown) => thrown)
    await expect(call().then(textOf)).rejects.toMatchObject({ code: 'overloaded' })
    await expect(ask({}).then(textOf)).rejects.toMatchObject({ code: 'overloaded' })
    leaving.abort()
    await first
  })
})
