import { LEASE_MS } from '@gomodel/contracts'
import { LRUCache } from 'lru-cache'
import { leadOf, wordOf, type Flying, type Led, type Offer } from './leases.ts'

// What is forgotten above it costs a second call of a provider, and nothing else.
const MOST = 100_000

/** Who leads under which key, in this process. */
export class MemoryLeases {
  readonly #words: LRUCache<string, string>

  constructor(ttlMs = LEASE_MS) {
    // Bounded by size and not by number, which would reserve 4 MB at once.
    this.#words = new LRUCache({ maxSize: MOST, sizeCalculation: () => 1, ttl: ttlMs })
  }

  take(key: string, { lead, instead }: Offer): Led {
    const held = this.#words.get(key)
    const leader = held === undefined || (instead && held === wordOf(instead)) ? undefined : leadOf(held)
    if (leader) return { leader }
    this.#words.set(key, wordOf(lead))
    return 'lead'
  }

  /** How many of them were led by those who say so. */
  renew(flying: readonly Flying[], held: boolean): number {
    const own = flying.filter(({ key, lead }) => this.#words.get(key) === wordOf(lead))
    for (const { key, lead } of own) {
      if (held) this.#words.set(key, wordOf(lead))
      else this.#words.delete(key)
    }
    return own.length
  }
}
