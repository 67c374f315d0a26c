import { nearestName, OTHER_TYPES } from '@gomodel/service'
import type { Said } from './environment-instances.ts'
import { type Draft, usable } from './instance-drafts.ts'
import { type ProviderRow, ROWS } from './providers/rows.ts'
import { OWNER } from './simulator/simulated-models.ts'

/** What is wrong with an instance; no value of its is repeated. */
export function problemsOf(draft: Draft): string[] {
  const row = ROWS.find(({ type }) => type === draft.type)
  if (!row) return [...nameProblems(draft), typeProblem(draft)]
  const { API_KEY: key, BASE_URL: address } = draft.said
  // Where a key may be missing, a reference to none is as good as none.
  const unresolved = [row.keyed ? key : undefined, address].filter(said => said !== undefined && !usable(said))
  if (unresolved.length > 0) return [...nameProblems(draft), ...unresolved.map(said => `${said?.by} refers to a variable that is not set`)]
  return [...nameProblems(draft), ...missing(draft, row), ...keyProblems(usable(key)), ...addressProblems(address)]
}

function nameProblems({ name, place }: Draft): string[] {
  if (name === OWNER) return [`${place} has the name of the simulated provider`]
  return /^[A-Za-z0-9_-]{1,64}$/.test(name) ? [] : [`${place} must have a name of letters, digits, - and _`]
}

function typeProblem({ type, place }: Draft): string {
  const known = ROWS.map(row => row.type)
  if (type === '') return `${place}.type must be one of ${known.join(', ')}`
  if (OTHER_TYPES.includes(type.toUpperCase().replaceAll('-', '_'))) return `${place}.type is not served here; type openai with a base_url takes any server that speaks the OpenAI dialect`
  const near = nearestName(type, known)
  return `${place}.type is unknown, ${near ? `the nearest is ${near}` : `known are ${known.join(', ')}`}`
}

function missing({ said, place, provider }: Draft, row: ProviderRow): string[] {
  const named = (field: 'API_KEY' | 'BASE_URL'): string => (provider ? `${place}.${field.toLowerCase()}` : place.replace(/(API_KEY|BASE_URL|MODELS|API_VERSION)$/, field))
  // An address alone is enough for a server of the operator's own that speaks the OpenAI dialect.
  const keyed = row.keyed && !(row.type === 'openai' && said.BASE_URL)
  return [
    ...(row.baseUrl === undefined && !said.BASE_URL ? [`${named('BASE_URL')} is missing: ${row.type} has no address of its own`] : []),
    ...(keyed && !said.API_KEY ? [`${named('API_KEY')} is missing`] : []),
  ]
}

const keyProblems = (key: Said | undefined): string[] => (key && !/^[\x21-\x7e]+$/.test(key.value) ? [`${key.by} must be printable ASCII without spaces`] : [])

function addressProblems(address: Said | undefined): string[] {
  if (!address) return []
  const url = URL.parse(address.value)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return [`${address.by} must be an http or https URL`]
  if (url.username || url.password) return [`${address.by} must be without a user and a password`]
  return url.search || url.hash ? [`${address.by} must be without a query`] : []
}
