import type { Environment } from '@gomodel/service'
import { type ProviderRow, ROWS } from './providers/rows.ts'

/** What may be said of an instance by a variable of its own. */
export type Field = 'API_KEY' | 'BASE_URL' | 'MODELS' | 'API_VERSION'

/** A value, and the variable or place in the file that said it. */
export interface Said {
  readonly value: string
  readonly by: string
}

/** What the variables of one instance say. */
export interface Spoken {
  readonly row: ProviderRow
  /** Empty for the instance that has its type's own name. */
  readonly suffix: string
  readonly said: Partial<Record<Field, Said>>
  readonly problems: readonly string[]
}

const FIELDS: readonly Field[] = ['API_KEY', 'BASE_URL', 'MODELS']

/** What an environment says of instances: `<TYPE>[_SUFFIX]_{API_KEY,BASE_URL,MODELS}` and, for Azure, `…_API_VERSION`. */
export function spokenInstances(environment: Environment): { readonly spoken: readonly Spoken[]; readonly problems: readonly string[] } {
  const problems: string[] = []
  const spoken = ROWS.flatMap(row => {
    const bySuffix = new Map<string, Spoken & { readonly problems: string[] }>()
    for (const [variable, text = ''] of Object.entries(environment)) {
      if (text.trim() === '' || !belongsTo(row, variable)) continue
      const read = fieldOf(row, variable)
      if (!read) continue
      if (read.suffix === undefined) {
        problems.push(`${variable} has a suffix that is not words with single underscores between them, as in ${prefixOf(row)}_EU_WEST_${read.field}`)
        continue
      }
      const one = bySuffix.get(read.suffix) ?? { row, suffix: read.suffix, said: {}, problems: [] }
      const before = one.said[read.field]
      if (before) one.problems.push(`${before.by} and ${variable} say the same of one instance`)
      one.said[read.field] = { value: text.trim(), by: variable }
      bySuffix.set(read.suffix, one)
    }
    return [...bySuffix.keys()].sort().flatMap(suffix => bySuffix.get(suffix) ?? [])
  })
  return { spoken, problems }
}

/** What the variables of a type begin with. */
export const prefixOf = ({ type }: ProviderRow): string => type.toUpperCase().replaceAll('-', '_')

/** `AZURE_OPENAI_API_KEY` is no suffix of `azure` where there is a type `azure-openai`: the longest type wins. */
function belongsTo(row: ProviderRow, variable: string): boolean {
  const prefix = prefixOf(row)
  return variable.startsWith(`${prefix}_`) && !ROWS.map(prefixOf).some(other => other.startsWith(`${prefix}_`) && variable.startsWith(`${other}_`))
}

/** The field is read from the right, so that a suffix may hold underscores, and the name of a field too. */
function fieldOf(row: ProviderRow, variable: string): { field: Field; suffix: string | undefined } | undefined {
  const fields: readonly Field[] = row.type === 'azure' ? [...FIELDS, 'API_VERSION'] : FIELDS
  const field = fields.find(candidate => variable.endsWith(`_${candidate}`))
  return field && { field, suffix: suffixOf(variable.slice(prefixOf(row).length, variable.length - field.length)) }
}

/** From `_` or `_EU_WEST_`, what stands between type and field, to nothing or `eu-west`. */
function suffixOf(middle: string): string | undefined {
  if (middle === '_') return ''
  const words = /^_([A-Za-z0-9]+(?:_[A-Za-z0-9]+)*)_$/.exec(middle)?.[1]
  return words?.toLowerCase().replaceAll('_', '-')
}
