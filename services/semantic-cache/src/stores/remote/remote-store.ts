import type { BodyStore } from '../bodies/body-store.ts'
import { cannotOpen, otherDimensions, reasonOf, StoreFault, storeUnavailable } from '../store-failure.ts'
import { unitVector } from '../unit-vector.ts'
import type { Limited, Neighbour, Question, Removal, StoreSize, VectorEntry, VectorStore, Wrong } from '../vector-store.ts'
import type { Selection, VectorIndex } from './vector-index.ts'

const SWEEP_MS = 10 * 60_000
const DROPPED_AT_ONCE = 500

/** An index on a server, and the bodies beside it. */
export class RemoteStore implements VectorStore {
  readonly kind: string
  readonly #index: VectorIndex
  readonly #bodies: BodyStore
  #dimensions = 0
  #sweeping: NodeJS.Timeout | undefined

  constructor(index: VectorIndex, bodies: BodyStore) {
    this.kind = index.kind
    this.#index = index
    this.#bodies = bodies
  }

  async open(dimensions: number): Promise<void> {
    const found = await this.#opened(dimensions).catch(async (thrown: unknown) => {
      await this.close()
      throw cannotOpen(this.kind, reasonOf(thrown))
    })
    if (found !== dimensions) {
      await this.close()
      throw otherDimensions(this.kind, found, dimensions)
    }
    this.#dimensions = dimensions
    clearInterval(this.#sweeping)
    this.#sweeping = setInterval(() => void this.#index.dropExpired(Date.now()).catch(() => undefined), SWEEP_MS).unref()
  }

  async put(entry: VectorEntry): Promise<void> {
    const { body, ...indexed } = entry
    await this.#attempt(async () => {
      const vector = unitVector(entry.vector, this.#dimensions)
      // The body first: whoever finds the entry finds its body.
      await this.#bodies.put(entry.id, body, entry.expiresAt)
      await this.#index.put({ ...indexed, vector, minimum: 0 })
    })
  }

  nearest(question: Question): Promise<Neighbour[]> {
    return this.#attempt(() => this.#index.nearest({ ...question, vector: unitVector(question.vector, this.#dimensions) }))
  }

  body(id: string): Promise<Uint8Array | undefined> {
    return this.#attempt(async () => {
      const body = await this.#bodies.get(id)
      if (!body) await this.#index.drop([id])
      return body
    })
  }

  remove(which: Removal, { dryRun = false }: { readonly dryRun?: boolean } = {}): Promise<number> {
    return this.#attempt(async () => {
      if ('ids' in which) {
        const present = await this.#index.present(which.ids)
        if (!dryRun) await this.#drop(which.ids)
        return present.size
      }
      return dryRun ? this.#index.count(which) : this.#dropAll(which)
    })
  }

  limit({ tag, at, minimum }: Wrong, { dryRun = false }: { readonly dryRun?: boolean } = {}): Promise<Limited> {
    return this.#attempt(async () => {
      // One page: a tag that limits are given by is that of one answer.
      const minimums = [...(await this.#index.present(await this.#index.ids({ tag })))]
      if (dryRun) return { matched: minimums.length, limited: 0, removed: 0 }
      const unlimited = minimums.filter(([, had]) => had === 0).map(([id]) => id)
      const again = minimums.filter(([, had]) => had > 0 && had <= at).map(([id]) => id)
      if (unlimited.length > 0) await this.#index.limit(unlimited, minimum)
      await this.#drop(again)
      return { matched: minimums.length, limited: unlimited.length, removed: again.length }
    })
  }

  size(): Promise<StoreSize> {
    return this.#attempt(async () => ({ entries: await this.#index.count({ everything: true }), bytes: (await this.#bodies.size()).bytes }))
  }

  async close(): Promise<void> {
    this.#dimensions = 0
    clearInterval(this.#sweeping)
    await Promise.all([this.#index.close(), this.#bodies.close()])
  }

  async #opened(dimensions: number): Promise<number> {
    await this.#bodies.open()
    return this.#index.open(dimensions)
  }

  /** Page after page; a server that still shows what was just dropped ends it. */
  async #dropAll(which: Selection): Promise<number> {
    const dropped = new Set<string>()
    for (;;) {
      const page = (await this.#index.ids(which)).filter(id => !dropped.has(id))
      if (page.length === 0) return dropped.size
      await this.#drop(page)
      for (const id of page) dropped.add(id)
    }
  }

  async #drop(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += DROPPED_AT_ONCE) {
      const some = ids.slice(start, start + DROPPED_AT_ONCE)
      await this.#bodies.remove(some)
      await this.#index.drop(some)
    }
  }

  async #attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      if (this.#dimensions === 0) throw new StoreFault('it is not open')
      return await work()
    } catch (thrown) {
      throw storeUnavailable(this.kind, thrown)
    }
  }
}
