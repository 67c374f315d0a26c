import { hash } from 'node:crypto'
import type { Trace } from '@gomodel/bus'
import type { CachedAnswer, CacheSelection, SemanticQuestion } from '@gomodel/contracts'
import type { Invalidations } from '@gomodel/service'
import { decide, type Decision, type Policy, type Veto } from './decide.ts'
import type { Embedder } from './embedder.ts'
import type { Limited, Neighbour, Removal, VectorStore } from './stores/index.ts'

/** What the layer is made of. */
export interface LayerParts {
  readonly embedder: Embedder
  readonly store: VectorStore
  /** Names the embedder: vectors of another one are of another world. */
  readonly embedding: string
  readonly policy: Policy
  readonly vetoFor: (asked: string) => Veto
  readonly invalidations: Invalidations
  readonly now: () => number
}

/** A question and how near an answer must be. */
export interface Look {
  readonly question: SemanticQuestion
  readonly threshold: number | undefined
  readonly maxAgeMs: number
  /** Where the call of the embedder belongs. */
  readonly trace: Trace
}

/** What is to be kept. */
export interface Kept {
  readonly question: SemanticQuestion
  readonly tenant: string
  readonly model: string
  readonly tags: readonly string[]
  readonly entry: string | undefined
  readonly ttlMs: number
  readonly answer: CachedAnswer
  readonly tookMs: number
  readonly body: Uint8Array
  readonly trace: Trace
}

/** What is kept of an answer beside its bytes. */
export interface Meta {
  /** The key of the request that it was given to. */
  readonly entry?: string
  readonly answer: CachedAnswer
  readonly tookMs: number
}

export interface Found extends Decision<Neighbour> {
  readonly hit: { readonly meta: Meta; readonly body: Uint8Array; readonly score: number } | undefined
}

/** An entry was wrong for a question of this similarity. */
export interface WrongAt {
  readonly entry: string
  readonly wrongAt: number
}

// So much nearer has a question to be than one that an entry was wrong for.
const NEARER = 0.01
// One bad nearest neighbour must not hide a good second.
const NEIGHBOURS = 8

/** Finds answers to questions that mean the same, and keeps them. */
export class SemanticLayer {
  readonly #parts: LayerParts
  #opened: Promise<void> | undefined

  constructor(parts: LayerParts) {
    this.#parts = parts
  }

  /** Embeds a word, so that what is wrong with the embedder or the store is known before the first question. */
  async prove(): Promise<void> {
    await this.#vectorOf('gateway')
  }

  async find({ question, threshold, maxAgeMs, trace }: Look): Promise<Found> {
    const { store, policy, vetoFor, now } = this.#parts
    const vector = await this.#vectorOf(question.text, trace)
    const at = now()
    const neighbours = await store.nearest({ partition: this.#partition(question), vector, k: NEIGHBOURS, now: at })
    const fresh = neighbours.filter(({ storedAt, meta }) => at - storedAt <= maxAgeMs && !this.#isOutdated(metaOf(meta)))
    // Raised by the caller, never lowered.
    const strictest = { ...policy, threshold: Math.max(policy.threshold, threshold ?? 0) }
    const decision = decide(question.text, fresh, { policy: strictest, veto: vetoFor(question.text) })
    return { ...decision, hit: await this.#hit(decision.chosen) }
  }

  /** False when it was invalidated meanwhile. */
  async keep({ question, tenant, model, tags, entry, ttlMs, answer, tookMs, body, trace }: Kept): Promise<boolean> {
    const { store, now } = this.#parts
    const partition = this.#partition(question)
    const vector = await this.#vectorOf(question.text, trace)
    const storedAt = now()
    const id = hash('sha256', `${partition}${question.text}`, 'hex').slice(0, 32)
    const meta: Meta = { ...(entry !== undefined && { entry }), answer, tookMs }
    if (this.#isOutdated(meta)) return false
    await store.put({ id, partition, vector, text: question.text, tenant, model, tags: [...tags, ...ownTags(meta)], storedAt, expiresAt: storedAt + ttlMs, body, meta: JSON.stringify(meta) })
    // A removal may have been done before it was there.
    if (!this.#isOutdated(meta)) return true
    await store.remove({ ids: [id] })
    return false
  }

  /** How many entries it concerns; they are gone unless it is a dry run. */
  async invalidate(which: CacheSelection, dryRun: boolean): Promise<number> {
    // An embedder is needed only for the first use of the store.
    await (this.#opened ?? this.prove())
    return this.#parts.store.remove(removalOf(which), { dryRun })
  }

  /** The entry answers only what is nearer than that; when that was so before, it goes. */
  async limit({ entry, wrongAt }: WrongAt, dryRun: boolean): Promise<Limited> {
    await (this.#opened ?? this.prove())
    return this.#parts.store.limit({ tag: entryTag(entry), at: wrongAt, minimum: Math.min(1, wrongAt + NEARER) }, { dryRun })
  }

  #isOutdated({ entry, answer }: Meta): boolean {
    return this.#parts.invalidations.outdated({ entry, answer })
  }

  async #hit(chosen: Neighbour | undefined): Promise<Found['hit']> {
    if (!chosen) return undefined
    const body = await this.#parts.store.body(chosen.id)
    return body && { meta: metaOf(chosen.meta), body, score: chosen.score }
  }

  async #vectorOf(text: string, trace?: Trace): Promise<Float32Array> {
    const vector = await this.#parts.embedder.embed(text, trace)
    await this.#open(vector.length)
    return vector
  }

  /** Once; after a failure again with the next question. */
  async #open(dimensions: number): Promise<void> {
    this.#opened ??= this.#parts.store.open(dimensions)
    try {
      await this.#opened
    } catch (thrown) {
      this.#opened = undefined
      throw thrown
    }
  }

  #partition({ partition }: SemanticQuestion): string {
    return hash('sha256', `${this.#parts.embedding}\n${partition}`, 'base64url')
  }
}

const metaOf = (text: string): Meta => JSON.parse(text) as Meta

// What invalidates it stands among its tags. No caller's tag has a `=`.
const entryTag = (entry: string): string => `entry=${entry}`
const modelTag = (model: string): string => `model=${model}`

const ownTags = ({ entry, answer: { origin } }: Meta): string[] => [...(entry === undefined ? [] : [entryTag(entry)]), ...(origin?.models ?? []).map(modelTag)]

function removalOf(which: CacheSelection): Removal {
  if ('entry' in which) return { tag: entryTag(which.entry) }
  return 'model' in which ? { tag: modelTag(which.model) } : which
}
