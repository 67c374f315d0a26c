/**
 * Every way a request can fail: the HTTP status and the OpenAI error type that the caller sees, and where a further attempt may succeed.
 * `worker`: the provider was not reached, another worker of the same instance may do it. `target`: another provider may. `never`: neither.
 */
export const ERRORS = {
  invalid_request: { status: 400, retry: 'never', type: 'invalid_request_error' },
  unsupported: { status: 400, retry: 'target', type: 'invalid_request_error' },
  unauthenticated: { status: 401, retry: 'never', type: 'authentication_error' },
  unknown_url: { status: 404, retry: 'never', type: 'invalid_request_error' },
  model_not_found: { status: 404, retry: 'never', type: 'invalid_request_error' },
  not_found: { status: 404, retry: 'never', type: 'invalid_request_error' },
  not_ready: { status: 409, retry: 'never', type: 'invalid_request_error' },
  payload_too_large: { status: 413, retry: 'never', type: 'invalid_request_error' },
  unprocessable: { status: 422, retry: 'never', type: 'invalid_request_error' },
  rate_limited: { status: 429, retry: 'target', type: 'rate_limit_error' },
  cancelled: { status: 499, retry: 'never', type: 'cancelled' },
  internal: { status: 500, retry: 'never', type: 'server_error' },
  provider_failed: { status: 502, retry: 'target', type: 'provider_error' },
  provider_key_refused: { status: 502, retry: 'target', type: 'provider_error' },
  stream_broken: { status: 502, retry: 'never', type: 'provider_error' },
  unavailable: { status: 503, retry: 'worker', type: 'server_error' },
  overloaded: { status: 503, retry: 'worker', type: 'server_error' },
  circuit_open: { status: 503, retry: 'worker', type: 'provider_error' },
  timeout: { status: 504, retry: 'target', type: 'provider_error' },
} as const satisfies Record<string, { status: number; retry: 'never' | 'worker' | 'target'; type: string }>

export type ErrorCode = keyof typeof ERRORS

/** What an error may carry besides its code and its words. */
export interface ErrorDetails {
  /** The field of the request that is at fault, as a path: `messages[0].role`. */
  readonly param?: string | undefined
  /** The provider's own error code, where the caller can act on it: `context_length_exceeded`. */
  readonly reason?: string | undefined
  /** The instance that was being called. */
  readonly provider?: string | undefined
  /** When another try makes sense, in milliseconds from now. */
  readonly retryAfterMs?: number | undefined
  /** What happened, for the log only. It never crosses the bus and never reaches a caller. */
  readonly cause?: unknown
}

/** An error as it crosses the bus. */
export interface WireError extends Omit<ErrorDetails, 'cause'> {
  readonly code: string
  readonly message: string
}

/** The only error class that crosses a service boundary. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError'
  readonly code: ErrorCode
  readonly details: ErrorDetails

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, { cause: details.cause })
    this.code = code
    this.details = details
  }

  get status(): number {
    return ERRORS[this.code].status
  }

  get retry(): 'never' | 'worker' | 'target' {
    return ERRORS[this.code].retry
  }

  toWire(): WireError {
    const { cause: _, ...details } = this.details
    return { code: this.code, message: this.message, ...details }
  }

  static fromWire(wire: WireError): GatewayError {
    const { code, message, ...details } = wire
    return Object.hasOwn(ERRORS, code) ? new GatewayError(code as ErrorCode, message, details) : new GatewayError('internal', 'internal error', { cause: wire })
  }

  /** Anything thrown becomes a GatewayError; what was not foreseen becomes `internal`, its text kept for the log. */
  static from(thrown: unknown): GatewayError {
    return thrown instanceof GatewayError ? thrown : new GatewayError('internal', 'internal error', { cause: thrown })
  }
}
