import { setImmediate as nextTurn } from 'node:timers/promises'
import { type CachedAnswer, type CacheSelection, selectionsOf, wordOfSelection } from '@gomodel/contracts'
import { LRUCache } from 'lru-cache'
import { BLOCK_BYTES, Blocks } from './blocks.ts'
import type { Flying, Led, Offer } from './leases.ts'
import { MemoryLeases } from './memory-leases.ts'
import type { Entry, Found, Invalidated, Store } from './store.ts'

/** What an entry takes beside its blocks: key, objects and its place in the cache. */
export const ENTRY_OVERHEAD_BYTES = 1024

// What a longer one would be as an object the overhead does not count.
const MOST_DECODED_BYTES = 1024

// A thousand answers are looked through in a millisecond or two; then others have their turn.
const AT_ONCE = 1000

/** Where an entry is: the JSON of its answer, and its bytes behind it. */
interface Kept {
  readonly name: number
  readonly answerLength: number
  readonly length: number
  /** Read when it is first asked for, where it is among the overhead that an entry is counted with. All who ask share it. */
  answer?: CachedAnswer
}

/** Answers in this process: bounded in bytes, the least recently used ones go first. */
export class MemoryStore implements Store {
  readonly kind = 'memory'
  readonly #blocks = new Blocks()
  readonly #entries: LRUCache<string, Kept>
  readonly #leases = new MemoryLeases()

  constructor({ limitBytes, ttlMs }: { limitBytes: number; ttlMs: number }) {
    this.#entries = new LRUCache({ maxSize: limitBytes, ttl: ttlMs, dispose: ({ name }) => this.#blocks.free(name) })
  }

  /** What the entries take, those that are too old but not yet forgotten included. */
  get bytes(): number {
    return this.#entries.calculatedSize
  }

  /** The memory that is set aside for their bytes. */
  get reservedBytes(): number {
    return this.#blocks.reservedBytes
  }

  get entries(): number {
    return this.#entries.size
  }

  find(key: string): Found {
    const kept = this.#entries.get(key)
    if (!kept) return 'miss'
    const entry = this.#blocks.read(kept.name, kept.length)
    const answer = kept.answer ?? answerIn(entry, kept)
    if (!kept.answer && kept.answerLength <= MOST_DECODED_BYTES) kept.answer = frozen(answer)
    return { answer, body: entry.subarray(kept.answerLength) }
  }

  findOrLead(key: string, offer: Offer): Found | Led {
    const found = this.find(key)
    return found === 'miss' ? this.#leases.take(key, offer) : found
  }

  renew(flying: readonly Flying[], held: boolean): number {
    return this.#leases.renew(flying, held)
  }

  keep(key: string, { answer, body }: Entry): boolean {
    const head = JSON.stringify(answer)
    const answerLength = Buffer.byteLength(head)
    const length = answerLength + body.length
    const size = ENTRY_OVERHEAD_BYTES + roundedUp(length)
    // The cache would forget it without a word, and its blocks were lost.
    if (size > this.#entries.maxSize) this.#entries.delete(key)
    else this.#entries.set(key, { name: this.#blocks.write(Buffer.concat([Buffer.from(head), body], length)), answerLength, length }, { size })
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
        if (!kept || !selectionsOf({ entry: key, answer: this.#answerOf(kept) }).includes(word)) continue
        counted.matched++
        if (!dryRun && this.#entries.delete(key)) counted.removed++
      }
    }
    return counted
  }

  #answerOf(kept: Kept): CachedAnswer {
    return kept.answer ?? answerIn(this.#blocks.read(kept.name, kept.answerLength), kept)
  }

  close(): Promise<void> {
    this.#entries.clear()
    this.#blocks.clear()
    return Promise.resolve()
  }
}

const answerIn = (entry: Buffer, { answerLength }: Kept): CachedAnswer => JSON.parse(entry.toString('utf8', 0, answerLength)) as CachedAnswer

/** The same, which nobody can change any more. */
function frozen<T extends object>(value: T): T {
  for (const member of Object.values(value)) if (typeof member === 'object' && member !== null) frozen(member)
  return Object.freeze(value)
}

const roundedUp = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES
