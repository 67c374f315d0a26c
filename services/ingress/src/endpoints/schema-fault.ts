import { IsArray, IsObject, IsUnion, type TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'

/** A place in a value, such as `messages[0].role`, and what is wrong there. */
export interface SchemaFault {
  /** Undefined for the value itself. */
  readonly param: string | undefined
  readonly problem: string
}

/**
 * Finds what is wrong with values that are not as their schema wants them. TypeBox tells of everything that is wrong, element by element, which takes
 * it seconds in a list of a million; here it is only shown the first place, and compiled checks find that.
 */
export class SchemaFaults {
  readonly #schema: TSchema
  readonly #compiled = new Map<TSchema, Validator>()

  constructor(schema: TSchema) {
    this.#schema = schema
  }

  firstIn(value: unknown): SchemaFault {
    return this.#first(this.#schema, value, undefined)
  }

  #first(schema: TSchema, value: unknown, param: string | undefined): SchemaFault {
    // None of its kinds would do: the first is what is asked for.
    if (IsUnion(schema)) return this.#first(schema.anyOf[0]!, value, param)
    if (IsArray(schema) && Array.isArray(value)) {
      const items = this.#validator(schema.items)
      const at = value.findIndex(element => !items.Check(element))
      if (at !== -1) return this.#first(schema.items, value[at], `${param ?? ''}[${at}]`)
    }
    if (IsObject(schema) && typeof value === 'object' && value !== null && !Array.isArray(value)) {
      const members = value as Readonly<Record<string, unknown>>
      const named = (name: string) => (param === undefined ? name : `${param}.${name}`)
      const missing = schema.required?.find(name => !Object.hasOwn(members, name))
      if (missing !== undefined) return { param: named(missing), problem: 'is required' }
      const wrong = Object.entries(schema.properties).find(([name, member]) => Object.hasOwn(members, name) && !this.#validator(member).Check(members[name]))
      if (wrong) return this.#first(wrong[1], members[wrong[0]], named(wrong[0]))
    }
    return { param, problem: this.#validator(schema).Errors(value)[0]?.message ?? 'is not valid' }
  }

  /** Made when first wanted: most bodies have no fault. */
  #validator(schema: TSchema): Validator {
    const known = this.#compiled.get(schema)
    if (known) return known
    const made = Compile(schema)
    this.#compiled.set(schema, made)
    return made
  }
}
