import { GatewayError } from '@gomodel/contracts'

export const left = () => new GatewayError('cancelled', 'the caller left')

/** The participant itself left the bus. */
export const closed = () => new GatewayError('unavailable', 'the bus is closed')

export const nobody = (pool: string) => new GatewayError('unavailable', `no worker serves ${pool}`, { provider: pool, retryAfterMs: 1000 })
