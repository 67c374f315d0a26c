import type { HubMessage, Part, ReasoningDetail, ToolCall } from '../../hub/hub.ts'
import { unsealed } from '../../hub/sealed-reasoning.ts'

/** Whose encrypted reasoning it is when nothing else is said of it. */
const OPENAI_FORMAT = 'openai-responses-v1'

interface Reasoning {
  readonly id?: string | null
  readonly summary?: readonly { readonly text: string }[] | null
  readonly content?: readonly { readonly text: string }[] | null
  readonly encrypted_content?: string | null
}

interface FunctionCall {
  readonly call_id: string
  readonly name: string
  readonly arguments: string
  readonly extra_content?: unknown
}

/** What a model thought, said and called before somebody else spoke: several items of a conversation that a chat knows as one message. */
export class AssistantTurn {
  readonly #parts: Part[] = []
  readonly #thoughts: string[] = []
  readonly #details: ReasoningDetail[] = []
  readonly #calls: ToolCall[] = []
  /** By the id of a call, what its provider put beside it. */
  #extras: Readonly<Record<string, unknown>> = {}
  #refusal: string | undefined

  /** It has said something and called nothing: what comes now is another message. After a call it is the same one, for the results have to follow the calls. */
  get hasSpoken(): boolean {
    return this.#calls.length === 0 && (this.#parts.length > 0 || this.#refusal !== undefined)
  }

  says(content: string | readonly Part[]): void {
    const parts: readonly Part[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content
    for (const part of parts) {
      if (part.type === 'refusal') this.#refusal = (this.#refusal ?? '') + part.refusal
      else this.#parts.push(part)
    }
  }

  thinks({ id, summary, content, encrypted_content: encrypted }: Reasoning): void {
    const texts = (content?.length ? content : (summary ?? [])).map(({ text }) => text).filter(text => text !== '')
    this.#thoughts.push(...texts)
    if (typeof encrypted !== 'string' || encrypted === '') return
    const own = unsealed(encrypted)
    if (own) {
      this.#details.push(...own.details)
      this.#extras = { ...this.#extras, ...own.calls }
      return
    }
    const whose = { format: OPENAI_FORMAT, ...(typeof id === 'string' && { id }) }
    for (const { text } of summary ?? []) this.#details.push({ type: 'reasoning.summary', summary: text, ...whose })
    this.#details.push({ type: 'reasoning.encrypted', data: encrypted, ...whose })
  }

  calls({ call_id: id, name, arguments: text, extra_content: extra }: FunctionCall): void {
    this.#calls.push({ id, type: 'function', function: { name, arguments: text }, ...(extra !== undefined && { extra_content: extra }) })
  }

  get message(): HubMessage {
    const calls = this.#calls.map(call => (call.extra_content === undefined && this.#extras[call.id] !== undefined ? { ...call, extra_content: this.#extras[call.id] } : call))
    return {
      role: 'assistant',
      content: this.#content,
      ...(this.#refusal !== undefined && { refusal: this.#refusal }),
      ...(this.#thoughts.length > 0 && { reasoning_content: this.#thoughts.join('\n\n') }),
      ...(this.#details.length > 0 && { reasoning_details: this.#details }),
      ...(calls.length > 0 && { tool_calls: calls }),
    }
  }

  get #content(): string | readonly Part[] | null {
    const [only] = this.#parts
    if (!only) return null
    return this.#parts.length === 1 && only.type === 'text' && !only.cache_control ? only.text : this.#parts
  }
}
