import { GatewayError, type RequestOf, type relay } from '@gomodel/contracts'
import type { Instance } from '../instances.ts'
import type { Provider } from '../provider.ts'

/** Where a relayed request goes. */
export interface RelayPath {
  readonly path: string
  /** What stands before it on the server, where that is not what the base URL says. */
  readonly basePath: string | undefined
}

const LEADING_V1 = /^\/v1(?=\/|$)/
/** What vLLM has below `/v1`; whatever else it has (`/metrics`, `/tokenize`) is at the root of its server. */
const VLLM_V1 = /^\/(?:chat|completions|embeddings|models|responses|messages|audio)(?:\/|$)/
const MAX_DECODINGS = 4

/** Where on the provider's server a request is meant to go; throws on a path that leads elsewhere. */
export function relayPath(instance: Instance, provider: Provider, { path: given, resource, v1Alias }: RequestOf<typeof relay>): RelayPath {
  const [pathname = '', ...rest] = given.split('?')
  if (climbs(pathname)) throw new GatewayError('invalid_request', 'the path must not contain . or .. as a segment', { provider: instance.name })
  if (resource) return provider.resourcePath ? { path: provider.resourcePath(given), basePath: '' } : { path: given, basePath: undefined }
  const below = v1Alias ? pathname.replace(LEADING_V1, '') : pathname
  const path = [below, ...rest].join('?')
  if (instance.type === 'vllm' && below === pathname && !VLLM_V1.test(below)) return { path, basePath: rootOf(instance) }
  return { path, basePath: undefined }
}

/** A segment means the folder itself or the one above, however often it is encoded. */
function climbs(pathname: string): boolean {
  let text = pathname
  for (let decodings = 0; decodings < MAX_DECODINGS; decodings++) {
    if (text.split(/[/\\]/).some(segment => segment === '.' || segment === '..') || /[^ -\u{10ffff}]/u.test(text)) return true
    const decoded = decodedOr(text)
    if (decoded === text) return false
    text = decoded
  }
  return true
}

function decodedOr(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone percent sign; what stands before it may still be encoded.
    return text.replaceAll(/%(2e|2f|5c|25)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
  }
}

const rootOf = ({ baseUrl }: Instance): string => new URL(baseUrl).pathname.replace(/\/+$/, '').replace(/\/v1$/, '')
