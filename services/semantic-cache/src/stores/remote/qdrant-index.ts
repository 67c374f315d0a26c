import { StoreFault } from '../store-failure.ts'
import type { Neighbour, Question } from '../vector-store.ts'
import { pointId } from './point-id.ts'
import { QdrantRefusal, QdrantRest } from './qdrant-rest.ts'
import { fieldOf, type IndexedEntry, type Selection, type VectorIndex } from './vector-index.ts'

/** Which collection of which Qdrant. */
export interface QdrantSettings {
  readonly url: string
  readonly apiKey?: string | undefined
  readonly collection: string
  /** How long one call may take. Default 2 seconds. */
  readonly timeoutMs?: number
}

/** Entries of earlier versions have no minimum. */
type Payload = Omit<IndexedEntry, 'vector' | 'minimum'> & Partial<Pick<IndexedEntry, 'minimum'>>

const PAGE = 1000
const DEFAULT_TIMEOUT_MS = 2000
const KEYWORDS = ['tenant', 'model', 'tags']
const GIVEN_BACK = ['id', 'text', 'meta', 'storedAt', 'expiresAt', 'tenant', 'minimum']

interface Point {
  readonly payload: Partial<Payload>
  readonly score: number
}

/** A collection in Qdrant, one point an entry. */
export class QdrantIndex implements VectorIndex {
  readonly kind = 'qdrant'
  readonly #rest: QdrantRest
  readonly #path: string

  constructor({ url, apiKey, collection, timeoutMs = DEFAULT_TIMEOUT_MS }: QdrantSettings) {
    this.#rest = new QdrantRest({ url: withPort(url), apiKey, timeoutMs })
    this.#path = `collections/${encodeURIComponent(collection)}`
  }

  async open(dimensions: number): Promise<number> {
    if (!(await this.#rest.call<{ exists: boolean }>('GET', `${this.#path}/exists`)).exists) await this.#create(dimensions)
    const { config } = await this.#rest.call<{ config: { params: { vectors?: { size?: unknown; distance?: unknown } } } }>('GET', this.#path)
    const { vectors } = config.params
    if (typeof vectors?.size !== 'number') throw new StoreFault('its collection has named vectors, and is not one of ours')
    if (vectors.distance !== 'Cosine') throw new StoreFault('its collection does not measure by cosine')
    return vectors.size
  }

  async put({ vector, ...payload }: IndexedEntry): Promise<void> {
    await this.#rest.call('PUT', `${this.#path}/points?wait=true`, { points: [{ id: pointId(payload.id), vector: [...vector], payload }] })
  }

  async nearest({ partition, vector, k, now }: Question): Promise<Neighbour[]> {
    const { points } = await this.#rest.call<{ points: Point[] }>('POST', `${this.#path}/points/query`, {
      query: [...vector],
      limit: k,
      filter: { must: [{ key: 'partition', match: { value: partition } }, { key: 'expiresAt', range: { gt: now } }] },
      params: { hnsw_ef: 128 },
      with_payload: GIVEN_BACK,
    })
    return points.map(({ payload, score }) => {
      const { id, text, meta, storedAt, expiresAt, tenant, minimum = 0 } = payload as Payload
      return { id, text, meta, storedAt, expiresAt, tenant, minimum, score }
    })
  }

  async ids(which: Selection): Promise<string[]> {
    const { points } = await this.#rest.call<{ points: Point[] }>('POST', `${this.#path}/points/scroll`, { ...filterOf(which), limit: PAGE, with_payload: ['id'] })
    return points.map(({ payload }) => String(payload.id))
  }

  async present(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const points = await this.#rest.call<Point[]>('POST', `${this.#path}/points`, { ids: ids.map(pointId), with_payload: ['id', 'minimum'] })
    return new Map(points.map(({ payload }) => [String(payload.id), payload.minimum ?? 0]))
  }

  async limit(ids: readonly string[], minimum: number): Promise<void> {
    await this.#rest.call('POST', `${this.#path}/points/payload?wait=true`, { payload: { minimum }, points: ids.map(pointId) })
  }

  async drop(ids: readonly string[]): Promise<void> {
    await this.#rest.call('POST', `${this.#path}/points/delete?wait=true`, { points: ids.map(pointId) })
  }

  async dropExpired(now: number): Promise<void> {
    await this.#rest.call('POST', `${this.#path}/points/delete`, { filter: { must: [{ key: 'expiresAt', range: { lte: now } }] } })
  }

  async count(which: Selection): Promise<number> {
    return (await this.#rest.call<{ count: number }>('POST', `${this.#path}/points/count`, { ...filterOf(which), exact: true })).count
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #create(dimensions: number): Promise<void> {
    // No graph over all partitions: no question is asked of more than one.
    const made = await attempted(this.#rest.call('PUT', this.#path, { vectors: { size: dimensions, distance: 'Cosine' }, hnsw_config: { m: 0, payload_m: 16 } }))
    // Another instance was faster.
    if (!made) return
    const index = (field: string, schema: unknown): Promise<unknown> => this.#rest.call('PUT', `${this.#path}/index?wait=true`, { field_name: field, field_schema: schema })
    await index('partition', { type: 'keyword', is_tenant: true })
    for (const field of KEYWORDS) await index(field, 'keyword')
    await index('expiresAt', 'integer')
  }
}

/** Qdrant's own port, where the address names none. */
function withPort(url: string): string {
  const address = new URL(url)
  if (address.port === '' && address.protocol === 'http:') address.port = '6333'
  return address.href
}

async function attempted(creation: Promise<unknown>): Promise<boolean> {
  try {
    await creation
    return true
  } catch (thrown) {
    if (thrown instanceof QdrantRefusal && thrown.status === 409) return false
    throw thrown
  }
}

function filterOf(which: Selection): { filter?: { must: { key: string; match: { value: string } }[] } } {
  const wanted = fieldOf(which)
  return wanted ? { filter: { must: [{ key: wanted.field, match: { value: wanted.value } }] } } : {}
}
