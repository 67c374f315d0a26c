import { isRecord } from '../usage.ts'
import { unsupported } from './refusals.ts'

type Schema = Readonly<Record<string, unknown>>

/** A JSON schema as the provider's grammar takes it. */
export interface GrammarSchema {
  readonly schema: Schema
  /** The keywords in whose place a weaker one or a description stands now, each once. */
  readonly replaced: readonly string[]
  /** Some object may have members of any name, which the grammar cannot say: it would allow none. */
  readonly open: boolean
}

const KEPT = new Set(['$schema', '$ref', 'type', 'required', 'enum', 'const', 'title', 'description', 'default'])
const BY_NAME = new Set(['properties', '$defs', 'definitions'])
const LISTS = new Set(['anyOf', 'allOf', 'oneOf'])
const FORMATS = new Set(['date-time', 'time', 'date', 'duration', 'email', 'hostname', 'uri', 'ipv4', 'ipv6', 'uuid'])

/** Rewrites a schema into the keywords that the provider's grammar knows; what it does not know is told the model in words. */
export function grammarSchema(schema: Schema): GrammarSchema {
  const replaced = new Set<string>()
  const open = { found: false }
  return { schema: rewritten(schema, replaced, open), replaced: [...replaced], open: open.found }
}

/** A schema of an object, which is all that a tool can be called with. */
export function objectSchema(schema: Schema, where: string): Schema {
  if (schema.type === 'object') return schema
  if (schema.type === undefined) return { type: 'object', ...schema }
  throw unsupported(where, 'must be the schema of an object')
}

function rewritten(schema: Schema, replaced: Set<string>, open: { found: boolean }): Schema {
  const inner = (value: unknown): unknown => (isRecord(value) ? rewritten(value, replaced, open) : value)
  const kept: Record<string, unknown> = {}
  const hints: string[] = []
  for (const [keyword, value] of Object.entries(schema)) {
    if (BY_NAME.has(keyword) && isRecord(value)) kept[keyword] = Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inner(member)]))
    else if (LISTS.has(keyword) && Array.isArray(value)) kept[keyword === 'oneOf' ? 'anyOf' : keyword] = value.map(inner)
    else if (keyword === 'items' && isRecord(value)) kept[keyword] = inner(value)
    else if (isKept(keyword, value)) kept[keyword] = value
    else if (keyword !== 'additionalProperties') {
      hints.push(`${keyword}: ${JSON.stringify(value)}`)
      replaced.add(keyword)
    }
    if (keyword === 'oneOf') replaced.add(keyword)
  }
  if (isObjectSchema(schema)) {
    open.found ||= (schema.additionalProperties ?? !isRecord(schema.properties)) !== false
    kept.additionalProperties = false
  }
  if (hints.length > 0) kept.description = [schema.description, `(${hints.join(', ')})`].filter(text => typeof text === 'string').join(' ')
  return kept
}

function isKept(keyword: string, value: unknown): boolean {
  if (keyword === 'format') return FORMATS.has(String(value))
  return KEPT.has(keyword) || (keyword === 'minItems' && (value === 0 || value === 1))
}

const isObjectSchema = ({ type, properties }: Schema): boolean => isRecord(properties) || (Array.isArray(type) ? type.includes('object') : type === 'object')
