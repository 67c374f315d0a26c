import { join } from 'node:path'
import type { Log } from '@gomodel/service'
import { cannotOpen, otherDimensions, reasonOf, storeUnavailable } from '../store-failure.ts'
import type { Limited, Neighbour, Question, Removal, StoreSize, VectorEntry, VectorStore, Wrong } from '../vector-store.ts'
import { IN_MEMORY } from './open-database.ts'
import { RestartingThread } from './restarting-thread.ts'

/** Where the embedded store keeps its entries, and how many. */
export interface EmbeddedSettings {
  /** The folder of its file, or `:memory:` to keep nothing over a restart. */
  readonly folder: string
  /** What all entries may take together; those that expired go first, then the least recently saved or served ones. Default 256 MB. */
  readonly limitBytes?: number
  /** How often what expired is removed. Default one minute. */
  readonly sweepMs?: number
  /** How long one call may take. Default 2 seconds. */
  readonly timeoutMs?: number
}

const FILE = 'semantic-cache.sqlite'
const DEFAULT_LIMIT_BYTES = 256 * 1024 * 1024
const DEFAULT_SWEEP_MS = 60_000
const DEFAULT_TIMEOUT_MS = 2000

/** Entries in a SQLite file with their vectors in memory, both in a thread of its own: a search never holds up the thread that carries tokens. */
export class EmbeddedStore implements VectorStore {
  readonly kind = 'embedded'
  readonly #thread: RestartingThread

  constructor({ folder, limitBytes = DEFAULT_LIMIT_BYTES, sweepMs = DEFAULT_SWEEP_MS, timeoutMs = DEFAULT_TIMEOUT_MS }: EmbeddedSettings, log: Log) {
    this.#thread = new RestartingThread({
      program: new URL('./entry-thread.ts', import.meta.url),
      data: { file: folder === IN_MEMORY ? IN_MEMORY : join(folder, FILE), limitBytes, sweepMs },
      timeoutMs,
      onDamage: aside => log.warn({ store: this.kind, aside }, 'the file of the semantic cache is damaged: it was set aside, and a new one is begun'),
    })
  }

  async open(dimensions: number): Promise<void> {
    const found = await this.#thread.open(dimensions).catch((thrown: unknown) => {
      throw cannotOpen(this.kind, reasonOf(thrown))
    })
    if (found !== dimensions) throw otherDimensions(this.kind, Number(found), dimensions)
  }

  async put(entry: VectorEntry): Promise<void> {
    // Copies: a view would be sent with all of the memory that it is part of.
    const [vector, body] = [new Float32Array(entry.vector), new Uint8Array(entry.body)]
    await this.#call('put', [{ ...entry, vector, body }], [vector.buffer, body.buffer])
  }

  async nearest(question: Question): Promise<Neighbour[]> {
    return (await this.#call('nearest', [{ ...question, vector: new Float32Array(question.vector) }])) as Neighbour[]
  }

  async body(id: string): Promise<Uint8Array | undefined> {
    return (await this.#call('body', [id])) as Uint8Array | undefined
  }

  async remove(which: Removal, { dryRun = false }: { readonly dryRun?: boolean } = {}): Promise<number> {
    return (await this.#call('remove', [which, dryRun])) as number
  }

  async limit(wrong: Wrong, { dryRun = false }: { readonly dryRun?: boolean } = {}): Promise<Limited> {
    return (await this.#call('limit', [wrong, dryRun])) as Limited
  }

  async size(): Promise<StoreSize> {
    return (await this.#call('size', [])) as StoreSize
  }

  close(): Promise<void> {
    return this.#thread.close()
  }

  async #call(name: string, values: readonly unknown[], transfer: ArrayBuffer[] = []): Promise<unknown> {
    try {
      return await this.#thread.call(name, values, transfer)
    } catch (thrown) {
      throw storeUnavailable(this.kind, thrown)
    }
  }
}
