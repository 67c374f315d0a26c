import { join } from 'node:path'
import type { Log } from '@gomodel/service'
import { IN_MEMORY } from '../embedded/open-database.ts'
import { RestartingThread } from '../embedded/restarting-thread.ts'
import type { StoreSize } from '../vector-store.ts'
import type { BodyStore } from './body-store.ts'

/** Where bodies are kept, and how many. */
export interface BodySettings {
  /** The folder of the file, or `:memory:` to keep nothing over a restart. */
  readonly folder: string
  /** What all bodies may take together; those that expired go first, then the least recently saved or served ones. Default 1 GB. */
  readonly bodyLimitBytes?: number
}

const FILE = 'semantic-cache-bodies.sqlite'
const DEFAULT_LIMIT_BYTES = 1024 * 1024 * 1024
const SWEEP_MS = 60_000
const TIMEOUT_MS = 2000

/** Bodies in a SQLite file of this instance, in a thread of its own. */
export class SqliteBodyStore implements BodyStore {
  readonly #thread: RestartingThread

  constructor({ folder, bodyLimitBytes = DEFAULT_LIMIT_BYTES }: BodySettings, log: Log) {
    this.#thread = new RestartingThread({
      program: new URL('./body-thread.ts', import.meta.url),
      data: { file: folder === IN_MEMORY ? IN_MEMORY : join(folder, FILE), limitBytes: bodyLimitBytes, sweepMs: SWEEP_MS },
      timeoutMs: TIMEOUT_MS,
      onDamage: aside => log.warn({ store: 'bodies', aside }, 'the file of stored answers is damaged: it was set aside, and a new one is begun'),
    })
  }

  async open(): Promise<void> {
    await this.#thread.open()
  }

  async put(id: string, body: Uint8Array, expiresAt: number): Promise<void> {
    // A copy: a view would be sent with all of the memory that it is part of.
    const copy = new Uint8Array(body)
    await this.#thread.call('put', [id, copy, expiresAt], [copy.buffer])
  }

  async get(id: string): Promise<Uint8Array | undefined> {
    return (await this.#thread.call('get', [id])) as Uint8Array | undefined
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#thread.call('remove', [ids])
  }

  async size(): Promise<StoreSize> {
    return (await this.#thread.call('size', [])) as StoreSize
  }

  close(): Promise<void> {
    return this.#thread.close()
  }
}
