import { responseItemId, type ResponseItemKind } from '@gomodel/contracts'
import type { HubDelta, ReasoningDetail, ToolCallDelta } from '../../hub/hub.ts'
import { CallOutput } from './call-output.ts'
import { MessageOutput } from './message-output.ts'
import type { Emit, ItemStatus, OutputItem } from './output-types.ts'
import { ReasoningOutput } from './reasoning-output.ts'

/**
 * Turns what a chat says, whole or piece by piece, into items in the order in which they begin. Thinking and messages are over when
 * something else begins; calls of functions may come interleaved and are over at the end.
 */
export class Output {
  readonly items: OutputItem[] = []
  readonly #digest: string
  readonly #emit: Emit
  readonly #encrypted: boolean
  readonly #calls = new Map<number, CallOutput>()
  /** What came of thinking after the item that it belongs to was over. */
  #late: ReasoningDetail[] = []
  #spoken: MessageOutput | ReasoningOutput | undefined

  constructor(digest: string, emit: Emit, { encrypted }: { encrypted: boolean }) {
    this.#digest = digest
    this.#emit = emit
    this.#encrypted = encrypted
  }

  take(delta: HubDelta, logprobs: readonly unknown[] = []): void {
    if (delta.reasoning_content) this.#reasoning().text(delta.reasoning_content)
    if (delta.reasoning_details?.length) this.#details(delta.reasoning_details)
    if (delta.content) this.#message().text(delta.content, logprobs)
    if (delta.refusal) this.#message().refusal(delta.refusal)
    for (const annotation of delta.annotations ?? []) this.#message().annotation(annotation)
    for (const piece of delta.tool_calls ?? []) this.#call(piece)
  }

  /** `status`: how whatever is still open ended. */
  close(status: ItemStatus): void {
    this.#closeSpoken(status)
    for (const call of this.#calls.values()) call.close(status)
    const calls = [...this.#calls.values()].filter(({ item }) => item.extra_content !== undefined).map(({ item }) => [item.call_id, item.extra_content])
    if (!this.#encrypted || (this.#late.length === 0 && calls.length === 0)) return
    // What a provider wants back beside its calls comes with them, when the thinking before them is long over.
    const rest = this.#reasoning()
    rest.close({ encrypted: true, ...(calls.length > 0 && { calls: Object.fromEntries(calls) as Record<string, unknown> }) })
  }

  #reasoning(): ReasoningOutput {
    if (this.#spoken instanceof ReasoningOutput) return this.#spoken
    this.#closeSpoken('completed')
    const opened = this.#begun('reasoning', (id, index) => new ReasoningOutput(id, index, this.#emit))
    opened.details(this.#late)
    this.#late = []
    this.#spoken = opened
    return opened
  }

  /** They belong to the thinking that goes on, or that nothing followed yet. */
  #details(pieces: readonly ReasoningDetail[]): void {
    if (this.#spoken instanceof ReasoningOutput || this.items.length === 0) this.#reasoning().details(pieces)
    else this.#late.push(...pieces)
  }

  #message(): MessageOutput {
    if (this.#spoken instanceof MessageOutput) return this.#spoken
    this.#closeSpoken('completed')
    const opened = this.#begun('message', (id, index) => new MessageOutput(id, index, this.#emit))
    this.#spoken = opened
    return opened
  }

  #call(piece: ToolCallDelta): void {
    let call = this.#calls.get(piece.index)
    if (!call) {
      this.#closeSpoken('completed')
      const callId = piece.id ?? `call_${this.#digest}${piece.index}`
      call = this.#begun('function_call', (id, index) => new CallOutput({ id, callId, name: piece.function?.name ?? '' }, index, this.#emit))
      this.#calls.set(piece.index, call)
    }
    call.piece(piece)
  }

  #begun<T extends { readonly item: OutputItem }>(kind: ResponseItemKind, make: (id: string, index: number) => T): T {
    const index = this.items.length
    const opened = make(responseItemId(kind, this.#digest, index), index)
    this.items.push(opened.item)
    return opened
  }

  #closeSpoken(status: ItemStatus): void {
    const spoken = this.#spoken
    this.#spoken = undefined
    if (spoken instanceof MessageOutput) spoken.close(status)
    else spoken?.close({ encrypted: this.#encrypted })
  }
}
