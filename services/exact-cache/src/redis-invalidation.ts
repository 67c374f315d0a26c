import { setTimeout as pause } from 'node:timers/promises'
import { type CacheSelection, selectionsOf, wordOfSelection } from '@gomodel/contracts'
import type { RedisConnection } from '@gomodel/service'
import { decodeRecord, headLength } from './record.ts'
import type { Invalidated } from './store.ts'

type Redis = Parameters<Parameters<RedisConnection['run']>[1]>[0]

const AT_ONCE = 500
// Each step of so many keys; a Redis that takes longer is away.
const STEP_DEADLINE_MS = 2000
// Lookups give up a busy Redis for a second, which is no reason to leave a wrong answer where it is.
const TRIES = 5
const TRY_EVERY_MS = 500
// Most answers tell of themselves in less.
const HEAD_BYTES = 2048
const KEY_LENGTH = 43

/**
 * One walk through the answers in a Redis. What is stored meanwhile may be passed by: whoever serves answers drops what is older than the
 * invalidation. While Redis makes room for more keys it may show one twice, and a dry run then counts it twice.
 */
export class RedisInvalidation {
  readonly #connection: RedisConnection
  readonly #keyPrefix: string
  readonly #which: CacheSelection
  readonly #dryRun: boolean

  constructor({ connection, keyPrefix }: { connection: RedisConnection; keyPrefix: string }, which: CacheSelection, dryRun: boolean) {
    this.#connection = connection
    this.#keyPrefix = keyPrefix
    this.#which = which
    this.#dryRun = dryRun
  }

  /** Undefined when Redis is away; some of the answers may be gone then. */
  async run(): Promise<Invalidated | undefined> {
    if ('entry' in this.#which) return this.#step([this.#keyPrefix + this.#which.entry])
    const counted = { matched: 0, removed: 0 }
    const pattern = `${this.#keyPrefix.replaceAll(/[\\*?[\]]/g, String.raw`\$&`)}*`
    for (let cursor = '0'; ;) {
      const page = await this.#run(redis => redis.scan(cursor, 'MATCH', pattern, 'COUNT', AT_ONCE))
      if (!page) return undefined
      // Leases stand under the same prefix, with longer names.
      const keys = page[1].filter(key => key.length === this.#keyPrefix.length + KEY_LENGTH)
      const step = await this.#step(keys)
      if (!step) return undefined
      counted.matched += step.matched
      counted.removed += step.removed
      cursor = page[0]
      if (cursor === '0') return counted
    }
  }

  async #step(keys: readonly string[]): Promise<Invalidated | undefined> {
    const selected = await this.#selected(keys)
    if (!selected) return undefined
    if (this.#dryRun || selected.length === 0) return { matched: selected.length, removed: 0 }
    const removed = await this.#run(redis => redis.unlink(...selected))
    return typeof removed === 'number' ? { matched: selected.length, removed } : undefined
  }

  async #selected(keys: readonly string[]): Promise<readonly string[] | undefined> {
    const beginnings = await this.#beginnings(keys, keys.map(() => HEAD_BYTES))
    if (!beginnings) return undefined
    const longer = keys.flatMap((key, at) => (headLength(beginnings[at]!) > HEAD_BYTES ? [{ key, at, length: headLength(beginnings[at]!) }] : []))
    const whole = await this.#beginnings(longer.map(({ key }) => key), longer.map(({ length }) => length))
    if (!whole) return undefined
    for (const [index, { at }] of longer.entries()) beginnings[at] = whole[index]!
    const word = wordOfSelection(this.#which)
    return keys.filter((key, at) => {
      if (beginnings[at]!.length === 0) return false
      // What cannot be read is nobody's, and still an entry.
      const entry = key.slice(this.#keyPrefix.length)
      const known = decodeRecord(beginnings[at]!)
      return known ? selectionsOf({ entry, answer: known.answer }).includes(word) : 'everything' in this.#which || 'entry' in this.#which
    })
  }

  /** Empty where there is nothing under a key any more, or something else than an answer. */
  async #beginnings(keys: readonly string[], lengths: readonly number[]): Promise<Buffer[] | undefined> {
    if (keys.length === 0) return []
    const read = await this.#run(async redis => {
      const pipeline = redis.pipeline()
      for (const [at, key] of keys.entries()) pipeline.getrangeBuffer(key, 0, lengths[at]! - 1)
      const said = (await pipeline.exec()) ?? []
      const broken = said.find(([failed]) => failed && !failed.message.includes('WRONGTYPE'))?.[0]
      if (broken) throw broken
      return said
    })
    return read?.map(([, value]) => (value instanceof Buffer ? value : Buffer.alloc(0)))
  }

  async #run<T>(command: (redis: Redis) => Promise<T>): Promise<T | null | undefined> {
    for (let left = TRIES; ; left--) {
      const said = await this.#connection.run(STEP_DEADLINE_MS, command)
      if (said !== undefined || left === 1) return said
      await pause(TRY_EVERY_MS)
    }
  }
}
