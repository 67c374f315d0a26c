import { ConfigurationError, type Environment, given } from '@gomodel/service'
import { type ProviderRow, ROWS } from './providers/rows.ts'

/** One account at one provider: what the configuration calls by one name. */
export interface Instance {
  readonly name: string
  readonly type: string
  readonly apiKey: string | undefined
  /** Without a slash at its end. */
  readonly baseUrl: string
  /** The models that the configuration names. */
  readonly models: readonly string[]
  /** Its place in the configuration; lower comes first. */
  readonly rank: number
}

const FIELDS = ['API_KEY', 'BASE_URL', 'MODELS'] as const

type Field = (typeof FIELDS)[number]

/** What the variables of one instance say, and by which name each said it. */
type Fields = Partial<Record<Field, { value: string; variable: string }>>

/** All provider instances that an environment configures: `<TYPE>[_SUFFIX]_{API_KEY,BASE_URL,MODELS}`, bare types first, then suffixes in alphabetical order. */
export function instancesFrom(environment: Environment): Instance[] {
  const found: Omit<Instance, 'rank'>[] = []
  const problems: string[] = []
  for (const row of ROWS) {
    const bySuffix = fieldsBySuffix(row, environment, problems)
    for (const suffix of [...bySuffix.keys()].sort()) {
      const fields = bySuffix.get(suffix) ?? {}
      if (!fields.API_KEY && !fields.BASE_URL) continue
      problems.push(...problemsOf(fields))
      found.push(instanceOf(row, suffix, fields))
    }
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return found.map((instance, rank) => ({ ...instance, rank }))
}

/** The instances that one process is to serve. */
export function chosen(instances: readonly Instance[], only: readonly string[], except: readonly string[]): Instance[] {
  const names = instances.map(({ name }) => name)
  const unknown = only.filter(name => !names.includes(name))
  if (unknown.length > 0) {
    throw new ConfigurationError([`PROVIDER_INSTANCES names ${unknown.join(', ')}, but configured are ${names.join(', ') || 'none'}`])
  }
  return instances.filter(({ name }) => (only.length === 0 || only.includes(name)) && !except.includes(name))
}

function fieldsBySuffix(row: ProviderRow, environment: Environment, problems: string[]): Map<string, Fields> {
  const bySuffix = new Map<string, Fields>()
  const prefix = prefixOf(row)
  for (const [variable, raw] of Object.entries(environment)) {
    const value = given(raw)
    if (!value || value.includes('${') || !variable.startsWith(`${prefix}_`) || belongsElsewhere(variable, prefix)) continue
    // From the right, so that a suffix may hold underscores, and the name of a field too.
    const field = FIELDS.find(candidate => variable.endsWith(`_${candidate}`))
    if (!field) continue
    const suffix = suffixOf(variable.slice(prefix.length, variable.length - field.length))
    if (suffix === undefined) {
      problems.push(`${variable} has a suffix that is not words with single underscores between them, as in ${prefix}_EU_WEST_${field}`)
      continue
    }
    const fields = bySuffix.get(suffix) ?? {}
    fields[field] = { value, variable }
    bySuffix.set(suffix, fields)
  }
  return bySuffix
}

const prefixOf = ({ type }: ProviderRow): string => type.toUpperCase().replaceAll('-', '_')

/** `AZURE_OPENAI_API_KEY` is no suffix of `azure` where there is a type `azure-openai`: the longest type wins. */
function belongsElsewhere(variable: string, prefix: string): boolean {
  return ROWS.map(prefixOf).some(other => other.startsWith(`${prefix}_`) && variable.startsWith(`${other}_`))
}

/** From `_` or `_EU_WEST_`, what stands between type and field, to nothing or `eu-west`. */
function suffixOf(middle: string): string | undefined {
  if (middle === '_') return ''
  const words = /^_([A-Za-z0-9]+(?:_[A-Za-z0-9]+)*)_$/.exec(middle)?.[1]
  return words?.toLowerCase().replaceAll('_', '-')
}

const instanceOf = (row: ProviderRow, suffix: string, fields: Fields): Omit<Instance, 'rank'> => ({
  name: suffix === '' ? row.type : `${row.type}-${suffix}`,
  type: row.type,
  apiKey: fields.API_KEY?.value,
  baseUrl: (fields.BASE_URL?.value ?? row.baseUrl).replace(/\/+$/, ''),
  models: [...new Set((fields.MODELS?.value ?? '').split(',').map(model => model.trim()))].filter(model => model !== ''),
})

function problemsOf({ API_KEY: key, BASE_URL: address }: Fields): string[] {
  const problems: string[] = []
  if (key && !/^[\x21-\x7e]+$/.test(key.value)) problems.push(`${key.variable} must be printable ASCII without spaces`)
  if (!address) return problems
  const url = URL.parse(address.value)
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) problems.push(`${address.variable} must be an http or https URL`)
  else if (url.username || url.password) problems.push(`${address.variable} must be without a user and a password`)
  else if (url.search || url.hash) problems.push(`${address.variable} must be without a query`)
  return problems
}
