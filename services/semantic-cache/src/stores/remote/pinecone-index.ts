import { Pinecone, type Index } from '@pinecone-database/pinecone'
import { StoreFault } from '../store-failure.ts'
import type { Neighbour, Question } from '../vector-store.ts'
import { pointId } from './point-id.ts'
import { fieldOf, type IndexedEntry, type Selection, type VectorIndex } from './vector-index.ts'

/** Which namespace of which index in Pinecone. The index has to be there, with the cosine or (as vectors have length 1) the dot product as its metric. */
export interface PineconeSettings {
  /** The host of the index, as the console of Pinecone shows it. */
  readonly host: string
  readonly apiKey: string
  readonly namespace: string
  /** How long one call may take. Default 2 seconds. */
  readonly timeoutMs?: number
}

/** Entries of earlier versions have no minimum. */
type Metadata = Omit<IndexedEntry, 'vector' | 'tags' | 'minimum'> & { tags: string[]; minimum?: number }

// A record comes with its vector, about 20 kB as JSON.
const PAGE = 100
const DEFAULT_TIMEOUT_MS = 2000

/**
 * A namespace in Pinecone, one record an entry. Pinecone shows an entry only a while after it was put, and takes no prompt of more than 40 kB.
 */
export class PineconeIndex implements VectorIndex {
  readonly kind = 'pinecone'
  readonly #index: Index<Metadata>
  readonly #namespace: string

  constructor({ host, apiKey, namespace, timeoutMs = DEFAULT_TIMEOUT_MS }: PineconeSettings) {
    const fetchApi: typeof fetch = (input, init) => fetch(input, { ...init, signal: AbortSignal.timeout(timeoutMs) })
    this.#index = new Pinecone({ apiKey, maxRetries: 0, fetchApi }).index<Metadata>({ host: host.replace(/\/+$/, ''), namespace })
    this.#namespace = namespace
  }

  async open(): Promise<number> {
    const { dimension } = await this.#index.describeIndexStats()
    if (dimension === undefined) throw new StoreFault('its index is not one of dense vectors')
    return dimension
  }

  async put({ vector, tags, ...metadata }: IndexedEntry): Promise<void> {
    await this.#index.upsert({ records: [{ id: pointId(metadata.id), values: [...vector], metadata: { ...metadata, tags: [...tags] } }] })
  }

  async nearest({ partition, vector, k, now }: Question): Promise<Neighbour[]> {
    const filter = { partition: { $eq: partition }, expiresAt: { $gt: now } }
    const { matches } = await this.#index.query({ vector: [...vector], topK: k, filter, includeMetadata: true })
    return matches.flatMap(({ metadata, score = 0 }) => {
      if (!metadata) return []
      const { id, text, meta, storedAt, expiresAt, tenant, minimum = 0 } = metadata
      return { id, text, meta, storedAt, expiresAt, tenant, minimum, score }
    })
  }

  async ids(which: Selection): Promise<string[]> {
    return (await this.#page(which)).ids
  }

  async present(ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>()
    for (let start = 0; start < ids.length; start += PAGE) {
      const { records } = await this.#index.fetch({ ids: ids.slice(start, start + PAGE).map(pointId) })
      for (const { metadata } of Object.values(records)) if (metadata) found.set(metadata.id, metadata.minimum ?? 0)
    }
    return found
  }

  async limit(ids: readonly string[], minimum: number): Promise<void> {
    for (const id of ids) await this.#index.update({ id: pointId(id), metadata: { minimum } })
  }

  drop(ids: readonly string[]): Promise<void> {
    return unlessNothingThere(this.#index.deleteMany({ ids: ids.map(pointId) }))
  }

  dropExpired(now: number): Promise<void> {
    return unlessNothingThere(this.#index.deleteMany({ filter: { expiresAt: { $lte: now } } }))
  }

  async count(which: Selection): Promise<number> {
    if (!fieldOf(which)) return (await this.#index.describeIndexStats()).namespaces?.[this.#namespace]?.recordCount ?? 0
    let count = 0
    let next: string | undefined
    do {
      const page = await this.#page(which, next)
      count += page.ids.length
      next = page.next
    } while (next)
    return count
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #page(which: Selection, paginationToken?: string): Promise<{ ids: string[]; next: string | undefined }> {
    const wanted = fieldOf(which)
    // Pinecone takes no filter that is empty.
    const filter = wanted ? { [wanted.field]: { [wanted.field === 'tags' ? '$in' : '$eq']: wanted.field === 'tags' ? [wanted.value] : wanted.value } } : { storedAt: { $gte: 0 } }
    const { records, pagination } = await this.#index.fetchByMetadata({ filter, limit: PAGE, ...(paginationToken && { paginationToken }) })
    return { ids: idsOf(records), next: pagination?.next }
  }
}

const idsOf = (records: Record<string, { metadata?: Metadata }>): string[] => Object.values(records).flatMap(({ metadata }) => metadata?.id ?? [])

/** A namespace that nothing was put into yet is not found, and has nothing to delete. */
async function unlessNothingThere(deletion: Promise<void>): Promise<void> {
  try {
    await deletion
  } catch (thrown) {
    if (!(thrown instanceof Error && thrown.name === 'PineconeNotFoundError')) throw thrown
  }
}
