import { Type } from 'typebox'
import { event } from './contract.ts'
import { Endpoint } from './generate.ts'
import { Usage } from './usage.ts'

// A reader of books does not mind; messages of a busy gateway are a twentieth then.
const GATHERED_MS = 20

const milliseconds = Type.Number({ minimum: 0 })

/** One call of a provider is over, however it ended; several may belong to one request, and each is paid for. */
export const attempted = event({
  name: 'attempted',
  gatheredMs: GATHERED_MS,
  event: Type.Object({
    requestId: Type.String(),
    /** Counts from 1 within one worker's tries for the request. */
    attempt: Type.Integer({ minimum: 1 }),
    instance: Type.String(),
    /** `relay`: a request that was passed on as it was; its `model` is empty. */
    endpoint: Type.Union([Endpoint, Type.Literal('relay')]),
    /** As the provider names it. */
    model: Type.String(),
    /** When the provider was called, in milliseconds since 1970. */
    startedAt: Type.Integer(),
    /** To its first content, if that came. */
    firstMs: Type.Optional(milliseconds),
    totalMs: milliseconds,
    /** `ok`, or what kind of failure ended it. */
    outcome: Type.String(),
    /** What was spent: also when the caller left, and then `partial` or `estimated`. Absent when nothing is known to have been. */
    usage: Type.Optional(Usage),
    finish: Type.Optional(Type.String()),
  }),
})

/** One request was answered, or refused after it was read; told by the ingress. */
export const answered = event({
  name: 'answered',
  gatheredMs: GATHERED_MS,
  event: Type.Object({
    requestId: Type.String(),
    endpoint: Endpoint,
    /** The model or alias as the client named it. */
    asked: Type.String(),
    /** Who answered, or was asked last. */
    instance: Type.String(),
    model: Type.String(),
    /** Another than the first choice answered. */
    fallback: Type.Boolean(),
    /** `shared`: the answer that an equal request got at the same time; nothing was spent for this one. */
    cache: Type.Enum(['hit', 'shared', 'miss', 'bypass', 'off']),
    stream: Type.Boolean(),
    status: Type.Integer(),
    /** The gateway's error code, if it failed. */
    error: Type.Optional(Type.String()),
    totalMs: milliseconds,
  }),
})
