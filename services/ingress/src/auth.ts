import { createHash, timingSafeEqual } from 'node:crypto'
import { GatewayError } from '@gomodel/contracts'

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Checks the caller's key in constant time; without a master key everybody may pass. */
export function authenticator(masterKey: string | undefined): (authorization: string | undefined) => void {
  if (masterKey === undefined) return () => {}
  const wanted = digest(masterKey)
  return authorization => {
    const key = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1]
    if (key === undefined) throw new GatewayError('unauthenticated', 'no API key was given: send it as "Authorization: Bearer KEY"', { reason: 'invalid_api_key' })
    if (!timingSafeEqual(digest(key), wanted)) throw new GatewayError('unauthenticated', 'the API key is not valid', { reason: 'invalid_api_key' })
  }
}
