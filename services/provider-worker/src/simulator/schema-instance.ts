import { isRecord } from '../providers/usage.ts'
import type { Fields } from './request-fields.ts'

/** A small value that satisfies a JSON Schema, the same each time: types, enums, required members, limits, references. Patterns and conditions are not looked at. */
export const instanceOf = (schema: unknown): unknown => new Instances(schema).of(schema, 'value', 0)

// A schema may refer to itself, or ask for a million items.
const MAX_VALUES = 1000
const MAX_CHARACTERS = 1000
/** Below this depth only what is required is given, and the plainest of several variants. */
const DEEP = 4

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2025-01-01T00:00:00Z',
  date: '2025-01-01',
  time: '00:00:00Z',
  duration: 'P1D',
  email: 'simulated@example.com',
  hostname: 'simulated.example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/simulated',
  uuid: '00000000-0000-4000-8000-000000000000',
}

class Instances {
  readonly #root: unknown
  #left = MAX_VALUES

  constructor(root: unknown) {
    this.#root = root
  }

  /** The name says what a text would be about. */
  of(schema: unknown, name: string, depth: number): unknown {
    if (this.#left-- <= 0 || !isRecord(schema)) return null
    if (schema.const !== undefined) return schema.const
    if (Array.isArray(schema.enum)) return schema.enum[0]
    if (typeof schema.$ref === 'string') return this.of(this.#referred(schema.$ref), name, depth + 1)
    if (Array.isArray(schema.allOf)) return this.of(this.#merged(schema), name, depth)
    const variants = schema.anyOf ?? schema.oneOf
    if (Array.isArray(variants)) return this.of((depth > DEEP && variants.find(isPlain)) || variants[0], name, depth + 1)
    switch (typeOf(schema)) {
      case 'object':
        return this.#object(schema, depth)
      case 'array':
        return this.#array(schema, name, depth)
      case 'integer':
        return numberFor(schema, 1)
      case 'number':
        return numberFor(schema, undefined)
      case 'boolean':
        return true
      case 'null':
        return null
      default:
        return textFor(schema, name)
    }
  }

  #object(schema: Fields, depth: number): unknown {
    const properties = isRecord(schema.properties) ? schema.properties : {}
    const required = requiredBy(schema)
    // A schema that requires nothing would be satisfied by an empty object, of which there is little to see.
    const names = required.length > 0 || depth > DEEP ? required : Object.keys(properties)
    return Object.fromEntries(names.map(name => [name, this.of(properties[name] ?? {}, name, depth + 1)]))
  }

  #array(schema: Fields, name: string, depth: number): unknown[] {
    const first: unknown[] = Array.isArray(schema.prefixItems) ? schema.prefixItems : []
    const wanted = Math.max(first.length, limit(schema.minItems) ?? 1)
    const length = Math.min(wanted, limit(schema.maxItems) ?? Infinity, MAX_VALUES)
    const items: unknown[] = []
    // Numbered, as items often have to differ.
    for (let index = 0; index < length; index++) items.push(this.of(first[index] ?? schema.items ?? {}, length > 1 ? `${name} ${index + 1}` : name, depth + 1))
    return items
  }

  #referred(reference: string): unknown {
    const steps = reference.split('/').slice(1).map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    return steps.reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), this.#root)
  }

  #merged({ allOf, ...rest }: Fields): Fields {
    const parts = [rest, ...(allOf as unknown[])].map(part => (isRecord(part) && typeof part.$ref === 'string' ? this.#referred(part.$ref) : part)).filter(isRecord)
    return Object.assign({}, ...parts, { properties: Object.assign({}, ...parts.map(part => part.properties)), required: [...new Set(parts.flatMap(requiredBy))] }) as Fields
  }
}

const requiredBy = ({ required }: Fields): string[] => (Array.isArray(required) ? required.filter(name => typeof name === 'string') : [])

/** Of several types the first that is not null. */
function typeOf({ type, properties, items }: Fields): unknown {
  if (Array.isArray(type)) return type.find(one => one !== 'null') ?? type[0]
  return type ?? (properties !== undefined ? 'object' : items !== undefined ? 'array' : 'string')
}

const isPlain = (schema: unknown): boolean => isRecord(schema) && (schema.const !== undefined || schema.enum !== undefined || ['string', 'number', 'integer', 'boolean', 'null'].includes(String(schema.type)))

function numberFor(schema: Fields, whole: number | undefined): number {
  const least = limit(schema.minimum) ?? -Infinity
  const most = limit(schema.maximum) ?? Infinity
  const above = limit(schema.exclusiveMinimum) ?? -Infinity
  const below = limit(schema.exclusiveMaximum) ?? Infinity
  const step = limit(schema.multipleOf) ?? whole
  const fits = (value: number): boolean => value >= least && value <= most && value > above && value < below
  const low = Math.max(least, above)
  const high = Math.min(most, below)
  const tries = [1, 0, low, low + (step ?? 1), high, high - (step ?? 1), (low + high) / 2].filter(Number.isFinite)
  return tries.flatMap(value => (step === undefined ? [value] : [Math.ceil(value / step) * step, Math.floor(value / step) * step])).find(fits) ?? 1
}

function textFor({ format, minLength, maxLength }: Fields, name: string): string {
  const said = FORMATS[String(format)] ?? `simulated ${name}`
  return said.padEnd(Math.min(limit(minLength) ?? 0, MAX_CHARACTERS), '.').slice(0, limit(maxLength))
}

const limit = (value: unknown): number | undefined => (typeof value === 'number' && Number.isFinite(value) ? value : undefined)
