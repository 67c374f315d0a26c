import { type End, type Identity, ProviderError, type StreamReader } from '../provider.ts'
import type { SseEvent } from '../sse.ts'
import { chunkIn } from './openai/answer.ts'
import { failedResponse } from './responses-error.ts'
import { endOfResponse } from './responses-end.ts'
import { isRecord } from './usage.ts'

const NOTHING = Buffer.alloc(0)
/** The type is the first member wherever OpenAI itself is asked: nine events of ten need no parsing. */
const PIECE = /^\{"type":"response\.[a-z_.]+\.delta"/
/** What comes before the model has begun to answer. */
const PRELUDE: ReadonlySet<unknown> = new Set(['response.created', 'response.in_progress', 'response.queued', 'keepalive'])
const TERMINAL: ReadonlySet<unknown> = new Set(['response.completed', 'response.incomplete', 'response.cancelled'])

/** Reads a stream of the Responses API: passes every event as it came, and notes when the answer begins, what it costs and how it ends. */
export class ResponsesStream implements StreamReader {
  readonly #identity: Identity
  end: End = { natural: false }
  speaking = false
  done = false

  constructor(identity: Identity) {
    this.#identity = identity
  }

  read({ raw, data }: SseEvent): Uint8Array | undefined {
    if (this.done || data === '[DONE]') return undefined
    if (PIECE.test(data)) this.speaking = true
    else this.#note(chunkIn(this.#identity, data))
    return raw
  }

  close(): Uint8Array {
    if (this.done) return NOTHING
    const { name: provider } = this.#identity
    throw new ProviderError('transport', 'provider_failed', `${provider} ended its answer early`, { provider })
  }

  #note(event: Readonly<Record<string, unknown>>): void {
    const { type, response } = event
    if (type === 'error' || type === undefined) throw failedResponse(this.#identity, event.error ?? { ...event, type: undefined })
    if (type === 'response.failed') throw failedResponse(this.#identity, isRecord(response) ? response.error : undefined)
    // One that runs in the background is the client's to resume: it must learn the id at once.
    this.speaking ||= !PRELUDE.has(type) || (isRecord(response) && response.background === true)
    if (!TERMINAL.has(type)) return
    this.done = true
    if (isRecord(response)) this.end = endOfResponse(response)
  }
}
