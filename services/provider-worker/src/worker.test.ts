import { numberedContent, serverError, startUpstream } from '@gomodel/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from './fixtures/eventually.ts'
import { KEY, TRACE } from './fixtures/generator.ts'
import { textOf, workerWith } from './fixtures/worker.ts'

describe('a worker on the bus', () => {
  test('announces its models at once and then again and again', async () => {
    const { heard } = await workerWith({})
    await expect.poll(() => heard.length, eventually).toBeGreaterThan(3)
    expect(heard.at(-1)).toMatchObject({ instance: 'openai', rank: 0, breaker: 'closed', leaving: false, models: [{ id: 'gpt-4o-mini' }, { id: 'gpt-5' }] })
  })

  test('that lists more models than one message can name announces the first of them, and says once how many it leaves out', async () => {
    const { upstream, heard, log } = await workerWith({ MODEL_REFRESH_INTERVAL: '1s' })
    upstream.models = Array.from({ length: 12_001 }, (_, index) => `vendor/a-model-of-forty-characters-${index}`.padEnd(40, 'm'))
    await expect.poll(() => heard.at(-1)?.models.length, eventually).toBeGreaterThan(2)
    const before = heard.length
    await expect.poll(() => heard.length, eventually).toBeGreaterThan(before + 1)
    const said = heard.at(-1)!
    const bytes = JSON.stringify(said).length
    expect(bytes).toBeLessThanOrEqual(1024 * 1024)
    expect(bytes).toBeGreaterThan(1000 * 1024)
    expect(said.models.map(({ id }) => id)).toEqual(upstream.models.slice(0, said.models.length))
    expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([
      { level: 'warn', about: { instance: 'openai', leftOut: 12_001 - said.models.length }, message: expect.stringContaining('models') },
    ])
  })

  test('answers a stream', async () => {
    const { upstream, call } = await workerWith({}, [{ deltas: 200 }])
    const answer = await call()
    const text = await textOf(answer)
    expect(answer.head).toEqual({ provider: 'openai' })
    expect(answer.end).toMatchObject({ finish: 'stop', usage: { outputText: 200 } })
    const contents = [...text.matchAll(/"content":"([^"]*)"/g)].map(([, content]) => content)
    expect(contents.join('')).toBe(numberedContent(200))
    expect(upstream.requests[0]?.headers).toMatchObject({ ...TRACE })
  })

  test('serves every instance with its own address', async () => {
    const other = await startUpstream()
    onTestFinished(() => other.stop())
    const { upstream, heard, call } = await workerWith({ OPENAI_EAST_BASE_URL: other.url })
    await textOf(await call('openai-east'))
    expect([upstream.requests.length, other.requests.length]).toEqual([0, 1])
    await expect.poll(() => new Set(heard.map(({ instance, rank }) => `${instance} ${rank}`)), eventually).toEqual(new Set(['openai 0', 'openai-east 1']))
  })

  test('knows what an instance serves that lists nothing of use, and calls it there', async () => {
    const azure = await startUpstream()
    onTestFinished(() => azure.stop())
    const { heard, call, log } = await workerWith({
      AZURE_API_KEY: KEY,
      AZURE_BASE_URL: azure.url.replace(/\/v1$/, '/openai/deployments/prod'),
      AZURE_OTHER_API_KEY: KEY,
      AZURE_OTHER_BASE_URL: azure.url.replace(/\/v1$/, ''),
    })
    await expect.poll(() => heard.find(({ instance }) => instance === 'azure')?.models, eventually).toEqual([{ id: 'prod', created: 0, ownedBy: 'azure' }])
    expect(log.lines).toContainEqual(expect.objectContaining({ level: 'warn', about: { instance: 'azure-other' } }))
    await textOf(await call('azure'))
    expect(azure.requests[0]).toMatchObject({ path: '/openai/deployments/prod/chat/completions?api-version=2024-10-21', headers: { 'api-key': KEY } })
    expect(azure.modelListings).toEqual([])
  })

  test('leaves to others what it is told to', async () => {
    const { heard } = await workerWith({ OPENAI_EAST_API_KEY: KEY, PROVIDER_INSTANCES_EXCEPT: 'openai-east' })
    await expect.poll(() => heard.length, eventually).toBeGreaterThan(3)
    expect(new Set(heard.map(({ instance }) => instance))).toEqual(new Set(['openai']))
  })

  test('tells at once that its breaker opened, and for how long', async () => {
    const { heard, call } = await workerWith({ CIRCUIT_BREAKER_FAILURE_THRESHOLD: '3' }, [serverError(503)])
    await expect(call().then(textOf)).rejects.toMatchObject({ code: 'provider_failed' })
    await expect.poll(() => heard.at(-1)?.breaker, eventually).toBe('open')
    expect(heard.at(-1)?.retryAfterMs).toBeGreaterThan(0)
    await expect(call().then(textOf)).rejects.toMatchObject({ code: 'circuit_open' })
  })

  test('says that it leaves, finishes what runs, and is not heard of again', async () => {
    const { heard, worker, call } = await workerWith({}, [{ deltas: 20, deltaDelayMs: 20 }])
    const answer = await call()
    const stopped = worker.stop()
    const text = await textOf(answer)
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
    await stopped
    expect(heard.at(-1)).toMatchObject({ instance: 'openai', leaving: true })
    await expect(call().then(textOf)).rejects.toMatchObject({ status: 503 })
  })

  test('without an instance says so and waits', async () => {
    const { heard } = await workerWith({ OPENAI_API_KEY: '', OPENAI_BASE_URL: '', SIMULATOR_ENABLED: 'false' })
    expect(heard).toEqual([])
  })
})
