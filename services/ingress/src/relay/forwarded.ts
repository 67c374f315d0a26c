/** What is the client's business with the gateway, or says something of one connection. */
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  'authorization', 'proxy-authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie',
  'host', 'content-length', 'transfer-encoding', 'accept-encoding', 'expect', 'connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade',
  'forwarded', 'via', 'x-real-ip', 'x-request-id', 'traceparent', 'tracestate',
])
const PREFIXES = ['x-forwarded-', 'x-gomodel-']

/** The headers of a request that are for the provider, from names and values in turn; names in small letters. */
export function forwardedHeaders(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < raw.length; at += 2) pairs.push([raw[at]!.toLowerCase(), raw[at + 1]!])
  const ofConnection = new Set(pairs.filter(([name]) => name === 'connection').flatMap(([, value]) => value.toLowerCase().split(',').map(name => name.trim())))
  return pairs.filter(([name]) => !NOT_FORWARDED.has(name) && !ofConnection.has(name) && !PREFIXES.some(prefix => name.startsWith(prefix)))
}

/** A query without some of its parameters, all others as they were written; with its question mark, or empty. */
export function queryWithout(url: string, names: ReadonlySet<string>): string {
  const at = url.indexOf('?')
  const kept = at === -1 ? [] : url.slice(at + 1).split('&').filter(parameter => parameter !== '' && !names.has(nameOf(parameter)))
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}

function nameOf(parameter: string): string {
  const [name = ''] = parameter.split('=')
  try {
    return decodeURIComponent(name).toLowerCase()
  } catch {
    return name.toLowerCase()
  }
}
