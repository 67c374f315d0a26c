import { GatewayError } from '@gomodel/contracts'

/** The provider has no words for something that must not be left out; `param` is its place. */
export const unsupported = (param: string, why: string): GatewayError => new GatewayError('unsupported', `${param} ${why}`, { param })

/** The request contradicts itself at `param`. */
export const invalid = (param: string, why: string): GatewayError => new GatewayError('invalid_request', `${param} ${why}`, { param })
