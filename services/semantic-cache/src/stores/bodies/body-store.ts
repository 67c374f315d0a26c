import type { StoreSize } from '../vector-store.ts'

/**
 * The stored answers of an index that has no place for them. One that every instance sees may take the place of the file of one instance:
 * with `SqliteBodyStore` an entry is served by the instance alone that stored it, and one that finds it without its body removes it.
 */
export interface BodyStore {
  open(): Promise<void>
  /** Keeps a body until its time, in milliseconds since 1970; it may go earlier. */
  put(id: string, body: Uint8Array, expiresAt: number): Promise<void>
  get(id: string): Promise<Uint8Array | undefined>
  remove(ids: readonly string[]): Promise<void>
  size(): Promise<StoreSize>
  close(): Promise<void>
}
