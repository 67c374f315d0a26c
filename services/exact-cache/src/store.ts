import type { CachedAnswer, CacheSelection } from '@gomodel/contracts'
import type { Flying, Led, Offer } from './leases.ts'

/** An answer and its bytes. */
export interface Entry {
  readonly answer: CachedAnswer
  readonly body: Uint8Array
}

/** What a lookup finds: an entry, nothing, or no store. */
export type Found = Entry | 'miss' | 'unavailable'

/** How many answers a selection met, and how many of them are gone. */
export interface Invalidated {
  readonly matched: number
  readonly removed: number
}

/** Where answers are kept. It never throws, and nobody waits for it longer than the question's deadline. */
export interface Store {
  readonly kind: 'memory' | 'redis'
  find(key: string): Found | Promise<Found>
  /** The same; a miss is given to one of all who offer to lead. `miss`: that cannot be agreed upon. */
  findOrLead(key: string, offer: Offer): Found | Led | Promise<Found | Led>
  /** Prolongs leads, or gives them back; how many there were. */
  renew(flying: readonly Flying[], held: boolean): number | Promise<number>
  /** False when the store is away. What is given may be a piece of a larger message. */
  keep(key: string, entry: Entry): boolean | Promise<boolean>
  /** Removes the answers that are selected, or only counts them; undefined when the store is away, and then some may be gone. */
  invalidate(which: CacheSelection, dryRun: boolean): Promise<Invalidated | undefined>
  /** Finishes what is under way. */
  close(): Promise<void>
}
