import type { Emit, ItemStatus, MessageItem, MessagePart } from './output-types.ts'

/** One message while it is being said. */
export class MessageOutput {
  readonly item: MessageItem
  readonly #emit: Emit
  readonly #place: { readonly item_id: string; readonly output_index: number }
  #part: MessagePart | undefined

  constructor(id: string, index: number, emit: Emit) {
    this.item = { id, type: 'message', status: 'in_progress', content: [], role: 'assistant' }
    this.#place = { item_id: id, output_index: index }
    this.#emit = emit
    emit('response.output_item.added', { output_index: index, item: this.item })
  }

  text(delta: string, logprobs: readonly unknown[]): void {
    const part = this.#part?.type === 'output_text' ? this.#part : this.#open({ type: 'output_text', annotations: [], logprobs: [], text: '' })
    part.text += delta
    part.logprobs.push(...logprobs)
    this.#emit('response.output_text.delta', { ...this.#place, content_index: this.item.content.length - 1, delta, logprobs })
  }

  refusal(delta: string): void {
    const part = this.#part?.type === 'refusal' ? this.#part : this.#open({ type: 'refusal', refusal: '' })
    part.refusal += delta
    this.#emit('response.refusal.delta', { ...this.#place, content_index: this.item.content.length - 1, delta })
  }

  annotation(annotation: unknown): void {
    const part = this.#part?.type === 'output_text' ? this.#part : this.#open({ type: 'output_text', annotations: [], logprobs: [], text: '' })
    const told = flat(annotation)
    this.#emit('response.output_text.annotation.added', {
      ...this.#place,
      content_index: this.item.content.length - 1,
      annotation_index: part.annotations.push(told) - 1,
      annotation: told,
    })
  }

  close(status: ItemStatus): void {
    this.#closePart()
    this.item.status = status
    this.#emit('response.output_item.done', { output_index: this.#place.output_index, item: this.item })
  }

  #open<P extends MessagePart>(part: P): P {
    this.#closePart()
    this.#part = part
    const index = this.item.content.push(part) - 1
    this.#emit('response.content_part.added', { ...this.#place, content_index: index, part })
    return part
  }

  #closePart(): void {
    const part = this.#part
    if (!part) return
    const place = { ...this.#place, content_index: this.item.content.length - 1 }
    if (part.type === 'refusal') this.#emit('response.refusal.done', { ...place, refusal: part.refusal })
    else this.#emit('response.output_text.done', { ...place, text: part.text, logprobs: part.logprobs })
    this.#emit('response.content_part.done', { ...place, part })
    this.#part = undefined
  }
}

/** What a chat nests under the name of its kind, the Responses API has in the annotation itself. */
function flat(annotation: unknown): unknown {
  const { type, url_citation: cited } = annotation as { type?: unknown; url_citation?: unknown }
  return type === 'url_citation' && typeof cited === 'object' && cited !== null ? { type, ...cited } : annotation
}
