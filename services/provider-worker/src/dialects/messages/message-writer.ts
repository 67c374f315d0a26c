import type { HubChunk } from '../../hub/hub.ts'
import type { DialectWriter, End, GenerateRequest } from '../../provider.ts'
import { BlockSequence, type BlockSink } from './block-sequence.ts'
import { type Block, type BlockDelta, NO_USAGE, messageId, messageUsage, stopped } from './wire.ts'

/** Writes a streamed answer as the events of Anthropic's Messages API. */
export class MessageWriter implements DialectWriter {
  readonly #request: GenerateRequest
  readonly #events = new BlockEvents()
  #sequence: BlockSequence | undefined
  #finish: string | null = null

  constructor(request: GenerateRequest) {
    this.#request = request
  }

  chunk(chunk: HubChunk): Uint8Array | undefined {
    const sequence = this.#begun(chunk)
    const choice = chunk.choices[0]
    if (choice && (choice.index ?? 0) === 0) {
      if (choice.delta) sequence.take(choice.delta)
      this.#finish = choice.finish_reason || this.#finish
    }
    return this.#events.taken()
  }

  close({ usage }: End): Uint8Array {
    const sequence = this.#begun(undefined)
    sequence.finish()
    this.#events.add('message_delta', { delta: stopped(this.#finish, sequence.said), usage: usage ? messageUsage(usage) : NO_USAGE })
    this.#events.add('message_stop', {})
    return this.#events.taken() ?? Buffer.alloc(0)
  }

  #begun(chunk: HubChunk | undefined): BlockSequence {
    if (this.#sequence) return this.#sequence
    const id = messageId(chunk?.id, this.#request.requestId)
    const message = { id, type: 'message', role: 'assistant', model: chunk?.model || this.#request.model, content: [], stop_reason: null, stop_sequence: null, stop_details: null, usage: NO_USAGE }
    this.#events.add('message_start', { message })
    return (this.#sequence = new BlockSequence(this.#events, id))
  }
}

/** Events that are written and not yet taken. */
class BlockEvents implements BlockSink {
  #text = ''
  #index = 0

  add(type: string, said: object): void {
    this.#text += `event: ${type}\ndata: ${JSON.stringify({ type, ...said })}\n\n`
  }

  start(block: Block): void {
    this.add('content_block_start', { index: this.#index, content_block: block })
  }

  delta(delta: BlockDelta): void {
    this.add('content_block_delta', { index: this.#index, delta })
  }

  stop(): void {
    this.add('content_block_stop', { index: this.#index })
    this.#index++
  }

  taken(): Uint8Array | undefined {
    if (this.#text === '') return undefined
    const bytes = Buffer.from(this.#text)
    this.#text = ''
    return bytes
  }
}
