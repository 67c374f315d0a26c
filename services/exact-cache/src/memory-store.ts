import type { CachedAnswer } from '@gomodel/contracts'
import { LRUCache } from 'lru-cache'
import type { Entry, Found, Store } from './store.ts'

/** What an entry takes beside its bytes and the text of its answer: key, objects and its place in the cache. */
export const ENTRY_OVERHEAD_BYTES = 1024

interface Kept {
  readonly answer: CachedAnswer
  /** The bytes as text of one byte a character: a buffer of its own for each answer costs the garbage collector more than the copy costs us. */
  readonly text: string
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
    return kept ? { answer: kept.answer, body: Buffer.from(kept.text, 'latin1') } : 'miss'
  }

  keep(key: string, { answer, body }: Entry): boolean {
    const size = ENTRY_OVERHEAD_BYTES + 2 * JSON.stringify(answer).length + body.length
    const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1')
    this.#entries.set(key, { answer, text }, { size })
    return true
  }

  close(): Promise<void> {
    this.#entries.clear()
    return Promise.resolve()
  }
}
