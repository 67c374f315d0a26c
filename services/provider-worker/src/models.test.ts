import { type Behaviour, startUpstream, unauthorized } from '@gomodel/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from './fixtures/eventually.ts'
import { KEY, RecordingLog } from './fixtures/generator.ts'
import { ModelList, type ModelsMode, listModels } from './models.ts'
import { openAiDialect } from './providers/openai/dialect.ts'
import { Upstream } from './upstream.ts'

interface Given {
  listed: readonly string[] | Behaviour
  configured?: readonly string[]
  mode?: ModelsMode
  refreshIntervalMs?: number
  /** What the asking waits for. */
  before?: Promise<void>
}

async function modelsOf({ listed, configured = [], mode = 'fallback', refreshIntervalMs = 20, before }: Given) {
  const server = await startUpstream(() => ({}), listed)
  onTestFinished(() => server.stop())
  const upstream = new Upstream('openai', server.url, 5000)
  onTestFinished(() => upstream.close())
  const provider = openAiDialect({ name: 'openai', type: 'openai', apiKey: KEY, baseUrl: 'http://x' })
  const log = new RecordingLog()
  const changes: string[][] = []
  const list: ModelList = new ModelList({
    instance: { name: 'openai', type: 'openai', models: configured },
    mode,
    refreshIntervalMs,
    fetch: async signal => {
      await before
      return listModels(provider, upstream, signal)
    },
    changed: () => changes.push(list.models.map(({ id }) => id)),
    log,
    random: () => 0.5,
  })
  onTestFinished(() => list.stop())
  list.start()
  return { server, list, log, changes }
}

describe('the models of an instance', () => {
  test('are what the provider lists, with its key', async () => {
    const { server, list } = await modelsOf({ listed: ['a', 'b'] })
    await expect.poll(() => list.models, eventually).toEqual([
      { id: 'a', created: 1_700_000_000, ownedBy: 'scripted' },
      { id: 'b', created: 1_700_000_000, ownedBy: 'scripted' },
    ])
    expect(server.modelListings[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
  })

  test('may be listed behind a byte order mark', async () => {
    const { list } = await modelsOf({ listed: { body: '\ufeff{"data":[{"id":"a"}]}' } })
    await expect.poll(() => list.models.map(({ id }) => id), eventually).toEqual(['a'])
  })

  test('follow the provider, and a change is told once', async () => {
    const { server, changes } = await modelsOf({ listed: ['a'] })
    await expect.poll(() => server.modelListings.length, eventually).toBeGreaterThan(2)
    server.models = ['a', 'b']
    await expect.poll(() => changes, eventually).toEqual([['a'], ['a', 'b']])
  })

  test.each([
    ['fails', { status: 500, body: '{}' }],
    ['is empty', []],
    ['is no list', { body: '<html>' }],
    ['is cut', { fault: { kind: 'cut', after: 0 } }],
  ] satisfies [string, string[] | Behaviour][])('are kept when a refresh %s', async (_, listed) => {
    const { server, list, changes } = await modelsOf({ listed: ['a'], configured: ['c'] })
    await expect.poll(() => changes, eventually).toEqual([['a']])
    server.models = listed
    const before = server.modelListings.length
    await expect.poll(() => server.modelListings.length, eventually).toBeGreaterThan(before + 3)
    expect(list.models.map(({ id }) => id)).toEqual(['a'])
  })

  test('are the configured ones until the provider names some', async () => {
    const { server, list, changes } = await modelsOf({ listed: { status: 404, body: '{}' }, configured: ['c', 'd'] })
    await expect.poll(() => list.models, eventually).toEqual([
      { id: 'c', created: 0, ownedBy: 'openai' },
      { id: 'd', created: 0, ownedBy: 'openai' },
    ])
    server.models = ['a']
    await expect.poll(() => changes, eventually).toEqual([['c', 'd'], ['a']])
  })

  test('are the configured ones while the provider is slow to name some', async () => {
    const slow = Promise.withResolvers<void>()
    const { list, changes } = await modelsOf({ listed: ['a'], configured: ['c'], before: slow.promise })
    await expect.poll(() => changes, eventually).toEqual([['c']])
    slow.resolve()
    await expect.poll(() => changes, eventually).toEqual([['c'], ['a']])
    expect(list.models.map(({ id }) => id)).toEqual(['a'])
  })

  test('are the configured ones while the provider does not answer at all', async () => {
    const { server, changes } = await modelsOf({ listed: { fault: { kind: 'never' } }, configured: ['c'] })
    await expect.poll(() => changes, eventually).toEqual([['c']])
    expect(server.modelListings).toHaveLength(1)
  })

  test('are the configured ones alone where those are the allowed', async () => {
    const { server, list } = await modelsOf({ listed: ['a'], configured: ['c'], mode: 'allowlist' })
    expect(list.models.map(({ id }) => id)).toEqual(['c'])
    await list.stop()
    expect(server.modelListings).toHaveLength(0)
  })

  test('a refused key is an alert', async () => {
    const { log } = await modelsOf({ listed: unauthorized() })
    await expect.poll(() => log.lines[0], eventually).toMatchObject({ level: 'error', about: { alert: 'provider_key_refused' } })
  })

  test('are asked for no more after the stop, even in the middle of it', async () => {
    const { server, list } = await modelsOf({ listed: { fault: { kind: 'never' } } })
    await expect.poll(() => server.modelListings.length, eventually).toBe(1)
    await list.stop()
    await expect.poll(() => server.modelListings[0]?.aborted, eventually).toBe(true)
    expect(server.modelListings).toHaveLength(1)
  })
})
