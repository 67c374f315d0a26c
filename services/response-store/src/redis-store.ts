import type { RedisConnection } from '@gomodel/service'
import { decodeRecord, encodeRecord } from './record.ts'
import type { Entry, Found, Store } from './store.ts'

/** Where and how long responses are kept in Redis. */
export interface RedisStoreOptions {
  readonly connection: RedisConnection
  readonly keyPrefix: string
  readonly ttlMs: number
}

// Of the two seconds that an ingress waits.
const DEADLINE_MS = 1500

/** Responses in a Redis, shared by every response store that uses it. */
export class RedisStore implements Store {
  readonly kind = 'redis'
  readonly #options: RedisStoreOptions

  constructor(options: RedisStoreOptions) {
    this.#options = options
  }

  async find(key: string): Promise<Found> {
    const { connection, keyPrefix } = this.#options
    const value = await connection.run(DEADLINE_MS, redis => redis.getBuffer(keyPrefix + key))
    if (value === undefined) return 'unavailable'
    return (value === null ? undefined : decodeRecord(value)) ?? 'missing'
  }

  async keep(key: string, entry: Entry): Promise<boolean> {
    const { connection, keyPrefix, ttlMs } = this.#options
    return (await connection.run(DEADLINE_MS, redis => redis.set(keyPrefix + key, encodeRecord(entry), 'PX', ttlMs))) === 'OK'
  }

  async forget(key: string): Promise<boolean | 'unavailable'> {
    const { connection, keyPrefix } = this.#options
    const removed = await connection.run(DEADLINE_MS, redis => redis.del(keyPrefix + key))
    return removed === undefined ? 'unavailable' : removed === 1
  }

  close(): Promise<void> {
    return this.#options.connection.close()
  }
}
