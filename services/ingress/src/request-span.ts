import type { GatewayError } from '@gomodel/contracts'
import { noTracing, type Span, type Tracing } from '@gomodel/service'
import type { FastifyRequest } from 'fastify'
import type { Ended } from './outcome.ts'
import { traceOf } from './request-identity.ts'
import { PUBLIC_PATHS } from './routes/health.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The whole request; what is done for it hangs below. */
    span: Span
  }
}

/** Begins the span of a request, in the caller's trace if it is in one. Looks at the gateway itself are not traced. */
export function beginSpan(tracing: Tracing, request: FastifyRequest): void {
  const { route } = request
  const traced = route === undefined || PUBLIC_PATHS.has(route) ? noTracing : tracing
  request.span = traced.span(route === undefined ? request.method : `${request.method} ${route}`, {
    kind: 'server',
    parent: traceOf(request.headers),
    ...(traced.enabled && { attributes: { 'http.request.method': request.method, 'http.route': route, 'gateway.request_id': request.id } }),
  })
}

/** `failure` is what the caller was told, if it was an error, or that it left. What the caller did wrong is no error of ours: its span says only what that was. */
export function endSpan({ span, outcome }: FastifyRequest, { status, failure }: Ended): void {
  // Who answers is known only now. Behind an answer out of a cache is no instance.
  span.set({ 'http.response.status_code': status, 'gateway.provider.instance': outcome?.cache === 'hit' ? undefined : outcome?.candidate.instance })
  if (isError(status, failure)) return span.end(failure ?? { code: String(status) })
  if (failure) span.set({ 'gateway.refusal': failure.code })
  span.end()
}

/** Whatever was said in a status below 400 was to be an answer: it broke, unless it was the caller who left. */
function isError(status: number, failure: GatewayError | undefined): boolean {
  if (status >= 500) return true
  return failure !== undefined && (status < 400 ? failure.code !== 'cancelled' : failure.status >= 500)
}
