import { exactLookup, exactStore } from '@gomodel/contracts'
import type { RedisConnection } from '@gomodel/service'
import { decodeRecord, encodeRecord } from './record.ts'
import type { Entry, Found, Store } from './store.ts'

/** Where and how answers are kept in Redis. */
export interface RedisStoreOptions {
  readonly connection: RedisConnection
  readonly keyPrefix: string
  readonly ttlMs: number
}

// What is left of the question's deadline is for the way over the bus and back.
const FIND_DEADLINE_MS = exactLookup.deadlineMs * 0.8
const KEEP_DEADLINE_MS = exactStore.deadlineMs * 0.5

/** Answers in a Redis, shared by every exact cache that uses it. */
export class RedisStore implements Store {
  readonly kind = 'redis'
  readonly #connection: RedisConnection
  readonly #keyPrefix: string
  readonly #ttlMs: number

  constructor({ connection, keyPrefix, ttlMs }: RedisStoreOptions) {
    this.#connection = connection
    this.#keyPrefix = keyPrefix
    this.#ttlMs = ttlMs
  }

  async find(key: string): Promise<Found> {
    const value = await this.#connection.run(FIND_DEADLINE_MS, redis => redis.getBuffer(this.#keyPrefix + key))
    if (value === undefined) return 'unavailable'
    return (value === null ? undefined : decodeRecord(value)) ?? 'miss'
  }

  async keep(key: string, entry: Entry): Promise<boolean> {
    const said = await this.#connection.run(KEEP_DEADLINE_MS, redis => redis.set(this.#keyPrefix + key, encodeRecord(entry), 'PX', this.#ttlMs))
    return said === 'OK'
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}
