import type { HubChunk, HubDelta } from '../../hub/hub.ts'
import type { End, HubReader, Identity } from '../../provider.ts'
import type { SseEvent } from '../../sse.ts'
import { isRecord } from '../usage.ts'
import { REASONING_FORMAT } from './blocks.ts'
import { annotationsOf } from './citations.ts'
import { eventIn, garbled } from './error.ts'
import { Progress } from './progress.ts'
import { finishOf } from './stop-reason.ts'

type Given = Readonly<Record<string, unknown>>

/** A block that has begun and not ended. */
type Open =
  | { readonly kind: 'text'; readonly from: number; readonly citations: unknown[] }
  | { readonly kind: 'thought'; readonly detail: number }
  /** `index` counts the caller's tools; undefined for the tool whose arguments are the answer. */
  | { readonly kind: 'call'; readonly index: number | undefined; readonly input: unknown; spoken: boolean }

/** Reads one streamed message into chunks of the hub. */
export class MessagesHubStream implements HubReader {
  readonly #identity: Identity
  readonly #answerTool: string | undefined
  readonly #progress: Progress
  readonly #open = new Map<unknown, Open>()
  #id: string | undefined
  #model = ''
  #calls = 0
  #details = 0
  /** Of the text that the client was given. */
  #length = 0
  /** Where a tool's arguments are the answer: text beside it, which is the answer only if the tool is never called. */
  #held = ''
  #answered = false
  #closed = false

  constructor(identity: Identity, answerTool?: string) {
    this.#identity = identity
    this.#answerTool = answerTool
    this.#progress = new Progress(identity)
  }

  get done(): boolean {
    return this.#progress.done
  }

