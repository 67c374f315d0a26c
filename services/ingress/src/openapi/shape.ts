/** The parts of an OpenAPI 3.1 document that are used here. */
export interface Operation {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description: string
  /** Left out where the document's own applies: a key. */
  readonly security?: readonly []
  readonly parameters?: readonly (Parameter | Reference)[]
  readonly requestBody?: { readonly required: true; readonly content: Content }
  /** By status. */
  readonly responses: Readonly<Record<string, Response>>
}

/** The operations of one path. */
export type PathItem = Readonly<Partial<Record<'get' | 'post' | 'put' | 'patch' | 'delete' | 'options', Operation>>>

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required?: true
  readonly description: string
  readonly schema: object
  readonly example?: string
}

export interface Response {
  readonly description: string
  readonly headers?: Readonly<Record<string, Reference>>
  readonly content: Content
}

export interface Header {
  readonly description: string
  readonly schema: object
}

export interface Example {
  readonly summary: string
  readonly value: unknown
}

/** By media type. */
export type Content = Readonly<Record<string, { readonly schema: object; readonly example?: unknown; readonly examples?: Readonly<Record<string, Example | Reference>> }>>

export interface Reference {
  readonly $ref: string
}

/** A pointer to what the document defines once. */
export const reference = (kind: 'schemas' | 'parameters' | 'headers' | 'examples', name: string): Reference => ({ $ref: `#/components/${kind}/${name}` })

/** References to headers of an answer, by their names. */
export const headersNamed = (...names: string[]): Record<string, Reference> => Object.fromEntries(names.map(name => [name, reference('headers', name)]))
