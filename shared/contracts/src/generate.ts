import { Type, type Static } from 'typebox'
import { event, exchange } from './contract.ts'
import { Resource } from './relay.ts'
import { NativeUsage, Usage } from './usage.ts'

/** What a client may ask a model for; each is a dialect of its own. */
export const Endpoint = Type.Enum(['chat', 'responses', 'messages', 'embeddings', 'count_tokens', 'input_tokens'])
export type Endpoint = Static<typeof Endpoint>

/** Something in a request that did not reach the provider as the client wrote it. */
export const Change = Type.Object({
  /** `dropped`, `clamped` and `emulated` lose or bend what was asked; `renamed` does not. */
  kind: Type.Enum(['dropped', 'renamed', 'clamped', 'emulated']),
  /** The field as a path: `messages[0].name`. */
  param: Type.String(),
  /** Its new name, its new value, or what stands in for it. */
  to: Type.Optional(Type.String()),
})
export type Change = Static<typeof Change>

/** One call of a model. The pool is the provider instance; the body is the client's own JSON; the answer's bytes are in the client's dialect. */
export const generate = exchange({
  name: 'generate',
  request: Type.Object({
    requestId: Type.String(),
    endpoint: Endpoint,
    /** The model as the provider names it. */
    model: Type.String({ minLength: 1 }),
    stream: Type.Boolean(),
    /** The client asked to see usage in the stream. */
    includeUsage: Type.Boolean(),
    /** Refuse what cannot be passed on as it is, instead of changing it. */
    strict: Type.Optional(Type.Boolean()),
    /** Headers of the client that belong to its dialect, in small letters: `anthropic-beta`. */
    headers: Type.Optional(Type.Record(Type.String(), Type.String())),
    /** Of a response: the earlier one whose items `input` was already joined with, to be named in the answer. */
    continues: Type.Optional(Type.String()),
  }),
  head: Type.Object({
    /** The instance that answers. */
    provider: Type.String(),
    /** What of the request did not reach the provider as it was. */
    changes: Type.Optional(Type.Array(Change)),
    /** The provider speaks the client's dialect itself, and what it keeps of the answer can be asked of it. */
    native: Type.Optional(Type.Boolean()),
  }),
  end: Type.Object({
    usage: Type.Optional(Usage),
    /** The provider's finish reason of the first choice. */
    finish: Type.Optional(Type.String()),
    /** The usage object as the provider gave it. */
    nativeUsage: Type.Optional(NativeUsage),
    /** Every choice ended by itself: nothing was cut off, filtered or refused. */
    natural: Type.Optional(Type.Boolean()),
    /** Milliseconds from the call of the provider that was answered to its first content, and to the end of its answer; `lostMs` is what calls that failed took before it. */
    upstream: Type.Optional(Type.Object({ firstMs: Type.Number(), totalMs: Type.Number(), lostMs: Type.Optional(Type.Number()) })),
  }),
})

/** What a provider worker serves now; told on every change and twice a second, so that silence means it is gone. */
export const announced = event({
  name: 'announced',
  event: Type.Object({
    instance: Type.String(),
    worker: Type.String(),
    /** Of its provider. */
    type: Type.Optional(Type.String()),
    /** What of the OpenAI API, besides models, is passed on to it as it is. */
    resources: Type.Optional(Type.Array(Resource)),
    /** Reached at `/p/{instance}/…` unless the operator chooses otherwise. */
    passthrough: Type.Optional(Type.Boolean()),
    /** The instance's place in the configuration: a bare model name means the lowest rank that lists it. */
    rank: Type.Integer(),
    models: Type.Array(Type.Object({ id: Type.String(), created: Type.Integer(), ownedBy: Type.String() })),
    breaker: Type.Enum(['closed', 'open', 'half_open']),
    /** While the breaker is open: milliseconds until it lets a trial through. */
    retryAfterMs: Type.Optional(Type.Integer({ minimum: 0 })),
    /** The worker is shutting down: forget it at once. */
    leaving: Type.Boolean(),
  }),
})
