import { Type, type Static } from 'typebox'
import { ask, event, exchange } from './contract.ts'
import { ExactKey } from './exact-cache.ts'
import { Present } from './presence.ts'

/** What is kept of a response beside its bytes. */
export const KeptResponse = Type.Object({
  /** Who may see it. */
  tenant: Type.String({ minLength: 1 }),
  /** The instance that answered. */
  instance: Type.String(),
  /** `provider`: it is kept there, and there are no bytes. `gateway`: the bytes are a JSON object of `response` and `request`. */
  keeper: Type.Enum(['provider', 'gateway']),
  /** When it was complete, in milliseconds since 1970. */
  createdAt: Type.Integer(),
  /** What the same answer is in the caches. */
  entry: Type.Optional(ExactKey),
})
export type KeptResponse = Static<typeof KeptResponse>

/** An id as providers and the gateway give them; others are not kept. */
const Id = Type.String({ pattern: '^[A-Za-z0-9_.:-]{1,200}$' })

/** The pool of both exchanges: whoever serves it can answer for every response. */
export const RESPONSE_POOL = 'responses'

/** Keeps a response, its bytes as the body, of any size up to what the store takes. An exchange because it may be larger than one message. */
export const responsePut = exchange({
  name: 'response_put',
  request: Type.Object({ id: Id, kept: KeptResponse }),
  head: Type.Object({}),
  end: Type.Object({ verdict: Type.Enum(['stored', 'too_large', 'unavailable']) }),
})

/** A response by its id, its bytes as those of the answer. One of another tenant is not found. Throws `unavailable` when the store is away. */
export const responseGet = exchange({
  name: 'response_get',
  request: Type.Object({ id: Id, tenant: Type.String({ minLength: 1 }) }),
  head: Type.Object({ kept: Type.Optional(KeptResponse) }),
  end: Type.Object({}),
})

/** Forgets a response; `deleted` is false when there was none of this tenant. Throws `unavailable` when the store is away. */
export const responseDelete = ask({
  name: 'response_delete',
  request: Type.Object({ id: Id, tenant: Type.String({ minLength: 1 }) }),
  reply: Type.Object({ deleted: Type.Boolean() }),
  deadlineMs: 2000,
})

/** A response store is there. One with its responses on a disk excludes every other. */
export const responseStorePresent = event({ name: 'response_store_present', event: Present })
