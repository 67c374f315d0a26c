import { GatewayError } from '@gomodel/contracts'

const LARGEST_BODY = 64 * 1024 * 1024
const BUSY_RETRY_MS = 1000

/** Calls in flight above which a worker refuses further ones, unless it is told otherwise. */
export const DEFAULT_CAPACITY = 1000

export const busy = () => new GatewayError('overloaded', 'the worker is at capacity', { retryAfterMs: BUSY_RETRY_MS })

export const shuttingDown = () => new GatewayError('unavailable', 'the worker is shutting down', { retryAfterMs: BUSY_RETRY_MS })

/** Why a body of this length is not taken. */
export function tooLarge(bytes: number): GatewayError | undefined {
  return bytes > LARGEST_BODY ? new GatewayError('payload_too_large', `a request body may have ${LARGEST_BODY} bytes on the bus`) : undefined
}
