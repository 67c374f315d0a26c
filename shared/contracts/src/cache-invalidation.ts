import { Type, type Static } from 'typebox'
import { ask, event } from './contract.ts'
import { type CachedAnswer, ExactKey } from './exact-cache.ts'

/** Which cached answers are meant. */
export const CacheSelection = Type.Union([
  /** One answer, wherever it is kept: the key of the request that it was given to. */
  Type.Object({ entry: ExactKey }),
  /** Those that were given this tag. */
  Type.Object({ tag: Type.String() }),
  /** Those of a model: its alias or name as it was asked for, or `instance/model` or `model` as it answered. */
  Type.Object({ model: Type.String() }),
  Type.Object({ tenant: Type.String() }),
  Type.Object({ everything: Type.Literal(true) }),
])
export type CacheSelection = Static<typeof CacheSelection>

/** The kinds of selections, each being the field that says it. */
export const CACHE_SELECTORS = ['entry', 'tag', 'model', 'tenant', 'everything'] as const
export type CacheSelector = (typeof CACHE_SELECTORS)[number]

/** An answer as selections see it: `entry` is the key of the request that it was given to. */
export interface Selectable {
  readonly entry: string | undefined
  readonly answer: CachedAnswer
}

/** A selection as one word. */
export function wordOfSelection(which: CacheSelection): string {
  const [[kind, value]] = Object.entries(which) as [[string, string | true]]
  return `${kind} ${value}`
}

/** The words of every selection that this answer is part of. */
export function selectionsOf({ entry, answer: { origin } }: Selectable): string[] {
  const known = origin && [`tenant ${origin.tenant}`, ...origin.models.map(model => `model ${model}`), ...origin.tags.map(tag => `tag ${tag}`)]
  return ['everything true', ...(entry === undefined ? [] : [`entry ${entry}`]), ...(known ?? [])]
}

const request = Type.Object({
  which: CacheSelection,
  /** Only counts. */
  dryRun: Type.Boolean(),
})

const reply = Type.Object({
  /** How many answers are selected, and how many of them are gone now. */
  matched: Type.Integer(),
  removed: Type.Integer(),
})

/** Removes answers from the exact cache. Whoever asks has told `cache_invalidated` before. */
export const exactInvalidate = ask({ name: 'exact_invalidate', request, reply, deadlineMs: 60_000 })

/** Removes answers from the semantic cache. Whoever asks has told `cache_invalidated` before. */
export const semanticInvalidate = ask({ name: 'semantic_invalidate', request, reply, deadlineMs: 60_000 })

/** Answers that were asked for before this moment are neither to be kept nor to be given any more. */
export const cacheInvalidated = event({
  name: 'cache_invalidated',
  event: Type.Object({
    which: CacheSelection,
    /** Milliseconds since 1970. */
    at: Type.Integer(),
  }),
})
