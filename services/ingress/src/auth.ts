import { timingSafeEqual } from 'node:crypto'
import { GatewayError } from '@gomodel/contracts'

const LONGEST_KEY = 512

/** Checks the caller's key, given as a bearer or as `x-api-key`, in constant time; without a master key everybody may pass. */
export function authenticator(masterKey: string | undefined): (authorization: string | undefined, apiKey?: string | string[]) => void {
  if (masterKey === undefined) return () => {}
  const size = Math.max(LONGEST_KEY, Buffer.byteLength(masterKey))
  // Buffers of one size compare in one time, whatever the key's length is.
  const padded = (key: string): Buffer => {
    const bytes = Buffer.alloc(size)
    bytes.write(key)
    return bytes
  }
  const wanted = padded(masterKey)
  const opens = (key: string): boolean => timingSafeEqual(padded(key), wanted) && key.length === masterKey.length
  return (authorization, apiKey) => {
    // A client of Anthropic's may send both, one of them meant for somebody else.
    const keys = [/^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1], apiKey].filter((key): key is string => typeof key === 'string' && key !== '')
    if (keys.length === 0) throw new GatewayError('unauthenticated', 'no API key was given: send it as "Authorization: Bearer KEY" or as "x-api-key: KEY"', { reason: 'invalid_api_key' })
    if (!keys.some(opens)) throw new GatewayError('unauthenticated', 'the API key is not valid', { reason: 'invalid_api_key' })
  }
}
