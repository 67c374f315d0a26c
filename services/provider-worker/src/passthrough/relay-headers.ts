import type { Trace } from '@gomodel/bus'
import type { RequestOf, relay } from '@gomodel/contracts'
import type { Provider } from '../provider.ts'
import type { Headers } from '../retry-after.ts'

type Pair = [string, string]

/** Where a key may stand: only the instance's own goes there. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie'])
/** What the provider's adapter says of requests that it makes itself. */
const OF_OWN_REQUESTS: ReadonlySet<string> = new Set(['content-type', 'accept-encoding', 'content-length'])
/** What is said of the connection to us, or in our place. */
const OURS: ReadonlySet<string> = new Set(['accept-encoding', 'content-length', 'transfer-encoding', 'connection', 'host', 'expect', 'upgrade', 'te', 'traceparent', 'tracestate', 'x-client-request-id'])
/** What says something of one connection, or of the provider's address, which is not the one that the client sees. */
const OF_CONNECTION: ReadonlySet<string> = new Set([
  'connection', 'keep-alive', 'proxy-authenticate', 'proxy-authorization', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade',
  'set-cookie', 'set-cookie2', 'alt-svc', 'strict-transport-security',
])

/** The client's headers with the instance's key, names and values in turn. What the client says beside that wins over what the adapter would. */
export function requestHeaders({ headers: adapters }: Provider, { headers, requestId }: RequestOf<typeof relay>, trace: Trace): string[] {
  const given = headers.filter(([name]) => !CREDENTIALS.has(name) && !OURS.has(name))
  const names = new Set(given.map(([name]) => name))
  const added = pairs(adapters).filter(([name]) => CREDENTIALS.has(name) || !(OF_OWN_REQUESTS.has(name) || names.has(name)))
  const told: Pair[] = [['accept-encoding', 'identity'], ['x-client-request-id', requestId], ['traceparent', trace.traceparent]]
  if (trace.tracestate !== undefined) told.push(['tracestate', trace.tracestate])
  return [...given, ...added, ...told].flat()
}

/** The provider's headers as they are for the client. One that repeats the key is left out. */
export function responseHeaders(headers: Headers, apiKey: string | undefined): Pair[] {
  const named = new Set(pair(headers.connection).flatMap(value => value.toLowerCase().split(',').map(name => name.trim())))
  const passed: Pair[] = []
  for (const [name, values] of Object.entries(headers)) {
    if (OF_CONNECTION.has(name) || named.has(name) || name.startsWith('x-gomodel-')) continue
    for (const value of pair(values)) if (!apiKey || !value.includes(apiKey)) passed.push([name, value])
  }
  return passed
}

const pair = (value: string | string[] | undefined): string[] => [value ?? []].flat()

function pairs(flat: readonly string[]): Pair[] {
  const found: Pair[] = []
  for (let at = 0; at + 1 < flat.length; at += 2) found.push([flat[at]!.toLowerCase(), flat[at + 1]!])
  return found
}
