import { GatewayError } from '@gomodel/contracts'

/** What every call on an open store throws when it fails; the reason in the message never has a secret in it. */
export const storeUnavailable = (store: string, thrown: unknown): GatewayError =>
  thrown instanceof GatewayError ? thrown : new GatewayError('unavailable', `the vector store ${store} failed: ${reasonOf(thrown)}`, { cause: thrown })

/** Why a store cannot be opened, in words for the operator. */
export const cannotOpen = (store: string, reason: string): Error => new Error(`the vector store ${store} cannot be used: ${reason}`)

/** The error of a store whose vectors have other dimensions than the embedder's. */
export const otherDimensions = (store: string, found: number, wanted: number): Error =>
  cannotOpen(store, `it holds vectors of ${found} dimensions, and the embedder gives ${wanted}: name another place for them, or empty this one`)

/** A reason of our own words, for `reasonOf` to pass on as it is. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault'
}

const BY_CODE: Record<string, string> = {
  '28P01': 'it refuses the password',
  '28000': 'it refuses the user',
  '3D000': 'it has no such database',
  '42501': 'it does not permit that',
  '57014': 'it does not answer in time',
  UND_ERR_CONNECT_TIMEOUT: 'it does not answer in time',
}

/** What went wrong in a few words of our own: texts of servers and libraries may quote what must not be seen. */
export function reasonOf(thrown: unknown): string {
  const chain: unknown[] = []
  for (let link = thrown; link instanceof Error && chain.length < 5; link = link.cause) chain.push(link)
  return chain.map(knownReason).find(reason => reason !== undefined) ?? 'an unforeseen error'
}

function knownReason(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined
  if (thrown instanceof StoreFault) return thrown.message
  const { code, status } = thrown as { code?: unknown; status?: unknown }
  if (/Timeout|Abort/.test(thrown.name) || /timeout/i.test(thrown.message)) return 'it does not answer in time'
  const answered = typeof status === 'number' ? status : Number(/^(?:Unexpected Response|A call to \S+ returned HTTP status):? (\d{3})/.exec(thrown.message)?.[1])
  if (answered >= 100) return answered === 401 || answered === 403 ? `it refuses the key (${answered})` : `it answered with status ${answered}`
  if (typeof code === 'string') return BY_CODE[code] ?? (/^[0-9A-Z]{5}$/.test(code) ? `SQLSTATE ${code}` : code)
  return /PineconeAuthorization/.test(thrown.name) ? 'it refuses the key' : undefined
}
