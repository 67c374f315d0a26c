import { Type, type Static, type TSchema } from 'typebox'

/*
 * The hub is OpenAI's chat API with the extensions that its other speakers agreed on:
 *  - `cache_control` on parts of content and on tools marks the end of a prefix that the provider may cache (Anthropic's own shape);
 *  - `reasoning_content` is what a model thought, to be read; `reasoning_details` is the same as the provider wants it back (OpenRouter's shape);
 *  - `extra_content.google.thought_signature` on a tool call is Gemini's (Google's own shape).
 * Every object may hold more than is named here.
 */

const orNull = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))

/** Where a prefix ends that the provider may cache. */
export const CacheControl = Type.Object({ type: Type.Literal('ephemeral'), ttl: Type.Optional(Type.String()) })
export type CacheControl = Static<typeof CacheControl>

const cache = { cache_control: orNull(CacheControl) }

export const TextPart = Type.Object({ type: Type.Literal('text'), text: Type.String(), ...cache })
export const ImagePart = Type.Object({ type: Type.Literal('image_url'), image_url: Type.Object({ url: Type.String(), detail: Type.Optional(Type.String()) }), ...cache })
export const AudioPart = Type.Object({ type: Type.Literal('input_audio'), input_audio: Type.Object({ data: Type.String(), format: Type.String() }), ...cache })
export const FilePart = Type.Object({
  type: Type.Literal('file'),
  file: Type.Object({ file_data: Type.Optional(Type.String()), file_id: Type.Optional(Type.String()), filename: Type.Optional(Type.String()) }),
  ...cache,
})
export const RefusalPart = Type.Object({ type: Type.Literal('refusal'), refusal: Type.String() })
export type TextPart = Static<typeof TextPart>
export type ImagePart = Static<typeof ImagePart>
export type AudioPart = Static<typeof AudioPart>
export type FilePart = Static<typeof FilePart>
export type RefusalPart = Static<typeof RefusalPart>
/** One piece of what is said. A provider's own kinds pass the schema only where nothing has to be translated. */
export type Part = TextPart | ImagePart | AudioPart | FilePart | RefusalPart

export const ToolCall = Type.Object({
  id: Type.String(),
  type: Type.Literal('function'),
  function: Type.Object({ name: Type.String(), arguments: Type.String() }),
  extra_content: Type.Optional(Type.Unknown()),
})
export type ToolCall = Static<typeof ToolCall>

/** What a model thought, as its provider wants it back. `format` says whose it is: nobody else may be given it. */
export const ReasoningDetail = Type.Object({
  type: Type.Enum(['reasoning.text', 'reasoning.summary', 'reasoning.encrypted']),
  text: orNull(Type.String()),
  summary: orNull(Type.String()),
  signature: orNull(Type.String()),
  data: orNull(Type.String()),
  id: orNull(Type.String()),
  /** `anthropic-claude-v1`, `openai-responses-v1`, `google-gemini-v1`, `xai-responses-v1`. */
  format: orNull(Type.String()),
  index: Type.Optional(Type.Integer()),
})
export type ReasoningDetail = Static<typeof ReasoningDetail>

export interface HubMessage {
  readonly role: string
  readonly content?: string | readonly Part[] | null | undefined
  readonly name?: string | null | undefined
  /** Of an assistant. */
  readonly refusal?: string | null | undefined
  readonly tool_calls?: readonly ToolCall[] | null | undefined
  readonly reasoning_content?: string | null | undefined
  readonly reasoning_details?: readonly ReasoningDetail[] | null | undefined
  /** Of a tool: which call this answers. */
  readonly tool_call_id?: string | undefined
  /** Of a tool: that it failed. From Anthropic's dialect. */
  readonly is_error?: boolean | undefined
  readonly [field: string]: unknown
}

export interface HubTool {
  readonly type: 'function'
  readonly function: { readonly name: string; readonly description?: string | undefined; readonly parameters?: Readonly<Record<string, unknown>> | undefined; readonly strict?: boolean | null | undefined }
  readonly cache_control?: CacheControl | null | undefined
}

