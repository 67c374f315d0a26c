import type { KeptResponse } from '@gomodel/contracts'

/** A response and its bytes. */
export interface Entry {
  readonly kept: KeptResponse
  readonly body: Uint8Array
}

/** What a look finds: an entry, nothing, or no store. */
export type Found = Entry | 'missing' | 'unavailable'

/** Where responses are kept, by a key of tenant and id. It never throws. */
export interface Store {
  readonly kind: 'disk' | 'redis'
  find(key: string): Promise<Found>
  /** False when the store is away. */
  keep(key: string, entry: Entry): Promise<boolean>
  /** Whether there was one. */
  forget(key: string): Promise<boolean | 'unavailable'>
  /** Finishes what is under way. */
  close(): Promise<void>
}
