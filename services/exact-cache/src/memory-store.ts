import type { CachedAnswer } from '@gomodel/contracts'
import { LRUCache } from 'lru-cache'
import type { Entry, Found, Store } from './store.ts'

/** What an entry takes beside its bytes and the text of its answer: key, objects and its place in the cache. */
export const ENTRY_OVERHEAD_BYTES = 1024

interface Kept {
  /** As JSON, and the bytes as text of one byte a character: the garbage collector's work grows with the number of objects that stay. */
  readonly answer: string
  readonly bytes: string
}

/** Answers in this process: bounded in bytes, the least recently used ones go first. */
export class MemoryStore implements Store {
  readonly kind = 'memory'
  readonly #entries: LRUCache<string, Kept>

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

  keep(key: string, { answer, body }: Entry): boolean {
    const kept: Kept = { answer: JSON.stringify(answer), bytes: Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1') }
    this.#entries.set(key, kept, { size: ENTRY_OVERHEAD_BYTES + 2 * kept.answer.length + kept.bytes.length })
    return true
  }

  close(): Promise<void> {
    this.#entries.clear()
    return Promise.resolve()
  }
}
