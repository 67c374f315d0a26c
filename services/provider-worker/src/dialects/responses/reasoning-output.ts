import type { ReasoningDetail } from '../../hub/hub.ts'
import { sealed, type SealedReasoning } from '../../hub/sealed-reasoning.ts'
import type { Emit, ReasoningItem } from './output-types.ts'
import { addDetails } from './reasoning-details.ts'

/** One stretch of thinking while it lasts. */
export class ReasoningOutput {
  readonly item: ReasoningItem
  readonly #emit: Emit
  readonly #place: { readonly item_id: string; readonly output_index: number }
  readonly #details: ReasoningDetail[] = []

  constructor(id: string, index: number, emit: Emit) {
    this.item = { id, type: 'reasoning', summary: [] }
    this.#place = { item_id: id, output_index: index }
    this.#emit = emit
    emit('response.output_item.added', { output_index: index, item: this.item })
  }

  text(delta: string): void {
    const place = { ...this.#place, summary_index: 0 }
    let [part] = this.item.summary
    if (!part) {
      part = { type: 'summary_text', text: '' }
      this.item.summary.push(part)
      this.#emit('response.reasoning_summary_part.added', { ...place, part })
    }
    part.text += delta
    this.#emit('response.reasoning_summary_text.delta', { ...place, delta })
  }

  details(pieces: readonly ReasoningDetail[]): void {
    addDetails(this.#details, pieces)
  }

  /** `encrypted`: the client gets what the provider wants back. */
  close({ encrypted, calls }: { encrypted: boolean; calls?: SealedReasoning['calls'] }): void {
    const [part] = this.item.summary
    const place = { ...this.#place, summary_index: 0 }
    if (part) {
      this.#emit('response.reasoning_summary_text.done', { ...place, text: part.text })
      this.#emit('response.reasoning_summary_part.done', { ...place, part })
    }
    if (encrypted) this.item.encrypted_content = sealed({ details: this.#details, ...(calls && { calls }) })
    this.#emit('response.output_item.done', { output_index: this.#place.output_index, item: this.item })
  }
}
