import { GatewayError } from '@gomodel/contracts'

export const left = () => new GatewayError('cancelled', 'the caller left')

export const nobody = (pool: string) => new GatewayError('unavailable', `no worker serves ${pool}`, { provider: pool, retryAfterMs: 1000 })
