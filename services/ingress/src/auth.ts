import { timingSafeEqual } from 'node:crypto'
import { GatewayError } from '@gomodel/contracts'

const LONGEST_KEY = 512
const BEARER = /^Bearer +(\S+) *$/i

/** Checks the caller's key, given as a bearer or as `x-api-key`, in constant time; without a master key everybody may pass. */
export function authenticator(masterKey: string | undefined): (authorization: string | undefined, apiKey?: string | string[]) => void {
  if (masterKey === undefined) return () => {}
  const size = Math.max(LONGEST_KEY, Buffer.byteLength(masterKey))
  // Buffers of one size compare in one time, whatever the key's length is.
  const wanted = Buffer.alloc(size)
  wanted.write(masterKey)
  const given = Buffer.alloc(size)
  const opens = (key: string): boolean => {
    given.fill(0)
    given.write(key)
    return timingSafeEqual(given, wanted) && key.length === masterKey.length
  }
  return (authorization, apiKey) => {
    // A client of Anthropic's may send both, one of them meant for somebody else.
    const bearer = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1]
    const other = typeof apiKey === 'string' && apiKey !== '' ? apiKey : undefined
    if (bearer === undefined && other === undefined) throw new GatewayError('unauthenticated', 'no API key was given: send it as "Authorization: Bearer KEY" or as "x-api-key: KEY"', { reason: 'invalid_api_key' })
    if (!((bearer !== undefined && opens(bearer)) || (other !== undefined && opens(other)))) throw new GatewayError('unauthenticated', 'the API key is not valid', { reason: 'invalid_api_key' })
  }
}
