import { type CacheSelection, exactLease, exactLookup, exactStore, LEASE_MS } from '@gomodel/contracts'
import type { RedisConnection } from '@gomodel/service'
import { FIND_OR_LEAD, RENEW } from './lease-scripts.ts'
import { leadOf, wordOf, type Flying, type Led, type Offer } from './leases.ts'
import { decodeRecord, encodeRecord } from './record.ts'
import { RedisInvalidation } from './redis-invalidation.ts'
import type { Entry, Found, Invalidated, Store } from './store.ts'

/** Where and how answers are kept in Redis. */
export interface RedisStoreOptions {
  readonly connection: RedisConnection
  readonly keyPrefix: string
  readonly ttlMs: number
}

// What is left of the question's deadline is for the way over the bus and back.
const FIND_DEADLINE_MS = exactLookup.deadlineMs * 0.8
const KEEP_DEADLINE_MS = exactStore.deadlineMs * 0.5
const RENEW_DEADLINE_MS = exactLease.deadlineMs * 0.5

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

  async findOrLead(key: string, { lead, instead }: Offer): Promise<Found | Led> {
    const value = await this.#connection.run(FIND_DEADLINE_MS, redis =>
      redis.callBuffer('EVAL', FIND_OR_LEAD, 2, this.#keyPrefix + key, this.#leaseOf(key), wordOf(lead), LEASE_MS, instead ? wordOf(instead) : ''))
    if (value === undefined) return 'unavailable'
    if (value === 1) return 'lead'
    if (Array.isArray(value)) return (value[0] instanceof Buffer ? decodeRecord(value[0]) : undefined) ?? 'miss'
    const leader = value instanceof Buffer ? leadOf(value.toString()) : undefined
    return leader ? { leader } : 'miss'
  }

  async renew(flying: readonly Flying[], held: boolean): Promise<number> {
    if (flying.length === 0) return 0
    const keys = flying.map(({ key }) => this.#leaseOf(key))
    const words = flying.map(({ lead }) => wordOf(lead))
    const known = await this.#connection.run(RENEW_DEADLINE_MS, redis => redis.call('EVAL', RENEW, keys.length, ...keys, held ? LEASE_MS : 0, ...words))
    return typeof known === 'number' ? known : 0
  }

  #leaseOf(key: string): string {
    return `${this.#keyPrefix}lead:${key}`
  }

  async keep(key: string, entry: Entry): Promise<boolean> {
    const said = await this.#connection.run(KEEP_DEADLINE_MS, redis => redis.set(this.#keyPrefix + key, encodeRecord(entry), 'PX', this.#ttlMs))
    return said === 'OK'
  }

  invalidate(which: CacheSelection, dryRun: boolean): Promise<Invalidated | undefined> {
    return new RedisInvalidation({ connection: this.#connection, keyPrefix: this.#keyPrefix }, which, dryRun).run()
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}
