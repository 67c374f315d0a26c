/** One piece of what a model said in a message. */
export type MessagePart =
  | { readonly type: 'output_text'; readonly annotations: unknown[]; readonly logprobs: unknown[]; text: string }
  | { readonly type: 'refusal'; refusal: string }

export interface MessageItem {
  readonly id: string
  readonly type: 'message'
  status: ItemStatus
  readonly content: MessagePart[]
  readonly role: 'assistant'
}

export interface FunctionCallItem {
  readonly id: string
  readonly type: 'function_call'
  status: ItemStatus
  arguments: string
  readonly call_id: string
  readonly name: string
  /** What its provider put beside it and wants back. */
  extra_content?: unknown
}

export interface ReasoningItem {
  readonly id: string
  readonly type: 'reasoning'
  readonly summary: { readonly type: 'summary_text'; text: string }[]
  encrypted_content?: string
}

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete'

/** One thing that a model did, as its client sees it. */
export type OutputItem = MessageItem | FunctionCallItem | ReasoningItem

/** Told of everything that happens to the output, in order. */
export type Emit = (type: string, fields: object) => void
