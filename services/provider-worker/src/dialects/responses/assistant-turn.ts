import type { HubMessage, Part, ReasoningDetail, ToolCall } from '../../hub/hub.ts'
import { unsealed } from '../../hub/sealed-reasoning.ts'
import type { MessagePlace, Place, Said } from '../places.ts'

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
  readonly #partPlaces: Place[] = []
  readonly #thoughts: string[] = []
  readonly #details: ReasoningDetail[] = []
  readonly #calls: ToolCall[] = []
  readonly #callPlaces: string[] = []
  /** By the id of a call, what its provider put beside it, and in which item. */
  readonly #extras = new Map<string, { readonly extra: unknown; readonly at: string }>()
  /** Of the first that was said, thought, or done at all. */
  #spokenAt: string | undefined
  #thoughtAt: string | undefined
  #begunAt: string | undefined
  #refusal: string | undefined

  /** It has said something and called nothing: what comes now is another message. After a call it is the same one, for the results have to follow the calls. */
  get hasSpoken(): boolean {
    return this.#calls.length === 0 && (this.#parts.length > 0 || this.#refusal !== undefined)
  }

  says(content: string | readonly Part[], at: string): void {
    this.#begunAt ??= at
    this.#spokenAt ??= at
    const parts: readonly Part[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content
    for (const [index, part] of parts.entries()) {
      if (part.type === 'refusal') {
        this.#refusal = (this.#refusal ?? '') + part.refusal
        continue
      }
      this.#parts.push(part)
      this.#partPlaces.push({ at: typeof content === 'string' ? `${at}.content` : `${at}.content[${index}]` })
    }
  }

  thinks({ id, summary, content, encrypted_content: encrypted }: Reasoning, at: string): void {
    this.#begunAt ??= at
    this.#thoughtAt ??= at
    const texts = (content?.length ? content : (summary ?? [])).map(({ text }) => text).filter(text => text !== '')
    this.#thoughts.push(...texts)
    if (typeof encrypted !== 'string' || encrypted === '') return
    const own = unsealed(encrypted)
    if (own) {
      this.#details.push(...own.details)
      for (const [call, extra] of Object.entries(own.calls ?? {})) this.#extras.set(call, { extra, at })
      return
    }
    const whose = { format: OPENAI_FORMAT, ...(typeof id === 'string' && { id }) }
    for (const { text } of summary ?? []) this.#details.push({ type: 'reasoning.summary', summary: text, ...whose })
    this.#details.push({ type: 'reasoning.encrypted', data: encrypted, ...whose })
  }

  calls({ call_id: id, name, arguments: text, extra_content: extra }: FunctionCall, at: string): void {
    this.#begunAt ??= at
    this.#callPlaces.push(at)
    this.#calls.push({ id, type: 'function', function: { name, arguments: text }, ...(extra !== undefined && { extra_content: extra }) })
  }

  get said(): Said {
    return { message: this.#message, place: this.#place }
  }

  get #message(): HubMessage {
    const calls = this.#calls.map(call => (call.extra_content === undefined && this.#extras.has(call.id) ? { ...call, extra_content: this.#extras.get(call.id)?.extra } : call))
    return {
      role: 'assistant',
      content: this.#content,
      ...(this.#refusal !== undefined && { refusal: this.#refusal }),
      ...(this.#thoughts.length > 0 && { reasoning_content: this.#thoughts.join('\n\n') }),
      ...(this.#details.length > 0 && { reasoning_details: this.#details }),
      ...(calls.length > 0 && { tool_calls: calls }),
    }
  }

  get #place(): MessagePlace {
    const at = this.#begunAt ?? ''
    const spoken = this.#spokenAt
    const thoughts = this.#thoughtAt ?? at
    const sealedAt = ({ id, extra_content: own }: ToolCall): string | undefined => (own === undefined ? this.#extras.get(id)?.at : undefined)
    return {
      at,
      members: { ...(spoken !== undefined && { role: `${spoken}.role`, content: `${spoken}.content`, refusal: spoken }), reasoning_content: thoughts, reasoning_details: thoughts },
      parts: this.#partPlaces,
      calls: this.#calls.map((call, index) => ({ at: this.#callPlaces[index] ?? at, ...(sealedAt(call) !== undefined && { elsewhere: { extra_content: sealedAt(call) } }) })),
    }
  }

  get #content(): string | readonly Part[] | null {
    const [only] = this.#parts
    if (!only) return null
    return this.#parts.length === 1 && only.type === 'text' && !only.cache_control ? only.text : this.#parts
  }
}
