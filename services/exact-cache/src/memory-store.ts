import { setImmediate as nextTurn } from 'node:timers/promises'
import { type CachedAnswer, type CacheSelection, selectionsOf, wordOfSelection } from '@gomodel/contracts'
import { LRUCache } from 'lru-cache'
import type { Flying, Led, Offer } from './leases.ts'
import { MemoryLeases } from './memory-leases.ts'
import type { Entry, Found, Invalidated, Store } from './store.ts'

/** What an entry takes beside its bytes and the text of its answer: key, objects and its place in the cache. */
export const ENTRY_OVERHEAD_BYTES = 1024

// A thousand answers are looked through in a millisecond or two; then others have their turn.
const AT_ONCE = 1000

interface Kept {
  /** As JSON, and the bytes as text of one byte a character: the garbage collector's work grows with the number of objects that stay. */
  readonly answer: string
  readonly bytes: string
}

/** Answers in this process: bounded in bytes, the least recently used ones go first. */
export class MemoryStore implements Store {
  readonly kind = 'memory'
  readonly #entries: LRUCache<string, Kept>
  readonly #leases = new MemoryLeases()

  constructor({ limitBytes, ttlMs }: { limitBytes: number; ttlMs: number }) {
    this.#entries = new LRUCache({ maxSize: limitBytes, ttl: ttlMs })
  }

  /** What the entries take, those that are too old but not yet forgotten included. */
  get bytes(): number {
    return this.#entries.calculatedSize
  }

  get entries(): number {
    return this.#entries.size
  }

  find(key: string): Found {
    const kept = this.#entries.get(key)
    return kept ? { answer: JSON.parse(kept.answer) as CachedAnswer, body: Buffer.from(kept.bytes, 'latin1') } : 'miss'
  }

  findOrLead(key: string, offer: Offer): Found | Led {
    const found = this.find(key)
    return found === 'miss' ? this.#leases.take(key, offer) : found
  }

  renew(flying: readonly Flying[], held: boolean): number {
    return this.#leases.renew(flying, held)
  }

  keep(key: string, { answer, body }: Entry): boolean {
    const kept: Kept = { answer: JSON.stringify(answer), bytes: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1') }
    this.#entries.set(key, kept, { size: ENTRY_OVERHEAD_BYTES + 2 * kept.answer.length + kept.bytes.length })
    return true
  }

  async invalidate(which: CacheSelection, dryRun: boolean): Promise<Invalidated> {
    const word = wordOfSelection(which)
    const keys = 'entry' in which ? [which.entry] : [...this.#entries.keys()]
    const counted = { matched: 0, removed: 0 }
    for (let at = 0; at < keys.length; at += AT_ONCE) {
      if (at > 0) await nextTurn()
      for (const key of keys.slice(at, at + AT_ONCE)) {
        const kept = this.#entries.peek(key)
        if (!kept || !selectionsOf({ entry: key, answer: JSON.parse(kept.answer) as CachedAnswer }).includes(word)) continue
        counted.matched++
        if (!dryRun && this.#entries.delete(key)) counted.removed++
      }
    }
    return counted
  }

  close(): Promise<void> {
    this.#entries.clear()
    return Promise.resolve()
  }
}
