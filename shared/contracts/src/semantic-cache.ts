import { Type, type Static } from 'typebox'
import { ask, event } from './contract.ts'
import { CachedAnswer, Digest, ExactKey } from './exact-cache.ts'
import { Present } from './presence.ts'

/** A request in two parts: what its user said last, and everything else. */
export const SemanticQuestion = Type.Object({
  /** Of the whole request with the last text of the user taken out: only requests that share it can share an answer. */
  partition: Digest,
  /** What the user said last. */
  text: Type.String({ minLength: 1 }),
})
export type SemanticQuestion = Static<typeof SemanticQuestion>

/** What a look into the semantic cache found. `shadow`: it would have been a hit. `vetoed`: near enough, but a guard says that it is another question. */
export const SemanticVerdict = Type.Enum(['hit', 'shadow', 'vetoed', 'near', 'miss'])
export type SemanticVerdict = Static<typeof SemanticVerdict>

/** The answer to a question that means the same, its bytes as the raw body; without `answer` it is a miss. Whoever asks takes silence for a miss too. */
export const semanticLookup = ask({
  name: 'semantic_lookup',
  request: Type.Object({
    question: SemanticQuestion,
    /** Of how many seconds an answer may at most be. */
    maxAgeSeconds: Type.Optional(Type.Number({ minimum: 0 })),
    /** At least so similar, from 0 to 1, where that is more than the operator demands. */
    threshold: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  }),
  reply: Type.Object({
    verdict: SemanticVerdict,
    answer: Type.Optional(CachedAnswer),
    /** The key of the request that the answer was given to: what names it where it is to be invalidated. */
    entry: Type.Optional(Type.String()),
    /** How near its question is, as the cosine of their vectors. */
    similarity: Type.Optional(Type.Number()),
  }),
  // An embedding from afar takes 100 to 300 ms.
  deadlineMs: 1000,
})

/** Keeps an answer, its bytes as the raw body. */
export const semanticStore = ask({
  name: 'semantic_store',
  request: Type.Object({
    question: SemanticQuestion,
    tenant: Type.String(),
    /** `instance/model` or the alias that was asked for. */
    model: Type.String(),
    tags: Type.Array(Type.String()),
    /** The key of the request in the exact cache, by which the answer is invalidated in both. */
    entry: Type.Optional(Type.String()),
    /** Seconds; the operator's own where it is absent, and never more. */
    ttlSeconds: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
    answer: CachedAnswer,
    /** How long it took to get, in milliseconds: what a hit saves. */
    tookMs: Type.Number({ minimum: 0 }),
  }),
  reply: Type.Object({ stored: Type.Boolean() }),
  deadlineMs: 5000,
})

/** An entry answered a question that was not its own: from now on it wants more similarity, and the second time it goes. */
export const semanticLimit = ask({
  name: 'semantic_limit',
  request: Type.Object({
    /** The key of the request that the answer was given to. */
    entry: ExactKey,
    /** How similar the question was. */
    wrongAt: Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
    /** Only counts. */
    dryRun: Type.Boolean(),
  }),
  reply: Type.Object({
    /** How many answers are meant, how many of them want more similarity now, and how many are gone. */
    matched: Type.Integer(),
    limited: Type.Integer(),
    removed: Type.Integer(),
  }),
  deadlineMs: 10_000,
})

/** A semantic cache is there. One with its answers on its own disk excludes every other. */
export const semanticPresent = event({ name: 'semantic_present', event: Present })
