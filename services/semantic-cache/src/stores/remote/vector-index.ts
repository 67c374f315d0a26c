import type { Neighbour, Question, Removal, VectorEntry } from '../vector-store.ts'

/** An entry as an index has it: everything but the body, and its minimum. */
export type IndexedEntry = Omit<VectorEntry, 'body'> & Pick<Neighbour, 'minimum'>

/** A server that finds vectors and has no place for bodies. Its calls throw what its client throws. */
export interface VectorIndex {
  readonly kind: string
  /** Makes what it needs and gives the dimensions of what is there, or those that were wanted. */
  open(dimensions: number): Promise<number>
  put(entry: IndexedEntry): Promise<void>
  nearest(question: Question): Promise<Neighbour[]>
  /** The ids of a removal, a page of any size; the first page again when the ones before were dropped. */
  ids(which: Selection): Promise<string[]>
  /** Which of these ids are there, with their minimum. */
  present(ids: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** Gives a minimum to entries that are there. */
  limit(ids: readonly string[], minimum: number): Promise<void>
  drop(ids: readonly string[]): Promise<void>
  dropExpired(now: number): Promise<void>
  count(which: Selection): Promise<number>
  close(): Promise<void>
}

/** What is true of an entry that a removal is about, other than by its id. */
export type Selection = Exclude<Removal, { readonly ids: readonly string[] }>

/** The field and the value that a removal asks for; undefined for everything. */
export function fieldOf(which: Selection): { field: 'partition' | 'tenant' | 'model' | 'tags'; value: string } | undefined {
  if ('partition' in which) return { field: 'partition', value: which.partition }
  if ('tenant' in which) return { field: 'tenant', value: which.tenant }
  if ('model' in which) return { field: 'model', value: which.model }
  return 'tag' in which ? { field: 'tags', value: which.tag } : undefined
}
