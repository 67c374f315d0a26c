import type { CacheControl } from '../../hub/hub.ts'

interface Cached {
  readonly cache_control?: CacheControl
}

export interface TextBlock extends Cached {
  readonly type: 'text'
  readonly text: string
}

export type Source =
  | { readonly type: 'base64'; readonly media_type: string; readonly data: string }
  | { readonly type: 'text'; readonly media_type: 'text/plain'; readonly data: string }
  | { readonly type: 'url'; readonly url: string }
  | { readonly type: 'file'; readonly file_id: string }

export interface ImageBlock extends Cached {
  readonly type: 'image'
  readonly source: Source
}

export interface DocumentBlock extends Cached {
  readonly type: 'document'
  readonly source: Source
  readonly title?: string
}

/** What may stand in a user's turn and in the result of a tool. */
export type ContentBlock = TextBlock | ImageBlock | DocumentBlock

export interface ToolResultBlock extends Cached {
  readonly type: 'tool_result'
  readonly tool_use_id: string
  readonly content?: string | readonly ContentBlock[]
  readonly is_error?: boolean
}

export type ThinkingBlock =
  | { readonly type: 'thinking'; readonly thinking: string; readonly signature: string }
  | { readonly type: 'redacted_thinking'; readonly data: string }

export interface ToolUseBlock {
  readonly type: 'tool_use'
  readonly id: string
  readonly name: string
  readonly input: unknown
}

export type Block = ContentBlock | ToolResultBlock | ThinkingBlock | ToolUseBlock

/** What one side says until the other speaks. */
export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly content: Block[]
}

export interface Tool extends Cached {
  readonly name: string
  readonly description?: string
  readonly input_schema: Readonly<Record<string, unknown>>
  readonly strict?: true
}

/** Whose thoughts these are, in `reasoning_details`: only this provider may be given them. */
export const REASONING_FORMAT = 'anthropic-claude-v1'
