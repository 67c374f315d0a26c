/** What the hub has beyond OpenAI's own chat, where a provider takes it. `cache_control` is of parts and tools, `extra_content` of tool calls. */
export type Extension = 'top_k' | 'cache_control' | 'extra_content' | 'reasoning_content'

/** What becomes of a choice of tool that the provider does not know. */
export interface ToolChoiceRules {
  /** What is said for `required`; null says nothing. */
  readonly required?: string | null
  /** What is said for one function by name, and whether the other tools are held back so that it means the same. */
  readonly named?: { readonly say: string | null; readonly alone: boolean }
  /** There is no word for `none`: the tools are held back. */
  readonly none?: 'no tools'
}

/** What a provider does with the parameters of a request. Everything that no rule names passes as it is. */
export interface Rules {
  /** It has nothing of the kind: ignored or refused. */
  readonly drop?: readonly string[]
  /** Refused, and what it asks for happens anyway: left out without a note. */
  readonly omit?: readonly string[]
  /** It knows the same thing by another name. */
  readonly rename?: Readonly<Record<string, string>>
  /** The one value that it takes; the request is refused with any other, which would change its meaning. */
  readonly only?: Readonly<Record<string, number>>
  /** A number outside of its range becomes the nearest in it. */
  readonly clamp?: Readonly<Record<string, readonly [least: number, most: number]>>
  /** Its words for some values. */
  readonly values?: Readonly<Record<string, Readonly<Record<string, string>>>>
  /** The efforts that it knows: the nearest stands for another one, of two the higher. */
  readonly efforts?: readonly string[]
  /** Its thinking is turned on and off by `thinking.type`: the efforts that turn it off, and whether it knows efforts besides. */
  readonly thinkingSwitch?: { readonly off: readonly string[]; readonly degrees: boolean }
  readonly toolChoice?: ToolChoiceRules
  /** How many stop sequences it takes, as a list. */
  readonly stops?: number
  /** It cannot be held to a schema: it is told of it, and held to JSON. */
  readonly jsonSchema?: 'told'
  /** Its names of roles. */
  readonly roles?: Readonly<Record<string, string>>
  /** Fields of messages that it refuses. */
  readonly messageFields?: readonly string[]
  /** Fields of `tools[].function` that it refuses. */
  readonly functionFields?: readonly string[]
  /** Ids of tool calls are nine letters and digits: others are mapped to such, the same to the same. */
  readonly toolIds?: 'nine characters'
  /** Whether it wants a model's thoughts back in `reasoning_content`: never, of turns with tool calls only, or of every turn. */
  readonly thoughts?: 'never' | 'with calls' | 'always'
  /** Not for a request where a parameter, or its `type`, has this value. */
  readonly unless?: { readonly param: string; readonly is: string }
  /** For clients of other dialects: what it takes of what the hub has beyond OpenAI. */
  readonly takes?: readonly Extension[]
  /** For clients of other dialects: the formats of `reasoning_details` that it takes back. */
  readonly details?: RegExp
  /** For clients of other dialects: what is said besides, so that thoughts come apart from the text. */
  readonly add?: Readonly<Record<string, unknown>>
}

/** Rules for the models whose id matches, or for all. */
export interface ModelRules extends Rules {
  readonly models?: RegExp
}
