import { Type, type Static } from 'typebox'
import { ask, event } from './contract.ts'
import { Present } from './presence.ts'
import { Change } from './generate.ts'
import { Usage } from './usage.ts'

/** What is kept of an answer beside its bytes. */
export const CachedAnswer = Type.Object({
  /** The instance that gave it. */
  provider: Type.String(),
  /** `stream`: the bytes are the events as they came, without usage and `[DONE]`; `whole`: one JSON document. */
  form: Type.Enum(['stream', 'whole']),
  /** What of the request did not reach the provider as it was. */
  changes: Type.Optional(Type.Array(Change)),
  usage: Type.Optional(Usage),
  /** The usage object in the dialect of the answer, as the provider gave it. */
  nativeUsage: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  /** When it was complete, in milliseconds since 1970. */
  storedAt: Type.Integer(),
})
export type CachedAnswer = Static<typeof CachedAnswer>

/** SHA-256 of everything that may shape an answer, as base64url. */
const Key = Type.String({ minLength: 43, maxLength: 43 })

/** The answer under a key, its bytes as the raw body; without `answer` it is a miss. Whoever asks takes silence for a miss too. */
export const exactLookup = ask({
  name: 'exact_lookup',
  request: Type.Object({ key: Key }),
  reply: Type.Object({ answer: Type.Optional(CachedAnswer) }),
  deadlineMs: 50,
})

/** Keeps an answer, its bytes as the raw body. `stored` is false when the store is away or the answer too large. */
export const exactStore = ask({
  name: 'exact_store',
  request: Type.Object({ key: Key, answer: CachedAnswer }),
  reply: Type.Object({ stored: Type.Boolean() }),
  deadlineMs: 2000,
})

/** An exact cache is there. One with its answers in memory excludes every other. */
export const exactPresent = event({ name: 'exact_present', event: Present })
