/** A stored answer with the prompt that it answers, as the caches of this service keep it. */
export interface VectorEntry {
  readonly id: string
  /** Only questions of the same partition find it. */
  readonly partition: string
  /** What the embedder said of the prompt, of any length but zero. */
  readonly vector: Float32Array
  readonly text: string
  readonly tenant: string
  readonly model: string
  readonly tags: readonly string[]
  /** Milliseconds since 1970. */
  readonly storedAt: number
  /** Milliseconds since 1970; from then on it is not found. */
  readonly expiresAt: number
  /** The stored answer, up to about 1 MB. It is kept beside the index, never in it. */
  readonly body: Uint8Array
  /** A small JSON text that is given back with every find. */
  readonly meta: string
}

/** An entry that was found, without its body. */
export interface Neighbour extends Pick<VectorEntry, 'id' | 'text' | 'meta' | 'storedAt' | 'expiresAt' | 'tenant'> {
  /** Cosine similarity with the question, from -1 to 1. */
  readonly score: number
  /** How similar a question has to be that is not its own; 0 for all that nobody limited. */
  readonly minimum: number
}

/** What is looked for, and where. */
export interface Question {
  readonly partition: string
  readonly vector: Float32Array
  /** How many neighbours at most. */
  readonly k: number
  /** Milliseconds since 1970: what expired by then is left out. */
  readonly now: number
}

/** Which entries go. */
export type Removal =
  | { readonly ids: readonly string[] }
  | { readonly partition: string }
  | { readonly tenant: string }
  | { readonly model: string }
  | { readonly tag: string }
  | { readonly everything: true }

/** An entry was wrong for a question that was not its own. */
export interface Wrong {
  /** A tag of the entry. */
  readonly tag: string
  /** How similar the question was. */
  readonly at: number
  /** What it asks for from now on. */
  readonly minimum: number
}

/** How many entries were meant, how many got a minimum, and how many went. */
export interface Limited {
  readonly matched: number
  readonly limited: number
  readonly removed: number
}

/** What a store holds, the entries that expired and were not swept yet included. */
export interface StoreSize {
  readonly entries: number
  readonly bytes: number
}

/**
 * Entries by the nearness of their vectors. Whatever goes wrong in a call on an open store is a GatewayError `unavailable` with its cause;
 * the caller may treat it as a miss, the store mends itself.
 */
export interface VectorStore {
  readonly kind: string
  /** Makes what it needs; throws an Error that names the store and the reason when it cannot be used, or holds vectors of other dimensions. */
  open(dimensions: number): Promise<void>
  /** Adds an entry without a minimum, or replaces the one of the same id. */
  put(entry: VectorEntry): Promise<void>
  /** The best of the partition first, by cosine. */
  nearest(question: Question): Promise<Neighbour[]>
  /** The stored answer of an entry; undefined when there is none, and then the entry goes as well. */
  body(id: string): Promise<Uint8Array | undefined>
  /** Removes entries and their bodies and says how many; with `dryRun` it only says how many. */
  remove(which: Removal, options?: { readonly dryRun?: boolean }): Promise<number>
  /**
   * Gives a minimum to an entry that has none. One that was wrong in spite of its minimum goes; one whose minimum would have kept it from the
   * question stays as it is, so that the same thing can be said twice.
   */
  limit(wrong: Wrong, options?: { readonly dryRun?: boolean }): Promise<Limited>
  size(): Promise<StoreSize>
  /** Ends its connections and threads; entries that are kept outside of this process stay. */
  close(): Promise<void>
}
