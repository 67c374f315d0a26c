import type { ToolCallDelta } from '../../hub/hub.ts'
import type { Emit, FunctionCallItem, ItemStatus } from './output-types.ts'

/** One call of a function while its arguments come. */
export class CallOutput {
  readonly item: FunctionCallItem
  readonly #emit: Emit
  readonly #place: { readonly item_id: string; readonly output_index: number }

  constructor(first: { id: string; callId: string; name: string }, index: number, emit: Emit) {
    const { id, callId, name } = first
    this.item = { id, type: 'function_call', status: 'in_progress', arguments: '', call_id: callId, name }
    this.#place = { item_id: id, output_index: index }
    this.#emit = emit
    emit('response.output_item.added', { output_index: index, item: this.item })
  }

  piece({ function: called, extra_content: extra }: ToolCallDelta): void {
    if (extra !== undefined) this.item.extra_content = extra
    if (called?.arguments) this.#arguments(called.arguments)
  }

  close(status: ItemStatus): void {
    if (this.item.arguments === '' && status === 'completed') this.#arguments('{}')
    this.#emit('response.function_call_arguments.done', { ...this.#place, arguments: this.item.arguments })
    this.item.status = status
    this.#emit('response.output_item.done', { output_index: this.#place.output_index, item: this.item })
  }

  #arguments(delta: string): void {
    this.item.arguments += delta
    this.#emit('response.function_call_arguments.delta', { ...this.#place, delta })
  }
}
