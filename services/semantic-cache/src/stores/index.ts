export { openStore } from './open-store.ts'
export type { StoreSettings } from './open-store.ts'
export type { Limited, Neighbour, Question, Removal, StoreSize, VectorEntry, VectorStore } from './vector-store.ts'
