import { ERRORS, GatewayError } from '@gomodel/contracts'
import type { ErrorDialect } from './endpoints/endpoint.ts'

/** The error body of the OpenAI API: always these four fields. */
export interface ErrorBody {
  readonly error: { readonly message: string; readonly type: string; readonly param: string | null; readonly code: string }
}

export function errorBody(error: GatewayError): ErrorBody {
  const { param, reason } = error.details
  return { error: { message: error.message, type: ERRORS[error.code].type, param: param ?? null, code: reason ?? error.code } }
}

/** Errors as the OpenAI API tells them. */
export const openAiErrors: ErrorDialect = {
  status: error => error.status,
  body: errorBody,
  event: error => `data: ${JSON.stringify(errorBody(error))}\n\n`,
}

// Providers say what they like, also what has no digits to be written with.
const YEAR_SECONDS = 365 * 24 * 3600

export function errorHeaders(error: GatewayError): Record<string, string> {
  const { provider, retryAfterMs } = error.details
  return {
    ...(retryAfterMs !== undefined && { 'retry-after': String(Math.min(YEAR_SECONDS, Math.max(1, Math.ceil(retryAfterMs / 1000)))) }),
    ...(provider !== undefined && { 'x-gomodel-provider': provider }),
  }
}

/** Anything thrown on the way of a request, Fastify's own refusals among it. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown
  const { code, statusCode } = thrown as { code?: unknown; statusCode?: unknown }
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new GatewayError('payload_too_large', 'the request body is too large')
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) return new GatewayError('invalid_request', 'the request could not be read', { cause: thrown })
  return GatewayError.from(thrown)
}
