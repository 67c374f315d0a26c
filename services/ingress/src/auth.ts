import { timingSafeEqual } from 'node:crypto'
import { GatewayError } from '@gomodel/contracts'

const LONGEST_KEY = 512

/** Checks the caller's key in constant time; without a master key everybody may pass. */
export function authenticator(masterKey: string | undefined): (authorization: string | undefined) => void {
  if (masterKey === undefined) return () => {}
  const size = Math.max(LONGEST_KEY, Buffer.byteLength(masterKey))
  // Buffers of one size compare in one time, whatever the key's length is.
  const padded = (key: string): Buffer => {
    const bytes = Buffer.alloc(size)
    bytes.write(key)
    return bytes
  }
  const wanted = padded(masterKey)
  return authorization => {
    const key = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
    if (key === undefined) throw new GatewayError('unauthenticated', 'no API key was given: send it as "Authorization: Bearer KEY"', { reason: 'invalid_api_key' })
    if (!timingSafeEqual(padded(key), wanted) || key.length !== masterKey.length) throw new GatewayError('unauthenticated', 'the API key is not valid', { reason: 'invalid_api_key' })
  }
}
