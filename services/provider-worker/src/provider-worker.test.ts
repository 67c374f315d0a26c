import { Bus, InProcessBroker } from '@gomodel/bus'
import { type EventOf, announced, generate } from '@gomodel/contracts'
import { DEFAULT_CONFIG, noTracing, openLog, readSettings } from '@gomodel/service'
import { inTurn, numberedContent, startUpstream } from '@gomodel/testing'
import { Registry } from 'prom-client'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from './fixtures/eventually.ts'
import { contentOf, eventsIn } from './fixtures/simulator.ts'
import { providerWorker } from './provider-worker.ts'
import { SIMULATED_MODELS } from './simulator/simulated-models.ts'

/** The service as a process starts it, with a client on the same bus. */
async function workerWith(given: Record<string, string> = {}) {
  const environment = { SIMULATOR_TOKENS_PER_SECOND: '0', RETRY_INITIAL_BACKOFF: '1ms', ...given }
  const broker = new InProcessBroker()
  const bus = new Bus(broker.connect(), 'provider-worker')
  onTestFinished(() => bus.close())
  const ingress = new Bus(broker.connect(), 'ingress')
  onTestFinished(() => ingress.close())
  const heard: EventOf<typeof announced>[] = []
  ingress.on(announced, said => heard.push(said))
  const warnings: unknown[] = []
  const log = openLog('provider-worker', 'silent')
  log.warn = (...said: unknown[]) => warnings.push(said)
  const settings = readSettings(providerWorker.settings, environment)
  const worker = await providerWorker.start({ settings, environment, config: DEFAULT_CONFIG, onConfig: () => () => {}, bus, log, metrics: new Registry(), tracing: noTracing, fail: why => { throw new Error(why) } })
  onTestFinished(() => worker.stop())
  const ask = (model: string, { stream = true, to = 'simulator', ...more }: { stream?: boolean; to?: string; signal?: AbortSignal } = {}) => {
    const request = { requestId: 'r', endpoint: 'chat' as const, model, stream, includeUsage: false }
    const body = { model: `${to}/${model}`, messages: [{ role: 'user', content: 'What is a bus?' }], stream }
    return ingress.exchange(generate, request, { to, body: Buffer.from(JSON.stringify(body)), ...more })
  }
  return { heard, warnings, worker, ask, known: (instance: string) => heard.findLast(said => said.instance === instance) }
}

async function textOf(answer: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of answer) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('a worker without a provider', () => {
  test('serves the simulator and says so, its models by name', async () => {
    const { warnings, known } = await workerWith()
    expect(JSON.stringify(warnings)).toMatch(/http:\/\/127\.0\.0\.1:\d+\/v1.*SIMULATED/)
    await expect.poll(() => known('simulator')?.models.map(({ id }) => id), eventually).toEqual(SIMULATED_MODELS)
    expect(known('simulator')).toMatchObject({ rank: 0 })
    expect(new Set(known('simulator')?.models.map(({ ownedBy }) => ownedBy))).toEqual(new Set(['simulator']))
  })

  test('lists the same models where only configured ones count', async () => {
    const { known } = await workerWith({ CONFIGURED_PROVIDER_MODELS_MODE: 'allowlist' })
    await expect.poll(() => known('simulator')?.models.map(({ id }) => id), eventually).toEqual(SIMULATED_MODELS)
  })

  test('streams an answer, and gives the same whole, with its usage', async () => {
    const { ask } = await workerWith()
    const streamed = await ask('simulated-chat')
    const events = eventsIn(await textOf(streamed))
    const answer = await ask('simulated-chat', { stream: false })
    const { choices, usage } = JSON.parse(await textOf(answer)) as { choices: { message: { content: string } }[]; usage: { prompt_tokens: number; completion_tokens: number } }
    expect(contentOf(events)).toBe(choices[0]?.message.content)
    expect(contentOf(events)).toContain('What is a bus?')
    expect(streamed.head).toEqual({ provider: 'simulator' })
    const spent = { inputUncached: usage.prompt_tokens, inputCacheRead: 0, outputText: usage.completion_tokens }
    for (const end of [streamed.end, answer.end]) expect(end).toMatchObject({ finish: 'stop', usage: spent })
  })

  test('is cancelled as any provider is', async () => {
    const { ask, worker } = await workerWith()
    const leaving = new AbortController()
    const answer = ask('simulated-stall', { signal: leaving.signal })
    const text = answer.then(textOf)
    await answer
    leaving.abort()
    await expect(text).rejects.toMatchObject({ code: 'cancelled' })
    // Would wait for ever for a stream that still runs.
    await worker.stop()
  })
})

