import { Type } from 'typebox'
import { CacheControl } from '../../hub/hub.ts'
import { orNull, reader } from './reader.ts'

const cache = { cache_control: orNull(CacheControl) }
const MediaType = Type.String({ pattern: '^[a-z]+/[A-Za-z0-9.+-]+$' })
const JsonFormat = Type.Object({ type: Type.Literal('json_schema'), schema: Type.Object({}) })

/** What is read of a Messages request; content is read block by block, since a union would say of a wrong one only that it matches nothing. */
export const readRequest = reader(
  Type.Object({
    model: Type.String(),
    max_tokens: orNull(Type.Integer({ minimum: 0 })),
    messages: Type.Array(Type.Object({ role: Type.Enum(['user', 'assistant', 'system']), content: Type.Unknown() }), { minItems: 1 }),
    system: Type.Optional(Type.Unknown()),
    stop_sequences: orNull(Type.Array(Type.String())),
    temperature: orNull(Type.Number()),
    top_p: orNull(Type.Number()),
    top_k: orNull(Type.Integer()),
    metadata: orNull(Type.Object({ user_id: orNull(Type.String()) })),
    thinking: orNull(Type.Object({ type: Type.String(), budget_tokens: orNull(Type.Number()), display: orNull(Type.String()) })),
    output_config: orNull(Type.Object({ effort: orNull(Type.String()), format: orNull(JsonFormat) })),
    output_format: orNull(JsonFormat),
    tools: orNull(Type.Array(Type.Object({ type: orNull(Type.String()) }))),
    tool_choice: orNull(Type.Object({ type: Type.Enum(['auto', 'any', 'tool', 'none']), disable_parallel_tool_use: orNull(Type.Boolean()) })),
  }),
)

export type MessagesRequest = ReturnType<typeof readRequest>

export const readTool = reader(
  Type.Object({ name: Type.String({ minLength: 1 }), description: orNull(Type.String()), input_schema: Type.Object({}), strict: orNull(Type.Boolean()), ...cache }),
)

/** A choice of type `tool`. */
export const readNamedTool = reader(Type.Object({ name: Type.String({ minLength: 1 }) }))

export const readBlocks = reader(Type.Array(Type.Object({ type: Type.String() })))

export const readText = reader(Type.Object({ text: Type.String(), ...cache }))
export const readSourced = reader(
  Type.Object({
    source: Type.Object({ type: Type.String() }),
    title: orNull(Type.String()),
    context: orNull(Type.String()),
    citations: orNull(Type.Object({ enabled: orNull(Type.Boolean()) })),
    ...cache,
  }),
)
export const readToolUse = reader(Type.Object({ id: Type.String({ minLength: 1 }), name: Type.String({ minLength: 1 }), input: Type.Unknown() }))
export const readToolResult = reader(Type.Object({ tool_use_id: Type.String({ minLength: 1 }), is_error: orNull(Type.Boolean()), ...cache }))
export const readThinking = reader(Type.Object({ thinking: Type.String(), signature: orNull(Type.String()) }))
export const readRedactedThinking = reader(Type.Object({ data: Type.String() }))

/** The ways in which an image or a document is given. */
export const readBase64 = reader(Type.Object({ media_type: MediaType, data: Type.String() }))
export const readUrl = reader(Type.Object({ url: Type.String({ minLength: 1 }) }))
export const readFileId = reader(Type.Object({ file_id: Type.String({ minLength: 1 }) }))
export const readPlainText = reader(Type.Object({ data: Type.String() }))
