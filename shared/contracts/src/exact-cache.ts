import { Type, type Static } from 'typebox'
import { ask, event } from './contract.ts'
import { Present } from './presence.ts'
import { Change } from './generate.ts'
import { NativeUsage, Usage } from './usage.ts'

/** Where an answer comes from: what it can be found by to be invalidated. */
export const CacheOrigin = Type.Object({
  tenant: Type.String(),
  /** Its model under every name: as it was asked for, and as `instance/model` and `model` that answered. */
  models: Type.Array(Type.String()),
  /** What the caller tagged it with. */
  tags: Type.Array(Type.String()),
  /** When a model was asked for it, in milliseconds since 1970. */
  since: Type.Integer(),
})
export type CacheOrigin = Static<typeof CacheOrigin>

/** What is kept of an answer beside its bytes. */
export const CachedAnswer = Type.Object({
  /** The instance that gave it. */
  provider: Type.String(),
  /** `stream`: the bytes are the events as they came, without usage and `[DONE]`; `whole`: one JSON document. */
  form: Type.Enum(['stream', 'whole']),
  origin: Type.Optional(CacheOrigin),
  /** What of the request did not reach the provider as it was. */
  changes: Type.Optional(Type.Array(Change)),
  usage: Type.Optional(Usage),
  /** The usage object in the dialect of the answer, as the provider gave it. */
  nativeUsage: Type.Optional(NativeUsage),
  /** When it was complete, in milliseconds since 1970. */
  storedAt: Type.Integer(),
})
export type CachedAnswer = Static<typeof CachedAnswer>

/** A SHA-256 as base64url. A bound on the length would have its characters counted, twice, at both ends. */
export const Digest = Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' })

/** The digest of everything that may shape an answer. */
export const ExactKey = Digest

const Token = Type.String({ pattern: '^[A-Za-z0-9_-]{1,40}$' })

/** Who makes the call for all equal requests: an ingress, and which of its flights that is. */
export const Lead = Type.Object({ ingress: Token, flight: Token })
export type Lead = Static<typeof Lead>

/** How long a lead is held without being told so again, in milliseconds. */
export const LEASE_MS = 2000

/**
 * The answer under a key, its bytes as the raw body; without `answer` it is a miss. Whoever asks takes silence for a miss too. Who offers
 * to lead hears after a miss either that it does, or who does already; neither, when that cannot be agreed upon.
 */
export const exactLookup = ask({
  name: 'exact_lookup',
  request: Type.Object({
    key: ExactKey,
    lead: Type.Optional(Lead),
    /** The leader that was found dead, or whose call failed for itself alone: its place is free for the one who says so first. */
    instead: Type.Optional(Lead),
  }),
  reply: Type.Object({ answer: Type.Optional(CachedAnswer), lead: Type.Optional(Type.Boolean()), leader: Type.Optional(Lead) }),
  deadlineMs: 50,
})

/** The most flights that one `exact_lease` speaks of. */
export const MOST_LEASES = 256

/** An ingress still leads these flights, or (`held` is false) does not any more. Whose lead another has taken over, or nobody knows of, is left as it is. */
export const exactLease = ask({
  name: 'exact_lease',
  request: Type.Object({ ingress: Token, flights: Type.Array(Type.Object({ key: ExactKey, flight: Token }), { maxItems: MOST_LEASES }), held: Type.Boolean() }),
  reply: Type.Object({
    /** How many of them were its own. */
    known: Type.Integer(),
  }),
  deadlineMs: 2000,
})

/** Keeps an answer, its bytes as the raw body. `stored` is false when the store is away or the answer too large. A lead is given back, stored or not. */
export const exactStore = ask({
  name: 'exact_store',
  request: Type.Object({ key: ExactKey, answer: CachedAnswer, lead: Type.Optional(Lead) }),
  reply: Type.Object({ stored: Type.Boolean() }),
  deadlineMs: 2000,
})

/** An exact cache is there. One with its answers in memory excludes every other. */
export const exactPresent = event({ name: 'exact_present', event: Present })
