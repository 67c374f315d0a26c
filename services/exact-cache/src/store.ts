import type { CachedAnswer } from '@gomodel/contracts'

/** An answer and its bytes. */
export interface Entry {
  readonly answer: CachedAnswer
  readonly body: Uint8Array
}

/** What a lookup finds: an entry, nothing, or no store. */
export type Found = Entry | 'miss' | 'unavailable'

/** Where answers are kept. It never throws, and nobody waits for it longer than the question's deadline. */
export interface Store {
  readonly kind: 'memory' | 'redis'
  find(key: string): Found | Promise<Found>
  /** False when the store is away. What is given may be a piece of a larger message. */
  keep(key: string, entry: Entry): boolean | Promise<boolean>
  /** Finishes what is under way. */
  close(): Promise<void>
}
