import type { Bus } from '@gomodel/bus'
import { answered, type Endpoint, type EventOf, type GatewayError } from '@gomodel/contracts'
import type { FastifyRequest } from 'fastify'
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

/** How a request ended. */
export interface Ended {
  /** What the client was told, or would have been. */
  readonly status: number
  readonly failure: GatewayError | undefined
  readonly ms: number
}

/** Since the request came. */
export const elapsedMs = ({ begunAt }: FastifyRequest): number => performance.now() - begunAt

/** Tells the books that a request was answered or refused, or that its client left. */
export function tellAnswered(bus: Bus, request: FastifyRequest, { status, failure, ms }: Ended): void {
  if (!request.outcome) return
  const { endpoint, asked, stream, candidate, cache } = request.outcome
  const { instance, model, fallback } = candidate
  bus.emit(answered, { requestId: request.id, endpoint, asked, instance, model, fallback, cache, stream, status, ...(failure && { error: failure.code }), totalMs: ms })
}
