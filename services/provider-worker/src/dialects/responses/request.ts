import { Type, type Static, type TSchema } from 'typebox'
import type { Changes } from '../../hub/changes.ts'
import { checked, shape, unsupported } from './field-check.ts'

const orNull = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))

const Format = Type.Object({
  type: Type.Enum(['text', 'json_object', 'json_schema']),
  name: Type.Optional(Type.String()),
  description: orNull(Type.String()),
  schema: orNull(Type.Object({})),
  strict: orNull(Type.Boolean()),
})

const Request = Type.Object({
  model: Type.String(),
  input: orNull(Type.Union([Type.String(), Type.Array(Type.Object({}))])),
  instructions: orNull(Type.String()),
  tools: orNull(Type.Array(Type.Object({ type: Type.String() }))),
  tool_choice: orNull(Type.Union([Type.Enum(['auto', 'none', 'required']), Type.Object({ type: Type.String() })])),
  parallel_tool_calls: orNull(Type.Boolean()),
  max_output_tokens: orNull(Type.Integer({ minimum: 1 })),
  temperature: orNull(Type.Number()),
  top_p: orNull(Type.Number()),
  text: orNull(Type.Object({ format: orNull(Format), verbosity: orNull(Type.String()) })),
  reasoning: orNull(Type.Object({ effort: orNull(Type.String()) })),
  top_logprobs: orNull(Type.Integer({ minimum: 0 })),
  include: orNull(Type.Array(Type.String())),
  metadata: orNull(Type.Record(Type.String(), Type.String())),
  user: orNull(Type.String()),
  safety_identifier: orNull(Type.String()),
  prompt_cache_key: orNull(Type.String()),
  prompt_cache_retention: orNull(Type.String()),
  service_tier: orNull(Type.String()),
  truncation: orNull(Type.String()),
  stream: orNull(Type.Boolean()),
  stream_options: orNull(Type.Object({ include_obfuscation: orNull(Type.Boolean()) })),
  store: orNull(Type.Boolean()),
  background: orNull(Type.Boolean()),
  max_tool_calls: orNull(Type.Integer({ minimum: 0 })),
  previous_response_id: orNull(Type.String()),
  conversation: Type.Optional(Type.Unknown()),
  prompt: Type.Optional(Type.Unknown()),
})

/** A request of the Responses API as far as a chat can answer it. */
export type ResponsesRequest = Static<typeof Request>

const REQUEST = shape(Request)
/** Of `reasoning`. Whatever summary there is is shown: who leaves it to the provider loses nothing. */
const isRead = (field: string, value: unknown): boolean => field === 'effort' || (field === 'summary' && value === 'auto')
const ENCRYPTED = 'reasoning.encrypted_content'
const LOGPROBS = 'message.output_text.logprobs'
/** What is in every answer here, or says nothing of one that a chat gave. */
const INCLUDED_ANYWAY = new Set([ENCRYPTED, LOGPROBS, 'message.input_image.image_url'])

/** Reads a request; what no chat can do is refused by its name, and what is left out is noted. */
export function readRequest(body: Uint8Array, changes: Changes): ResponsesRequest {
  const value: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString())
  const request = checked(REQUEST, value, { at: '', changes })
  refuseState(request)
  for (const [field, said] of Object.entries(request.reasoning ?? {})) if (given(said) && !isRead(field, said)) changes.dropped(`reasoning.${field}`)
  for (const [index, wanted] of (request.include ?? []).entries()) if (!INCLUDED_ANYWAY.has(wanted)) changes.dropped(`include[${index}]`)
  if (given(request.max_tool_calls)) changes.dropped('max_tool_calls')
  if (given(request.truncation) && request.truncation !== 'disabled') changes.dropped('truncation')
  if (request.stream_options?.include_obfuscation === true) changes.dropped('stream_options.include_obfuscation')
  return request
}

function refuseState({ background, conversation, prompt }: ResponsesRequest): void {
  if (background === true) throw unsupported('background', 'this provider has no Responses API of its own, and without one nothing runs in the background')
  if (given(conversation)) throw unsupported('conversation', 'this provider has no Responses API of its own, and conversations are kept by one only: send previous_response_id or the items themselves')
  if (given(prompt)) throw unsupported('prompt', 'this provider has no Responses API of its own, and stored prompts are kept by one only: send the instructions themselves')
}

/** The client wants to see, or the gateway to keep, what a provider needs back of its own thinking. */
export const wantsEncrypted = ({ include, store }: ResponsesRequest): boolean => store !== false || include?.includes(ENCRYPTED) === true

export const wantsLogprobs = ({ include, top_logprobs: top }: ResponsesRequest): boolean => include?.includes(LOGPROBS) === true || (top ?? 0) > 0

/** Which field asks for them. */
export const logprobsPlace = ({ include }: ResponsesRequest): string => (include?.includes(LOGPROBS) ? `include[${include.indexOf(LOGPROBS)}]` : 'top_logprobs')

export const given = (value: unknown): boolean => value !== null && value !== undefined