export type HubToolChoice = 'auto' | 'none' | 'required' | { readonly type: 'function'; readonly function: { readonly name: string } }

export type HubResponseFormat =
  | { readonly type: 'text' }
  | { readonly type: 'json_object' }
  | { readonly type: 'json_schema'; readonly json_schema: { readonly name: string; readonly description?: string; readonly schema?: Readonly<Record<string, unknown>>; readonly strict?: boolean | null } }

/** A chat request; fields that are not named ride along. */
export interface HubRequest {
  readonly model: string
  readonly messages: readonly HubMessage[]
  readonly stream?: boolean | null | undefined
  readonly tools?: readonly HubTool[] | null | undefined
  readonly tool_choice?: HubToolChoice | null | undefined
  readonly parallel_tool_calls?: boolean | null | undefined
  readonly response_format?: HubResponseFormat | null | undefined
  readonly max_tokens?: number | null | undefined
  readonly max_completion_tokens?: number | null | undefined
  readonly temperature?: number | null | undefined
  readonly top_p?: number | null | undefined
  readonly top_k?: number | null | undefined
  readonly n?: number | null | undefined
  readonly stop?: string | readonly string[] | null | undefined
  readonly seed?: number | null | undefined
  readonly frequency_penalty?: number | null | undefined
  readonly presence_penalty?: number | null | undefined
  readonly logit_bias?: Readonly<Record<string, number>> | null | undefined
  readonly logprobs?: boolean | null | undefined
  readonly top_logprobs?: number | null | undefined
  readonly reasoning_effort?: string | null | undefined
  readonly user?: string | null | undefined
  /** Thinking in Anthropic's own words, where the client spoke them: finer than `reasoning_effort`. */
  readonly thinking?: Readonly<Record<string, unknown>> | null | undefined
  readonly [field: string]: unknown
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter'

export interface HubAnswerMessage {
  readonly role: 'assistant'
  readonly content: string | null
  readonly refusal?: string | null
  readonly tool_calls?: readonly ToolCall[]
  readonly reasoning_content?: string
  readonly reasoning_details?: readonly ReasoningDetail[]
  readonly annotations?: readonly unknown[]
  readonly [field: string]: unknown
}

/** A whole answer. */
export interface HubCompletion {
  readonly id: string
  readonly object: 'chat.completion'
  readonly created: number
  readonly model: string
  readonly choices: readonly {
    readonly index: number
    readonly message: HubAnswerMessage
    readonly finish_reason: string | null
    /** The provider's own word, where it has another. */
    readonly native_finish_reason?: string
    readonly logprobs?: unknown
  }[]
  readonly [field: string]: unknown
}

/** A piece of a tool call. `id` and `name` come in its first piece; pieces of one call share an `index`, which counts tool calls only. */
export interface ToolCallDelta {
  readonly index: number
  readonly id?: string
  readonly type?: 'function'
  readonly function?: { readonly name?: string; readonly arguments?: string }
  readonly extra_content?: unknown
}

export interface HubDelta {
  readonly role?: 'assistant'
  readonly content?: string | null
  readonly refusal?: string | null
  readonly tool_calls?: readonly ToolCallDelta[]
  readonly reasoning_content?: string | null
  /** Pieces: a detail with the `index` of one before it continues that one. */
  readonly reasoning_details?: readonly ReasoningDetail[]
  readonly annotations?: readonly unknown[]
  readonly [field: string]: unknown
}

/** One piece of a streamed answer. */
export interface HubChunk {
  readonly id: string
  readonly object: 'chat.completion.chunk'
  readonly created: number
  readonly model: string
  readonly choices: readonly {
    readonly index: number
    readonly delta: HubDelta
    readonly finish_reason: string | null
    readonly native_finish_reason?: string
    readonly logprobs?: unknown
  }[]
  readonly [field: string]: unknown
}
