import { Type } from 'typebox'

/*
 * Anthropic's Messages API as far as the gateway reads it, and as it is told of in the description of the API.
 */

const Turn = Type.Object({
  role: Type.String({ minLength: 1, description: '`user` or `assistant`.' }),
  content: Type.Unknown({ description: 'A text, or a list of blocks: `text`, `image`, `document`, `tool_use`, `tool_result`, `thinking`.' }),
})

const asked = {
  model: Type.String({ minLength: 1, description: 'A model as `GET /v1/models` lists it, `instance/model`; or its bare name, or an alias.' }),
  messages: Type.Array(Turn, { minItems: 1, description: 'The conversation so far.' }),
}

/** What the gateway reads of a Messages request; the rest is for the provider, or for the translation to it. */
export const MessagesRequest = Type.Object({
  ...asked,
  max_tokens: Type.Integer({ minimum: 0, description: 'The longest answer, in tokens, thinking included.' }),
  stream: Type.Optional(Type.Union([Type.Boolean(), Type.Null()], { description: 'Answer with server-sent events, piece by piece.' })),
})

/** What it reads of a request to count the tokens of one. */
export const CountTokensRequest = Type.Object(asked)

export const TokenCount = Type.Object({ input_tokens: Type.Integer({ minimum: 0, description: 'The tokens of the request: system, messages and tools.' }) })

/** A whole answer. */
export const Message = Type.Object(
  {
    id: Type.String(),
    type: Type.Literal('message'),
    role: Type.Literal('assistant'),
    model: Type.String({ description: 'As the provider names it.' }),
    content: Type.Array(Type.Object({ type: Type.String() }), { description: 'Blocks: `thinking`, `text` and `tool_use`.' }),
    stop_reason: Type.Union([Type.String(), Type.Null()], { description: '`end_turn`, `max_tokens`, `stop_sequence`, `tool_use` or `refusal`.' }),
    stop_sequence: Type.Union([Type.String(), Type.Null()]),
    usage: Type.Object({
      input_tokens: Type.Integer({ minimum: 0, description: 'What went in and was in no cache.' }),
      cache_creation_input_tokens: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])),
      cache_read_input_tokens: Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()])),
      output_tokens: Type.Integer({ minimum: 0, description: 'All that came out, thinking included.' }),
    }),
  },
  { description: 'An answer in the shape of Anthropic’s API.' },
)

export const MessagesErrorReply = Type.Object(
  {
    type: Type.Literal('error'),
    error: Type.Object({ type: Type.String({ description: 'The family of the error.' }), message: Type.String({ description: 'What is wrong, for a person to read.' }) }, { additionalProperties: false }),
    request_id: Type.String({ description: 'The name of the request in logs and traces.' }),
  },
  { description: 'An error in the shape of Anthropic’s API.', additionalProperties: false },
)
