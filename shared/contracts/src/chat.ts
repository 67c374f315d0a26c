import { Type, type Static, type TSchema } from 'typebox'

const optional = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))

/** What the gateway reads of a chat completion request. Every other field rides along untouched. */
export const ChatRequest = Type.Object({
  model: Type.String({ minLength: 1 }),
  messages: Type.Array(Type.Object({ role: Type.String({ minLength: 1 }) }), { minItems: 1 }),
  stream: optional(Type.Boolean()),
  stream_options: optional(Type.Object({ include_usage: optional(Type.Boolean()) })),
  n: optional(Type.Integer({ minimum: 1 })),
  max_tokens: optional(Type.Integer({ minimum: 0 })),
  max_completion_tokens: optional(Type.Integer({ minimum: 0 })),
  temperature: optional(Type.Number()),
  top_p: optional(Type.Number()),
  tools: optional(Type.Array(Type.Object({}))),
})
export type ChatRequest = Static<typeof ChatRequest>

/** Tokens of one answer. Parts do not overlap: prompt = uncached + cacheRead, completion = text + reasoning. */
export const Usage = Type.Object({
  inputUncached: Type.Integer({ minimum: 0 }),
  inputCacheRead: Type.Integer({ minimum: 0 }),
  outputText: Type.Integer({ minimum: 0 }),
  outputReasoning: Type.Integer({ minimum: 0 }),
  /** `final`: the provider's closing figure. `partial`: the last running figure of an answer that was cut. */
  source: Type.Enum(['final', 'partial']),
})
export type Usage = Static<typeof Usage>
