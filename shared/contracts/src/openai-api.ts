import { Type, type TSchema } from 'typebox'

const nullable = <T extends TSchema>(schema: T, description: string) => Type.Union([schema, Type.Null()], { description })
const orAbsent = <T extends TSchema>(schema: T, description: string) => Type.Optional(nullable(schema, description))

const unixSeconds = (description: string) => Type.Integer({ minimum: 0, description: `${description}, in seconds since 1970.` })

const TokenUsage = Type.Object(
  {
    prompt_tokens: Type.Integer({ minimum: 0 }),
    completion_tokens: Type.Integer({ minimum: 0 }),
    total_tokens: Type.Integer({ minimum: 0 }),
  },
  { description: 'What was spent, as the provider counts it. Providers add details of their own.' },
)

const finishReason = nullable(Type.String(), '`stop`, `length`, `tool_calls`, `content_filter`, or a word of the provider.')

const ToolCall = Type.Object({
  id: Type.String(),
  type: Type.Literal('function'),
  function: Type.Object({
    name: Type.String(),
    arguments: Type.String({ description: 'JSON as the model wrote it; it need not be valid.' }),
  }),
})

/** A whole answer, as the provider gave it: fields that are not named here are there too. */
export const ChatCompletion = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('chat.completion'),
    created: unixSeconds('When the answer was made'),
    model: Type.String({ description: 'The model as the provider names it.' }),
    choices: Type.Array(
      Type.Object({
        index: Type.Integer({ minimum: 0 }),
        message: Type.Object({
          role: Type.Literal('assistant'),
          content: orAbsent(Type.String(), 'The text; null when the answer is tool calls.'),
          refusal: orAbsent(Type.String(), 'Why the model would not answer.'),
          tool_calls: orAbsent(Type.Array(ToolCall), 'Functions that the model wants called.'),
        }),
        finish_reason: finishReason,
      }),
    ),
    usage: orAbsent(TokenUsage, 'What was spent.'),
  },
  { description: 'A whole answer, as the provider gave it. Fields that are not listed here pass too.' },
)

const ToolCallDelta = Type.Object({
  index: Type.Optional(Type.Integer({ minimum: 0, description: 'Which of the tool calls this belongs to.' })),
  id: orAbsent(Type.String(), 'In the first piece of a call.'),
  type: orAbsent(Type.String(), '`function`, in the first piece of a call.'),
  function: Type.Optional(
    Type.Object({
      name: orAbsent(Type.String(), 'In the first piece of a call.'),
      arguments: orAbsent(Type.String(), 'The next piece of the arguments.'),
    }),
  ),
})

/** One event of a streamed answer, as the provider gave it. */
export const ChatCompletionChunk = Type.Object(
  {
    id: Type.String(),
    object: Type.Literal('chat.completion.chunk'),
    created: unixSeconds('When the answer was begun'),
    model: Type.String({ description: 'The model as the provider names it.' }),
    choices: Type.Array(
      Type.Object({
        index: Type.Integer({ minimum: 0 }),
        delta: Type.Object({
          role: orAbsent(Type.String(), 'In the first piece.'),
          content: orAbsent(Type.String(), 'The next piece of the text.'),
          refusal: orAbsent(Type.String(), 'The next piece of a refusal.'),
          tool_calls: orAbsent(Type.Array(ToolCallDelta), 'The next pieces of tool calls.'),
        }),
        finish_reason: Type.Optional(finishReason),
      }),
      { description: 'Empty in the event that only carries usage.' },
    ),
    usage: orAbsent(TokenUsage, 'In the last event, when `stream_options.include_usage` asked for it.'),
  },
  { description: 'The data of one event of a stream, as the provider gave it. Fields that are not listed here pass too.' },
)

/** One model that an instance serves. */
export const Model = Type.Object(
  {
    id: Type.String({ description: 'The qualified name `instance/model`, to be sent as `model`.' }),
    object: Type.Literal('model'),
    created: unixSeconds('When the model was made, or 0 when its provider does not say'),
    owned_by: Type.String(),
  },
  { description: 'A model that can be asked now.' },
)

/** Every model that can be asked now. */
export const ModelList = Type.Object({ object: Type.Literal('list'), data: Type.Array(Model) }, { description: 'Every model that can be asked now.' })

/** What a caller is told of a failure: always these four fields. */
export const ErrorReply = Type.Object(
  {
    error: Type.Object(
      {
        message: Type.String({ description: 'What is wrong, for a person to read.' }),
        type: Type.String({ description: 'The family of the error.' }),
        param: nullable(Type.String(), 'The field of the request that is at fault, as a path such as `messages[0].role`.'),
        code: Type.String({ description: 'What went wrong, for a program to read: a code of the gateway, or that of the provider where the caller can act on it.' }),
      },
      { additionalProperties: false },
    ),
  },
  { description: 'An error in the shape of the OpenAI API: always these four fields.', additionalProperties: false },
)
