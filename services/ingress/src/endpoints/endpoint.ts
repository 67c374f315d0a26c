import type { CachedAnswer, Endpoint, GatewayError } from '@gomodel/contracts'
import type { LastTurn } from '../semantic/last-turn.ts'
import type { Wanted } from '../chat-forms/replay.ts'
import type { Generated, ModelRequest } from '../model-call.ts'
import type { KeptResponses } from '../responses/kept-responses.ts'

/** One endpoint that asks a model: how its requests are read, and how its answers and errors are told. */
export interface GenerateEndpoint {
  readonly endpoint: Endpoint
  readonly path: string
  /** What the gateway needs of a request; throws `invalid_request` with the field that is wrong. */
  read(body: Buffer): Asked
  /** Headers of the client that belong to its dialect or to a provider, in small letters. */
  readonly headers: readonly string[]
  readonly errors: ErrorDialect
  /** What its user said last, where an answer to the same in other words would do. Without it nothing is looked up by meaning. */
  readonly lastTurn?: (request: Readonly<Record<string, unknown>>) => LastTurn | undefined
  /** A stored answer in the form that a client wants; undefined when it cannot be had in that form without guessing. Without it nothing is cached. */
  readonly replay?: (answer: CachedAnswer, bytes: Uint8Array, wanted: Wanted) => Buffer | undefined
  /** Puts what is kept of earlier answers into a request that goes on from them. */
  readonly joined?: (asked: ModelRequest, kept: KeptResponses) => Promise<ModelRequest>
  /** Looks at an answer while it passes, where it is to be kept. */
  readonly watched?: (asked: ModelRequest, answer: Generated, watching: Watching) => AnswerWatch | undefined
}

/** Where an answer is kept for its id, and as what in the caches, if it is. */
export interface Watching {
  readonly archive: KeptResponses
  readonly entry: string | undefined
}

/** Is shown the bytes of an answer, in order, before the client is; what it gives is waited for. */
export type AnswerWatch = (bytes: Uint8Array) => Promise<void> | undefined

/** What the gateway reads of a request. */
export interface Asked {
  /** A model or alias as the client named it. */
  readonly model: string
  readonly stream: boolean
  /** The client asked to see usage in the stream. */
  readonly includeUsage: boolean
  /** It has `stream_options`, which providers refuse without `stream`. */
  readonly streamOptions?: boolean
  /** The answer depends on more than the request says: it is neither looked for in a cache nor put there. */
  readonly stateful?: boolean
  /** Of a response: what it goes on from, and whether it is to be kept. */
  readonly state?: ResponseState
}

/** What a request for a response has to do with others. */
export interface ResponseState {
  /** The id of the response before it. */
  readonly previous?: string
  /** Items of it stand for items that are kept. */
  readonly references: boolean
  readonly store: boolean
}

/** How errors are told to the clients of an endpoint. */
export interface ErrorDialect {
  status(error: GatewayError): number
  body(error: GatewayError, requestId: string): object
  /** What ends a stream that failed; `last` is what passed before, if anything did. */
  event(error: GatewayError, requestId: string, last: Uint8Array | undefined): string
}
