import type { HubChunk, ToolCallDelta } from '../../hub/hub.ts'
import type { End, GenerateRequest, HubReader, Identity } from '../../provider.ts'
import type { SseEvent } from '../../sse.ts'
import { isRecord } from '../usage.ts'
import { createdIn, textOr } from './hub-answer.ts'
import { type Parsed, argumentsOf, callId, finishOf, isParsed, tidyThoughts } from './hub-words.ts'
import { ChatProgress } from './progress.ts'

const NOTHING: readonly HubChunk[] = []

/** Reads a chat stream into clean chunks of the hub, each parsed once and mended in place. */
export class ChatHubReader implements HubReader {
  readonly #progress: ChatProgress
  readonly #calls = new Map<unknown, CallNumbers>()
  #id: string
  #model: string
  #created = 0
  #callsTools = false

  /** `choices`: as for `ChatProgress`. */
  constructor(identity: Identity, request: GenerateRequest, choices: () => number) {
    this.#progress = new ChatProgress(identity, choices)
    this.#id = `chatcmpl-${request.requestId}`
    this.#model = request.model
  }

  get done(): boolean {
    return this.#progress.done
  }

  get end(): End {
    const { end } = this.#progress
    return end.finish === undefined ? end : { ...end, finish: finishOf(end.finish, this.#callsTools) }
  }

  read({ data }: SseEvent): readonly HubChunk[] {
    const chunk = this.#progress.take(data) as Parsed | undefined
    if (!chunk) return NOTHING
    // The first chunk of some has none of these, or empty ones.
    chunk.id = this.#id = textOr(chunk.id, this.#id)
    chunk.model = this.#model = textOr(chunk.model, this.#model)
    chunk.created = this.#created = createdIn(chunk) || this.#created
    chunk.object = 'chat.completion.chunk'
    // Not deleted: that would turn the object into a slow one, once for every token.
    if (chunk.usage !== undefined) chunk.usage = undefined
    const choices = Array.isArray(chunk.choices) ? chunk.choices.filter(isParsed) : []
    if (choices.length === 0) return NOTHING
    for (const [at, choice] of choices.entries()) this.#tidy(choice, at)
    chunk.choices = choices
    return [chunk as unknown as HubChunk]
  }

  close(): readonly HubChunk[] {
    this.#progress.close()
    return NOTHING
  }

  #tidy(choice: Parsed, at: number): void {
    if (typeof choice.index !== 'number') choice.index = at
    const delta: Parsed = isParsed(choice.delta) ? choice.delta : {}
    choice.delta = delta
    // MiniMax says all of it again at the end.
    delete choice.message
    delete delta.index
    delete delta.name
    tidyThoughts(delta)
    this.#number(choice, delta)
    const finish = choice.finish_reason
    if (typeof finish !== 'string' || finish === '') {
      choice.finish_reason = null
      return
    }
    const word = finishOf(finish, this.#calls.has(choice.index))
    choice.finish_reason = word
    if (word !== finish) choice.native_finish_reason ??= finish
  }

  #number(choice: Parsed, delta: Parsed): void {
    const calls = Array.isArray(delta.tool_calls) ? delta.tool_calls.filter(isRecord) : []
    if (calls.length === 0) {
      delete delta.tool_calls
      return
    }
    let numbers = this.#calls.get(choice.index)
    if (!numbers) this.#calls.set(choice.index, (numbers = new CallNumbers()))
    this.#callsTools ||= choice.index === 0
    const known = numbers
    delta.tool_calls = calls.map(call => known.piece(call, this.#id))
  }
}

/** Numbers the tool calls of one choice: servers leave out the number, or give every call the same. */
class CallNumbers {
  /** By the number that the provider gives: ours, and the id of the call. */
  readonly #known = new Map<unknown, { readonly index: number; readonly id: string }>()
  #count = 0

  piece(call: Readonly<Record<string, unknown>>, answer: string): ToolCallDelta {
    const { index: number, id, type: _, function: called, ...rest } = call
    const { name, arguments: given } = isRecord(called) ? called : {}
    const current = this.#known.get(number)
    const named = typeof name === 'string' && name !== ''
    // Without a number and an id every name begins a call.
    const another = named && (typeof id === 'string' && id !== '' ? id !== current?.id : number === undefined)
    const pieces = argumentsOf(given) ?? ''
    if (current && !another) return { ...rest, index: current.index, function: { arguments: pieces } }
    const index = this.#count++
    const begun = { index, id: textOr(id, callId(answer, index)) }
    this.#known.set(number, begun)
    return { ...rest, ...begun, type: 'function', function: { name: textOr(name, ''), arguments: pieces } }
  }
}