describe('through the worker a simulated failure', () => {
  const CALM = { CIRCUIT_BREAKER_FAILURE_THRESHOLD: '0', RETRY_MAX_RETRIES: '0' }

  test.each([
    ['simulated-error-400', { code: 'invalid_request', status: 400, message: expect.stringContaining('Simulated') as unknown }],
    ['simulated-error-401', { code: 'provider_key_refused', status: 502 }],
    ['simulated-error-429', { code: 'rate_limited', status: 429, details: { retryAfterMs: 5000 } }],
    ['simulated-error-500', { code: 'provider_failed', status: 502 }],
    ['simulated-error-503', { code: 'provider_failed', status: 502, details: { retryAfterMs: 1000 } }],
    ['simulated-error-404', { code: 'model_not_found', status: 404 }],
    ['simulated-error-422', { code: 'unprocessable', status: 422 }],
    ['simulated-nothing', { code: 'model_not_found', status: 404 }],
  ])('%s becomes %j, in either form', async (model, error) => {
    const { ask } = await workerWith(CALM)
    for (const stream of [true, false]) await expect(ask(model, { stream }).then(textOf)).rejects.toMatchObject(error)
  })

  test('in the middle breaks a stream after its first words, and fails a whole answer', async () => {
    const { ask } = await workerWith(CALM)
    const answer = await ask('simulated-error-midstream')
    let text = ''
    const read = (async () => {
      for await (const chunk of answer) text += Buffer.from(chunk).toString()
    })()
    await expect(read).rejects.toMatchObject({ code: 'stream_broken' })
    expect(text).toContain('"content":"')
    await expect(ask('simulated-error-midstream', { stream: false }).then(textOf)).rejects.toMatchObject({ code: 'provider_failed' })
  })

  test('of silence ends with the worker’s patience', async () => {
    const { ask } = await workerWith({ ...CALM, UPSTREAM_GAP_TIMEOUT: '200ms', UPSTREAM_FIRST_TOKEN_TIMEOUT: '2s' })
    await expect(ask('simulated-stall').then(textOf)).rejects.toMatchObject({ code: 'stream_broken', message: 'simulator fell silent within 0.2 s' })
    await expect(ask('simulated-stall', { stream: false }).then(textOf)).rejects.toMatchObject({ code: 'timeout' })
  })

  test('is tried again, and opens the circuit for all its models', async () => {
    const { ask, known, warnings } = await workerWith({ CIRCUIT_BREAKER_FAILURE_THRESHOLD: '3' })
    await expect(ask('simulated-error-500').then(textOf)).rejects.toMatchObject({ code: 'provider_failed' })
    expect(warnings.filter(said => JSON.stringify(said).includes('trying again')).length).toBe(2)
    await expect.poll(() => known('simulator')?.breaker, eventually).toBe('open')
    await expect(ask('simulated-chat').then(textOf)).rejects.toMatchObject({ code: 'circuit_open' })
  })
})

describe('a worker with a provider', () => {
  test('serves no simulator', async () => {
    const upstream = await startUpstream(inTurn({ deltas: 3 }), ['gpt-5'])
    onTestFinished(() => upstream.stop())
    const { heard, ask, known } = await workerWith({ OPENAI_BASE_URL: upstream.url })
    await expect.poll(() => known('openai')?.models.length, eventually).toBe(1)
    expect(contentOf(eventsIn(await textOf(await ask('gpt-5', { to: 'openai' }))))).toBe(numberedContent(3))
    await expect.poll(() => heard.length, eventually).toBeGreaterThan(3)
    expect(new Set(heard.map(({ instance }) => instance))).toEqual(new Set(['openai']))
  })

  test('serves both where it is told to, the simulator last', async () => {
    const upstream = await startUpstream(inTurn({ deltas: 3 }), ['gpt-5'])
    onTestFinished(() => upstream.stop())
    const { ask, known } = await workerWith({ OPENAI_BASE_URL: upstream.url, SIMULATOR_ENABLED: 'true' })
    expect(contentOf(eventsIn(await textOf(await ask('gpt-5', { to: 'openai' }))))).toBe(numberedContent(3))
    expect(contentOf(eventsIn(await textOf(await ask('simulated-chat'))))).toContain('simulated')
    await expect.poll(() => [known('openai')?.rank, known('simulator')?.rank], eventually).toEqual([0, 1])
  })
})
