import { Type, type Static, type TSchema } from 'typebox'

const optional = <T extends TSchema>(schema: T, description: string) => Type.Optional(Type.Union([schema, Type.Null()], { description }))

const Message = Type.Object({ role: Type.String({ minLength: 1, description: '`system`, `user`, `assistant`, `tool`, or whatever else the provider knows.' }) })

/** What the gateway reads of a chat completion request. Every other field rides along untouched. */
export const ChatRequest = Type.Object({
  model: Type.String({ minLength: 1, description: 'A model as `GET /v1/models` lists it, `instance/model`; or its bare name, which means the first configured instance that lists it.' }),
  messages: Type.Array(Message, { minItems: 1, description: 'The conversation so far. Of each message only `role` is checked; `content`, `tool_calls` and all else pass untouched.' }),
  stream: optional(Type.Boolean(), 'Answer with server-sent events, piece by piece.'),
  stream_options: optional(Type.Object({ include_usage: optional(Type.Boolean(), 'End the stream with an event that says what was spent.') }), 'Only with `stream`.'),
  n: optional(Type.Integer({ minimum: 1 }), 'How many answers to give.'),
  max_tokens: optional(Type.Integer({ minimum: 0 }), 'The longest answer, in tokens; newer models want `max_completion_tokens`.'),
  max_completion_tokens: optional(Type.Integer({ minimum: 0 }), 'The longest answer, in tokens, reasoning included.'),
  temperature: optional(Type.Number(), 'How much chance is in the choice of words; what range is allowed is up to the model.'),
  top_p: optional(Type.Number(), 'Choose only among the likeliest words that together have this probability.'),
  tools: optional(Type.Array(Type.Object({})), 'Functions that the model may ask to be called.'),
})
export type ChatRequest = Static<typeof ChatRequest>
