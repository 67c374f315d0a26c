import { Type, type Static } from 'typebox'
import { exchange } from './contract.ts'
import { ExactKey, Lead } from './exact-cache.ts'
import { Change } from './generate.ts'
import { NativeUsage, Usage } from './usage.ts'

/** An answer that several requests share, from its first content on. */
export const Flown = Type.Object({
  /** The instance that gives it, and the model as that one names it. */
  provider: Type.String(),
  model: Type.String(),
  /** Another than the first choice answers. */
  fallback: Type.Boolean(),
  /** `stream`: the bytes are events; `whole`: one JSON document. */
  form: Type.Enum(['stream', 'whole']),
  /** The events tell what the answer cost. */
  includeUsage: Type.Boolean(),
  /** What of the request did not reach the provider as it was. */
  changes: Type.Optional(Type.Array(Change)),
  /** The cache entry that it was found under by its meaning. */
  entry: Type.Optional(Type.String()),
  /** How near its question was. */
  similarity: Type.Optional(Type.Number()),
})
export type Flown = Static<typeof Flown>

/** What went wrong with the answer itself, as its own client is told. */
const Failure = Type.Object({
  code: Type.String(),
  message: Type.String(),
  param: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
  provider: Type.Optional(Type.String()),
  retryAfterMs: Type.Optional(Type.Number()),
})

/**
 * The answer to an equal request that another ingress is getting: what was said so far, and then what comes. The pool is that ingress; the
 * body is empty. An error of the exchange means that the leader is lost; what its answer failed with stands in the end.
 */
export const flight = exchange({
  name: 'flight',
  request: Type.Object({ key: ExactKey, flight: Lead.properties.flight }),
  head: Type.Object({
    /** Absent when it failed before its first content. */
    answer: Type.Optional(Flown),
    /** Instead of it: how the leader asked, in a word to be compared with the follower's own. Who asks otherwise need not fail. */
    manner: Type.Optional(Type.String()),
  }),
  end: Type.Object({
    failure: Type.Optional(Failure),
    usage: Type.Optional(Usage),
    /** The usage object in the dialect of the answer, as the provider gave it. */
    nativeUsage: Type.Optional(NativeUsage),
  }),
})
