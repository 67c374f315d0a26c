import type { ErrorCode, GatewayError } from '@gomodel/contracts'
import type { ErrorDialect } from './endpoints/endpoint.ts'

/** Where Anthropic has a status of its own. */
const STATUSES: { readonly [C in ErrorCode]?: number } = { unprocessable: 400, overloaded: 529, circuit_open: 529 }

/** Its types by status; the SDKs of Anthropic go by the status, people and other programs by the type. */
const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

/** The error body of Anthropic's API. */
export interface AnthropicErrorBody {
  readonly type: 'error'
  readonly error: { readonly type: string; readonly message: string }
  readonly request_id: string
}

/** Errors as Anthropic's API tells them. */
export const anthropicErrors: ErrorDialect = {
  status: statusOf,
  body: bodyOf,
  event: (error, requestId) => `event: error\ndata: ${JSON.stringify(bodyOf(error, requestId))}\n\n`,
}

function statusOf(error: GatewayError): number {
  return STATUSES[error.code] ?? error.status
}

function bodyOf(error: GatewayError, requestId: string): AnthropicErrorBody {
  const status = statusOf(error)
  return { type: 'error', error: { type: TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error'), message: error.message }, request_id: requestId }
}
