import type { Bus } from '@gomodel/bus'
import { answered, type Endpoint, type EventOf, type GatewayError } from '@gomodel/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Candidate } from './routing/router.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What became of it so far; undefined for requests that ask no model. */
    outcome: Outcome | undefined
  }
}

/** What is told of a request that asked a model, when it is over. */
export interface Outcome {
  readonly endpoint: Endpoint
  /** The model or alias as the client named it. */
  readonly asked: string
  readonly stream: boolean
  candidate: Candidate
  cache: EventOf<typeof answered>['cache']
  /** What its answer is kept as, where it is. */
  entry?: string | undefined
}

/** Tells the books that a request was answered or refused. */
export function tellAnswered(bus: Bus, request: FastifyRequest, { reply, failure }: { reply: FastifyReply; failure: GatewayError | undefined }): void {
  if (!request.outcome) return
  const { endpoint, asked, stream, candidate, cache } = request.outcome
  const { instance, model, fallback } = candidate
  bus.emit(answered, {
    requestId: request.id,
    endpoint,
    asked,
    instance,
    model,
    fallback,
    cache,
    stream,
    status: reply.raw.statusCode,
    ...(failure && { error: failure.code }),
    totalMs: reply.elapsedTime,
  })
}
