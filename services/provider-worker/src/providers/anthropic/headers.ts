import type { GenerateRequest, Identity } from '../../provider.ts'

const VERSION = '2023-06-01'

/** What every call of the provider carries. */
export const providerHeaders = ({ apiKey }: Identity): string[] => [
  'content-type',
  'application/json',
  'accept-encoding',
  'identity',
  'anthropic-version',
  VERSION,
  ...(apiKey === undefined ? [] : ['x-api-key', apiKey]),
]

/** What the client said of the version and of betas, and the betas that its request needs besides. */
export function callHeaders({ headers }: GenerateRequest, needed: readonly string[] = []): string[] {
  const version = headers?.['anthropic-version']
  const asked = (headers?.['anthropic-beta'] ?? '').split(',').map(beta => beta.trim())
  const betas = [...new Set([...asked, ...needed])].filter(beta => /^[\w.:-]{1,100}$/.test(beta))
  return [
    ...(version !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(version) ? ['anthropic-version', version] : []),
    ...(betas.length > 0 ? ['anthropic-beta', betas.join(',')] : []),
  ]
}