  get end(): End {
    const { stopReason, accounts } = this.#progress
    return { ...accounts, ...(stopReason !== undefined && { finish: this.#finish(stopReason) }) }
  }

  read({ data }: SseEvent): readonly HubChunk[] {
    if (this.done) return []
    const event = eventIn(this.#identity, data)
    this.#progress.note(event)
    return this.#deltas(event).map(delta => this.#chunk(delta)).concat(this.done ? this.#closing() : [])
  }

  close(): readonly HubChunk[] {
    this.#progress.requireEnd()
    return this.#closing()
  }

  #deltas(event: Given): HubDelta[] {
    switch (event.type) {
      case 'message_start':
        return isRecord(event.message) ? this.#begin(event.message) : []
      case 'content_block_start':
        return isRecord(event.content_block) ? this.#start(event.index, event.content_block) : []
      case 'content_block_delta':
        return isRecord(event.delta) ? this.#piece(event.index, event.delta) : []
      case 'content_block_stop':
        return this.#stop(event.index)
      default:
        return []
    }
  }

  #begin(message: Given): HubDelta[] {
    const id = String(message.id ?? '')
    if (this.#id !== undefined) {
      // A proxy was seen to begin a message twice, and to begin another one inside it.
      if (id !== this.#id && [...this.#open.values()].some(({ kind }) => kind === 'call')) throw garbled(this.#identity, 'began another answer inside a call of a tool')
      if (id !== this.#id) this.#open.clear()
      return []
    }
    this.#id = id
    this.#model = String(message.model ?? '')
    const blocks: readonly unknown[] = Array.isArray(message.content) ? message.content : []
    const given = blocks.flatMap((block, at) => (isRecord(block) ? [...this.#start(at, block), ...this.#stop(at)] : []))
    return [{ role: 'assistant', content: '' }, ...given]
  }

  #start(index: unknown, block: Given): HubDelta[] {
    switch (block.type) {
      case 'text':
        this.#open.set(index, { kind: 'text', from: this.#length, citations: Array.isArray(block.citations) ? [...(block.citations as unknown[])] : [] })
        return this.#text(block.text)
      case 'thinking':
        this.#open.set(index, { kind: 'thought', detail: this.#details++ })
        return [...this.#thought(index, block.thinking), ...this.#signature(index, block.signature)]
      case 'redacted_thinking':
        return [{ reasoning_details: [{ type: 'reasoning.encrypted', data: String(block.data ?? ''), format: REASONING_FORMAT, index: this.#details++ }] }]
      case 'tool_use':
        return this.#call(index, block)
      default:
        return []
    }
  }

  #call(at: unknown, { id, name, input }: Given): HubDelta[] {
    if (name === this.#answerTool) {
      // A second answer says nothing new.
      if (!this.#answered) this.#open.set(at, { kind: 'call', index: undefined, input, spoken: false })
      this.#answered = true
      return []
    }
    const index = this.#calls++
    this.#open.set(at, { kind: 'call', index, input, spoken: false })
    return [{ tool_calls: [{ index, id: String(id ?? ''), type: 'function', function: { name: String(name ?? ''), arguments: '' } }] }]
  }

  #piece(index: unknown, delta: Given): HubDelta[] {
    const open = this.#open.get(index)
    switch (delta.type) {
      case 'text_delta':
        return open?.kind === 'text' ? this.#text(delta.text) : []
      case 'input_json_delta':
        return open?.kind === 'call' ? this.#arguments(open, delta.partial_json) : []
      case 'thinking_delta':
        return this.#thought(index, delta.thinking)
      case 'signature_delta':
        return this.#signature(index, delta.signature)
      case 'citations_delta':
        if (open?.kind === 'text') open.citations.push(delta.citation)
        return []
      default:
        return []
    }
  }

  #stop(index: unknown): HubDelta[] {
    const open = this.#open.get(index)
    this.#open.delete(index)
    if (open?.kind === 'call') return open.spoken ? [] : this.#arguments(open, JSON.stringify(open.input ?? {}))
    if (open?.kind !== 'text' || this.#answerTool !== undefined) return []
    const annotations = annotationsOf(open.citations, { from: open.from, to: this.#length })
    return annotations.length > 0 ? [{ annotations }] : []
  }

  #text(text: unknown): HubDelta[] {
    if (typeof text !== 'string' || text === '') return []
    if (this.#answerTool !== undefined) {
      this.#held += text
      return []
    }
    this.#length += text.length
    return [{ content: text }]
  }

  #arguments(call: Open & { kind: 'call' }, piece: unknown): HubDelta[] {
    if (typeof piece !== 'string' || piece === '') return []
    call.spoken = true
    return [call.index === undefined ? { content: piece } : { tool_calls: [{ index: call.index, function: { arguments: piece } }] }]
  }

  #thought(index: unknown, text: unknown): HubDelta[] {
    const open = this.#open.get(index)
    if (open?.kind !== 'thought' || typeof text !== 'string' || text === '') return []
    return [{ reasoning_content: text, reasoning_details: [{ type: 'reasoning.text', text, format: REASONING_FORMAT, index: open.detail }] }]
  }

  #signature(index: unknown, signature: unknown): HubDelta[] {
    const open = this.#open.get(index)
    if (open?.kind !== 'thought' || typeof signature !== 'string' || signature === '') return []
    return [{ reasoning_details: [{ type: 'reasoning.text', signature, format: REASONING_FORMAT, index: open.detail }] }]
  }

  /** What ends the answer, once. */
  #closing(): HubChunk[] {
    if (this.#closed) return []
    this.#closed = true
    const { stopReason, explanation } = this.#progress
    const held = this.#held === '' || this.#answered ? [] : [this.#chunk({ content: this.#held })]
    if (stopReason === undefined) return held
    const refusal = stopReason === 'refusal' && explanation !== undefined ? { refusal: explanation } : {}
    return [...held, this.#chunk(refusal, { finish_reason: this.#finish(stopReason), native_finish_reason: stopReason })]
  }

  #finish(stopReason: string): string {
    const finish = finishOf(stopReason)
    return finish === 'tool_calls' && this.#calls === 0 ? 'stop' : finish
  }

  #chunk(delta: HubDelta, finish: { finish_reason: string; native_finish_reason: string } | { finish_reason: null } = { finish_reason: null }): HubChunk {
    return { id: this.#id ?? '', object: 'chat.completion.chunk', created: 0, model: this.#model, choices: [{ index: 0, delta, ...finish }] }
  }
}
