import { GatewayError } from '@gomodel/contracts'
import type { Changes } from '../../hub/changes.ts'
import { isRecord } from '../usage.ts'
import { type Fields, record } from './fields.ts'

// What Gemini reads of a JSON schema, by its reference; anything else it would pass over in silence.
const KEPT: ReadonlySet<string> = new Set([
  'type', 'format', 'title', 'description', 'enum', 'nullable', 'default', 'example', 'minLength', 'maxLength', 'pattern',
  'minimum', 'maximum', 'minItems', 'maxItems', 'minProperties', 'maxProperties', 'required', 'propertyOrdering',
])
// They name or explain a schema. Once references are inlined nobody asks for them.
const NAMING: ReadonlySet<string> = new Set(['$schema', '$id', '$anchor', '$comment', '$defs', 'definitions'])
// References inlined again and again can make a small schema grow without end; Gemini itself refuses far smaller ones.
const MAX_NODES = 10_000
const MAX_DEPTH = 100

const SAYS_NOTHING: Readonly<Record<string, ((value: unknown) => boolean) | undefined>> = {
  type: value => value === 'object',
  properties: value => isEmpty(value),
  required: value => isEmpty(value),
  additionalProperties: value => value === false,
}

/** A JSON schema in the words that Gemini reads, references inlined; `param` is its path in the request. Every keyword that is lost is noted once. */
export function schemaOf(schema: Fields, param: string, changes: Changes): Fields {
  return new Conversion(schema, param, changes).run()
}

/** A schema that allows an object and says nothing of it: Gemini wants none instead. */
export const saysNothing = (schema: Fields): boolean => Object.entries(schema).every(([keyword, value]) => SAYS_NOTHING[keyword]?.(value) === true)

interface Where {
  readonly path: string
  readonly depth: number
  /** The references that are being inlined here. */
  readonly within: readonly string[]
}

class Conversion {
  readonly #root: Fields
  readonly #param: string
  readonly #changes: Changes
  readonly #noted = new Set<string>()
  #nodes = 0

  constructor(root: Fields, param: string, changes: Changes) {
    this.#root = root
    this.#param = param
    this.#changes = changes
  }

  run(): Fields {
    return this.#converted(this.#root, { path: this.#param, depth: 0, within: [] })
  }

  #converted(schema: unknown, where: Where): Fields {
    if (++this.#nodes > MAX_NODES || where.depth > MAX_DEPTH) throw this.#refusal('is too large once its references are inlined')
    const own = record(schema)
    if (!own) return {}
    const { $ref: reference, allOf, ...rest } = own
    const parts = typeof reference === 'string' ? [this.#inlined(reference, where)] : []
    if (Array.isArray(allOf)) parts.push(...this.#list(allOf, where, 'allOf'))
    const said = Object.fromEntries(Object.entries(rest).flatMap(([keyword, value]) => this.#keyword(keyword, value, where)))
    if (parts.length === 0) return said
    if (parts.length > 1) this.#note('allOf', where, 'one schema of all')
    return [...parts, said].reduce(merged, {})
  }

  #keyword(keyword: string, value: unknown, where: Where): [string, unknown][] {
    const below = (name: string): Where => ({ ...where, path: `${where.path}.${name}`, depth: where.depth + 1 })
    switch (keyword) {
      case 'properties':
        return [[keyword, Object.fromEntries(Object.entries(record(value) ?? {}).map(([name, property]) => [name, this.#converted(property, below(`properties.${name}`))]))]]
      case 'items':
        return [[keyword, this.#converted(value, below(keyword))]]
      case 'additionalProperties':
        return [[keyword, isRecord(value) ? this.#converted(value, below(keyword)) : value]]
      case 'anyOf':
      case 'prefixItems':
        return [[keyword, this.#list(value, where, keyword)]]
      case 'oneOf':
        this.#note(keyword, where, 'anyOf')
        return [['anyOf', this.#list(value, where, keyword)]]
      case 'const':
        return [['enum', [value]]]
    }
    if (KEPT.has(keyword)) return [[keyword, value]]
    if (!NAMING.has(keyword)) this.#note(keyword, where)
    return []
  }

  #list(schemas: unknown, where: Where, keyword: string): Fields[] {
    const list: unknown[] = Array.isArray(schemas) ? schemas : []
    return list.map((schema, place) => this.#converted(schema, { ...where, path: `${where.path}.${keyword}[${place}]`, depth: where.depth + 1 }))
  }

  #inlined(reference: string, where: Where): Fields {
    const target = reference === '#' ? this.#root : reference.startsWith('#/') ? at(this.#root, reference) : undefined
    if (target === undefined) throw this.#refusal(`refers to ${reference.slice(0, 200)}, which is not in it`)
    if (!where.within.includes(reference)) return this.#converted(target, { ...where, depth: where.depth + 1, within: [...where.within, reference] })
    // What contains itself ends here, with as much as can be said in one word.
    this.#note('$ref', where)
    const type = record(target)?.type
    return type === undefined ? {} : { type }
  }

  #note(keyword: string, { path }: Where, to?: string): void {
    if (this.#noted.has(keyword)) return
    this.#noted.add(keyword)
    if (to === undefined) this.#changes.dropped(`${path}.${keyword}`)
    else this.#changes.emulated(`${path}.${keyword}`, to)
  }

  #refusal(what: string): GatewayError {
    return new GatewayError('invalid_request', `${this.#param} ${what}`, { param: this.#param })
  }
}

/** What a pointer like `#/$defs/address` points to. */
function at(root: Fields, pointer: string): unknown {
  let value: unknown = root
  for (const step of pointer.slice(2).split('/')) {
    const name = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(value)) value = (value as unknown[])[Number(name)]
    else value = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined
  }
  return value
}

function decoded(step: string): string {
  try {
    return decodeURIComponent(step)
  } catch {
    return step
  }
}

/** Both at once: what one says anew counts, but for the members of an object, of which all do. */
function merged(some: Fields, more: Fields): Fields {
  const properties = { ...record(some.properties), ...record(more.properties) }
  const required = [...new Set([...list(some.required), ...list(more.required)])]
  return { ...some, ...more, ...(isEmpty(properties) ? {} : { properties }), ...(required.length > 0 && { required }) }
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : [])

const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0
