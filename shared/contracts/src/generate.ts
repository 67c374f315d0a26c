import { Type } from 'typebox'
import { Usage } from './chat.ts'
import { event, exchange } from './contract.ts'

/** One call of a model. The pool is the provider instance; the body is the client's own JSON; the answer's bytes are in the client's dialect. */
export const generate = exchange({
  name: 'generate',
  request: Type.Object({
    requestId: Type.String(),
    endpoint: Type.Enum(['chat']),
    /** The model as the provider names it. */
    model: Type.String({ minLength: 1 }),
    stream: Type.Boolean(),
    /** The client asked to see usage in the stream. */
    includeUsage: Type.Boolean(),
  }),
  head: Type.Object({
    /** The instance that answers. */
    provider: Type.String(),
  }),
  end: Type.Object({
    usage: Type.Optional(Usage),
    /** The provider's finish reason of the first choice. */
    finish: Type.Optional(Type.String()),
    /** The usage object as the provider gave it. */
    nativeUsage: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    /** Every choice ended by itself: nothing was cut off, filtered or refused. */
    natural: Type.Optional(Type.Boolean()),
    /** Milliseconds from the call of the provider to its first content, and to the end of its answer. */
    upstream: Type.Optional(Type.Object({ firstMs: Type.Number(), totalMs: Type.Number() })),
  }),
})

/** What a provider worker serves now; told on every change and twice a second, so that silence means it is gone. */
export const announced = event({
  name: 'announced',
  event: Type.Object({
    instance: Type.String(),
    worker: Type.String(),
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
