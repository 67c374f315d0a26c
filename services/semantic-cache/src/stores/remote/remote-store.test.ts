import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { DIMENSIONS, entryOf, HOUR_MS, questionAt } from '../fixtures/entries.ts'
import { startPineconeProtocol } from '../fixtures/pinecone-protocol-server.ts'
import { startQdrantProtocol } from '../fixtures/qdrant-protocol-server.ts'
import { RecordingLog } from '../fixtures/recording-log.ts'
import { startWeaviateProtocol } from '../fixtures/weaviate-protocol-server.ts'
import { openStore, type StoreSettings } from '../open-store.ts'
import type { VectorStore } from '../vector-store.ts'

const KEY = 'the-right-key'
const folder = ':memory:'

const SERVERS = {
  qdrant: { start: () => startQdrantProtocol(KEY), settings: (url: string, apiKey: string): StoreSettings => ({ type: 'qdrant', url, apiKey, collection: 'answers', folder }) },
  pinecone: { start: () => startPineconeProtocol({ apiKey: KEY, dimension: DIMENSIONS }), settings: (url: string, apiKey: string): StoreSettings => ({ type: 'pinecone', host: `${url}/`, apiKey, namespace: 'answers', folder }) },
  weaviate: { start: () => startWeaviateProtocol(KEY), settings: (url: string, apiKey: string): StoreSettings => ({ type: 'weaviate', url: `${url}/`, apiKey, className: 'Answers', folder }) },
}
const KINDS = Object.keys(SERVERS) as (keyof typeof SERVERS)[]

/** Stores of one server, each with bodies of its own: what instances of the service are to each other. */
async function instancesOf(kind: keyof typeof SERVERS): Promise<(apiKey?: string) => VectorStore> {
  const server = await SERVERS[kind].start()
  onTestFinished(() => server.stop())
  return (apiKey = KEY) => {
    const store = openStore(SERVERS[kind].settings(server.url, apiKey), new RecordingLog())
    onTestFinished(() => store.close())
    return store
  }
}

test.each(KINDS)('a key that %s refuses is named, and not shown', async kind => {
  const store = (await instancesOf(kind))('the-wrong-key')
  const thrown = await store.open(DIMENSIONS).then(() => undefined, (reason: unknown) => reason)
  expect(thrown).toMatchObject({ message: expect.stringMatching(new RegExp(`${kind} cannot be used: it refuses the key`)) })
  expect(inspect(thrown, { depth: 10, showHidden: true })).not.toContain('the-wrong-key')
})

test.each(KINDS)('a neighbour in %s whose body is elsewhere has none, and goes', async kind => {
  const instance = await instancesOf(kind)
  const [one, other] = [instance(), instance()]
  await one.open(DIMENSIONS)
  await other.open(DIMENSIONS)
  const entry = entryOf()
  await one.put(entry)
  expect(await other.nearest(questionAt())).toMatchObject([{ id: entry.id }])
  expect(await other.body(entry.id)).toBeUndefined()
  expect(await other.nearest(questionAt())).toEqual([])
  expect(await one.nearest(questionAt())).toEqual([])
})

test.each(KINDS)('several instances may open an empty %s at once', async kind => {
  const instance = await instancesOf(kind)
  const stores = [instance(), instance(), instance()]
  await Promise.all(stores.map(store => store.open(DIMENSIONS)))
  await stores[0]!.put(entryOf())
  expect(await stores[2]!.nearest(questionAt())).toHaveLength(1)
})

test.each(KINDS)('what one instance limits in %s is limited for every other', async kind => {
  const instance = await instancesOf(kind)
  const [one, other] = [instance(), instance()]
  await one.open(DIMENSIONS)
  await other.open(DIMENSIONS)
  await one.put(entryOf({ tags: ['x'] }))
  expect(await other.limit({ tag: 'x', at: 0.9, minimum: 0.91 })).toMatchObject({ limited: 1 })
  expect(await one.nearest(questionAt())).toMatchObject([{ minimum: 0.91 }])
})

test('a class of Weaviate of an earlier version gets what it has not', async () => {
  const server = await SERVERS.weaviate.start()
  onTestFinished(() => server.stop())
  const properties = ['entryId', 'partition', 'tenant', 'model', 'tags', 'storedAt', 'expiresAt', 'text', 'meta'].map(name => ({ name }))
  await fetch(`${server.url}/v1/schema`, { method: 'POST', headers: { authorization: `Bearer ${KEY}` }, body: JSON.stringify({ class: 'Answers', properties }) })
  const store = openStore(SERVERS.weaviate.settings(server.url, KEY), new RecordingLog())
  onTestFinished(() => store.close())
  await store.open(DIMENSIONS)
  await store.put(entryOf({ tags: ['x'] }))
  await store.limit({ tag: 'x', at: 0.9, minimum: 0.91 })
  expect(await store.nearest(questionAt())).toMatchObject([{ minimum: 0.91 }])
})

test('bodies are bounded in bytes: the least recently saved or served go, and their entries when they are met', async () => {
  const server = await SERVERS.qdrant.start()
  onTestFinished(() => server.stop())
  const store = openStore({ type: 'qdrant', url: server.url, apiKey: KEY, collection: 'answers', folder, bodyLimitBytes: 250 * 1024 }, new RecordingLog())
  onTestFinished(() => store.close())
  await store.open(DIMENSIONS)
  for (const id of ['a', 'b', 'c']) await store.put(entryOf({ id, body: Buffer.alloc(100 * 1024) }))
  const bodies = await Promise.all(['a', 'b', 'c'].map(id => store.body(id)))
  expect(bodies.filter(body => body)).toHaveLength(2)
  expect((await store.size()).entries).toBe(2)
  expect((await store.size()).bytes).toBeLessThanOrEqual(250 * 1024)
})

test('what expired on a server is not found before it is swept', async () => {
  const store = (await instancesOf('qdrant'))()
  await store.open(DIMENSIONS)
  const now = Date.now()
  await store.put(entryOf({ id: 'a', storedAt: now - HOUR_MS, expiresAt: now - 1 }))
  expect(await store.nearest(questionAt(0, { now: now - 1000 }))).toHaveLength(1)
  expect(await store.nearest(questionAt())).toEqual([])
})

test.each(['lower', 'With Space', 'With"Quote', '9Digit'])('"%s" is refused as the name of a class before anything is asked', className => {
  expect(() => openStore({ type: 'weaviate', url: 'http://127.0.0.1:1', className, folder }, new RecordingLog())).toThrow(/no name for a class/)
})

test.each(['a-b', 'a.b.c', 'a"b', '1a', ''])('"%s" is refused as the name of a table before anything is asked', table => {
  expect(() => openStore({ type: 'pgvector', url: 'postgres://127.0.0.1:1/x', table }, new RecordingLog())).toThrow(/no name for a table/)
})
