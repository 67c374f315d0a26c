import { Type, type TSchema } from 'typebox'

/*
 * OpenAI's Responses API as far as the gateway reads it, and as it is told of in the description of the API.
 */

const orNull = <T extends TSchema>(schema: T, description: string) => Type.Optional(Type.Union([schema, Type.Null()], { description }))

const asked = {
  model: Type.String({ minLength: 1, description: 'A model as `GET /v1/models` lists it, `instance/model`; or its bare name, or an alias.' }),
  input: orNull(Type.Union([Type.String(), Type.Array(Type.Object({}))]), 'A text, or a list of items: messages, `function_call`, `function_call_output`, `reasoning`, `item_reference`.'),
  instructions: orNull(Type.String(), 'What the model is told first; not taken over from an earlier response.'),
  previous_response_id: orNull(Type.String(), 'An earlier response whose input and output come before this input.'),
  conversation: Type.Optional(Type.Unknown({ description: 'Only at providers with a Responses API of their own.' })),
  prompt: Type.Optional(Type.Unknown({ description: 'Only at providers with a Responses API of their own.' })),
  tools: orNull(Type.Array(Type.Object({})), 'Functions that the model may ask to be called; other tools only at providers that have them.'),
}

/** What the gateway reads of a request for a response; the rest is for the provider, or for the translation to its chat. */
export const ResponsesRequest = Type.Object({
  ...asked,
  stream: orNull(Type.Boolean(), 'Answer with server-sent events, piece by piece.'),
  store: orNull(Type.Boolean(), 'Keep the response, so that it can be fetched and gone on from; true unless told otherwise.'),
  background: orNull(Type.Boolean(), 'Answer at once and go on working; only at providers that can.'),
})

/** What it reads of a request to count the tokens of one. */
export const InputTokensRequest = Type.Object(asked)

export const InputTokens = Type.Object({ object: Type.Literal('response.input_tokens'), input_tokens: Type.Integer({ minimum: 0, description: 'The tokens of the request: instructions, input and tools.' }) })

/** A whole response. */
export const ResponseObject = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('response'),
    created_at: Type.Number({ description: 'When it was begun, in seconds since 1970; 0 when the provider does not say.' }),
    status: Type.String({ description: '`completed` or `incomplete`; in the background also `queued`, `in_progress`, `failed` or `cancelled`.' }),
    model: Type.String({ description: 'As the provider names it.' }),
    output: Type.Array(Type.Object({ type: Type.String() }), { description: 'What the model thought, said and called, in its order: `reasoning`, `message`, `function_call`.' }),
    usage: Type.Optional(
      Type.Union([
        Type.Object({ input_tokens: Type.Integer({ minimum: 0 }), output_tokens: Type.Integer({ minimum: 0 }), total_tokens: Type.Integer({ minimum: 0 }) }, { description: 'What was spent.' }),
        Type.Null(),
      ]),
    ),
  },
  { description: 'An answer in the shape of OpenAI’s Responses API. Fields that are not listed here are there too.' },
)

export const DeletedResponse = Type.Object({ id: Type.String(), object: Type.String(), deleted: Type.Boolean() })

export const InputItems = Type.Object({
  object: Type.Literal('list'),
  data: Type.Array(Type.Object({ type: Type.String() })),
  first_id: Type.Union([Type.String(), Type.Null()]),
  last_id: Type.Union([Type.String(), Type.Null()]),
  has_more: Type.Boolean(),
})
