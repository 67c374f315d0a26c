import { GatewayError } from '@gomodel/contracts'
import { Type, type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { AudioPart, FilePart, type HubRequest, ImagePart, ReasoningDetail, RefusalPart, TextPart, ToolCall } from './hub.ts'

const orNull = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))

const PARTS: Readonly<Record<string, TSchema>> = { text: TextPart, image_url: ImagePart, input_audio: AudioPart, file: FilePart, refusal: RefusalPart }

// Parts are checked one by one below: a union would say of a wrong one only that it matches nothing.
const Message = Type.Object({
  role: Type.String(),
  content: orNull(Type.Union([Type.String(), Type.Array(Type.Object({ type: Type.String() }))])),
  name: orNull(Type.String()),
  refusal: orNull(Type.String()),
  tool_calls: orNull(Type.Array(ToolCall)),
  tool_call_id: Type.Optional(Type.String()),
  reasoning_content: orNull(Type.String()),
  reasoning_details: orNull(Type.Array(ReasoningDetail)),
})

const Tool = Type.Object({
  type: Type.Literal('function'),
  function: Type.Object({ name: Type.String({ minLength: 1 }), description: Type.Optional(Type.String()), parameters: Type.Optional(Type.Object({})), strict: orNull(Type.Boolean()) }),
})

const Request = Type.Object({
  model: Type.String(),
  messages: Type.Array(Message, { minItems: 1 }),
  stream: orNull(Type.Boolean()),
  tools: orNull(Type.Array(Tool)),
  tool_choice: orNull(Type.Union([Type.Enum(['auto', 'none', 'required']), Type.Object({ type: Type.Literal('function'), function: Type.Object({ name: Type.String() }) })])),
  parallel_tool_calls: orNull(Type.Boolean()),
  response_format: orNull(
    Type.Union([
      Type.Object({ type: Type.Enum(['text', 'json_object']) }),
      Type.Object({ type: Type.Literal('json_schema'), json_schema: Type.Object({ name: Type.String(), schema: Type.Optional(Type.Object({})) }) }),
    ]),
  ),
  max_tokens: orNull(Type.Integer({ minimum: 0 })),
  max_completion_tokens: orNull(Type.Integer({ minimum: 0 })),
  temperature: orNull(Type.Number()),
  top_p: orNull(Type.Number()),
  top_k: orNull(Type.Number()),
  n: orNull(Type.Integer({ minimum: 1 })),
  stop: orNull(Type.Union([Type.String(), Type.Array(Type.String())])),
  seed: orNull(Type.Integer()),
  frequency_penalty: orNull(Type.Number()),
  presence_penalty: orNull(Type.Number()),
  logit_bias: orNull(Type.Record(Type.String(), Type.Number())),
  logprobs: orNull(Type.Boolean()),
  top_logprobs: orNull(Type.Integer({ minimum: 0 })),
  reasoning_effort: orNull(Type.String()),
  user: orNull(Type.String()),
  thinking: orNull(Type.Object({})),
})

const validator = Compile(Request)
const partValidators = new Map(Object.entries(PARTS).map(([type, schema]) => [type, Compile(schema)]))

/** A chat request that is to be translated: every field that the hub names is of its type. Throws `invalid_request` with the place of the first that is not. */
export function readChat(body: Uint8Array): HubRequest {
  const value = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString()) as unknown
  return checkedChat(value)
}

/** The same for one that was made here from another dialect. */
export function checkedChat(value: unknown): HubRequest {
  if (!validator.Check(value)) throw refusal(validator.Errors(value)[0])
  for (const [at, { content }] of value.messages.entries()) {
    if (!Array.isArray(content)) continue
    for (const [place, part] of content.entries()) {
      const known = partValidators.get(part.type)
      const where = `/messages/${at}/content/${place}`
      if (!known) throw new GatewayError('unsupported', `${pathOf(where)} is of a kind that is not known here: ${part.type.slice(0, 60)}`, { param: pathOf(`${where}/type`) })
      if (!known.Check(part)) throw refusal(known.Errors(part)[0], where)
    }
  }
  return value as unknown as HubRequest
}

/** What the validator of a schema has found. */
export interface Finding {
  readonly instancePath: string
  readonly message: string
  readonly params?: unknown
}

/** The error that names the field at fault; `within` is the JSON pointer to the value that was checked. */
export function refusal(found: Finding | undefined, within = ''): GatewayError {
  const missing = (found?.params as { requiredProperties?: string[] } | undefined)?.requiredProperties?.[0]
  const param = pathOf(`${within}${found?.instancePath ?? ''}${missing === undefined ? '' : `/${missing}`}`)
  return new GatewayError('invalid_request', `${param} ${missing === undefined ? (found?.message ?? 'is not valid') : 'is required'}`, { param })
}

/** `/messages/0/role` as `messages[0].role`. */
export const pathOf = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .map(part => (/^\d+$/.test(part) ? `[${part}]` : `.${part}`))
    .join('')
    .replace(/^\./, '')
