import { Type, type Static, type TSchema } from 'typebox'

const optional = <T extends TSchema>(schema: T, description: string) => Type.Optional(Type.Union([schema, Type.Null()], { description }))

const Token = Type.Integer({ minimum: 0 })

/** What the gateway reads of a request for embeddings. Every other field rides along untouched. */
export const EmbeddingsRequest = Type.Object({
  model: Type.String({ minLength: 1, description: 'A model as `GET /v1/models` lists it, `instance/model`; or its bare name.' }),
  input: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 }), Type.Array(Token, { minItems: 1 }), Type.Array(Type.Array(Token, { minItems: 1 }), { minItems: 1 })], {
    description: 'A text, several texts, or the same as token numbers where the provider takes them.',
  }),
  encoding_format: optional(Type.Enum(['float', 'base64']), '`base64`: little-endian 32-bit floats, which is what OpenAI’s own clients ask for.'),
  dimensions: optional(Type.Integer({ minimum: 1 }), 'How long the vectors shall be, where the model leaves a choice.'),
  user: optional(Type.String(), 'Who asks.'),
})
export type EmbeddingsRequest = Static<typeof EmbeddingsRequest>

/** Vectors, in the order of the input. */
export const EmbeddingsAnswer = Type.Object({
  object: Type.Literal('list'),
  data: Type.Array(Type.Object({ object: Type.Literal('embedding'), index: Type.Integer({ minimum: 0 }), embedding: Type.Union([Type.Array(Type.Number()), Type.String()]) })),
  model: Type.String(),
  usage: Type.Optional(Type.Object({ prompt_tokens: Type.Integer({ minimum: 0 }), total_tokens: Type.Integer({ minimum: 0 }) })),
})
