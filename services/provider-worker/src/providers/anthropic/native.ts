import type { Changes } from '../../hub/changes.ts'
import { withMembers } from '../../json-fields.ts'
import type { End, GenerateRequest, Identity, ProviderCall, StreamReader } from '../../provider.ts'
import type { SseEvent } from '../../sse.ts'
import { isRecord, nativeUsageOf } from '../usage.ts'
import { unasked } from '../whole-body.ts'
import { messageIn, stopReasonOf, textOf } from './answer.ts'
import { eventIn, objectIn } from './error.ts'
import { withoutForeignThoughts } from './foreign-thoughts.ts'
import { callHeaders } from './headers.ts'
import { Progress } from './progress.ts'
import { isNatural } from './stop-reason.ts'
import { mergedUsage, usageOf } from './usage.ts'

const NOTHING = Buffer.alloc(0)
const STOP = Buffer.from('event: message_stop\ndata: {"type":"message_stop"}\n\n')
/** How every piece of content begins, in the provider's own spelling. */
const PIECE = '{"type":"content_block_delta"'

interface Asked {
  readonly body: Uint8Array
  readonly request: GenerateRequest
  readonly changes: Changes
}

/** A call in the provider's own dialect: all passes as it is, but for the name of the model and what others thought. */
export function nativeCall(identity: Identity, path: string, asked: Asked): ProviderCall {
  const { body, request, changes } = asked
  return {
    path,
    body: withMembers(body, new Map([['model', () => Buffer.from(JSON.stringify(request.model))], ...withoutForeignThoughts(body, changes)])),
    headers: callHeaders(request),
    answer: bytes => ({ bytes, end: endOf(identity, bytes) }),
    reader: () => new MessagesStream(identity),
  }
}

/** A count of tokens is an answer that costs nothing. */
export function countCall(identity: Identity, path: string, asked: Asked): ProviderCall {
  const answer: ProviderCall['answer'] = bytes => {
    if (typeof objectIn(identity, textOf(bytes)).input_tokens !== 'number') throw unasked(identity, 'without a count')
    return { bytes, end: { natural: true } }
  }
  return { ...nativeCall(identity, path, asked), answer }
}

/** What closes a whole answer; throws when it is none. */
function endOf(identity: Identity, body: Uint8Array): End {
  const message = messageIn(identity, body)
  const finish = stopReasonOf(message)
  const usage = usageOf(mergedUsage(undefined, message.usage), 'final')
  const nativeUsage = nativeUsageOf(message.usage)
  return { ...(usage && { usage }), ...(nativeUsage && { nativeUsage }), ...(finish !== undefined && { finish }), natural: isNatural(finish) }
}

/** Reads a stream of messages: passes every event as it came, and notes when the answer begins, what it costs and whether it is whole. */
class MessagesStream implements StreamReader {
  readonly #identity: Identity
  readonly #progress: Progress
  speaking = false

  constructor(identity: Identity) {
    this.#identity = identity
    this.#progress = new Progress(identity)
  }

  get done(): boolean {
    return this.#progress.done
  }

  get end(): End {
    return this.#progress.end
  }

  read({ raw, data }: SseEvent): Uint8Array | undefined {
    if (this.done) return undefined
    // Nearly every event is a piece of content, of which nothing has to be known.
    if (data.startsWith(PIECE)) {
      this.speaking = true
      return raw
    }
    const event = eventIn(this.#identity, data)
    this.#progress.note(event)
    this.speaking ||= event.type === 'content_block_delta' || this.#progress.stopReason !== undefined || beginsWithContent(event)
    return raw
  }

  close(): Uint8Array {
    this.#progress.requireEnd()
    return this.done ? NOTHING : STOP
  }
}

/** A call of a tool says something from its first event on, text and thoughts only with their first piece. */
function beginsWithContent({ type, content_block: block }: Readonly<Record<string, unknown>>): boolean {
  return type === 'content_block_start' && isRecord(block) && block.type !== 'text' && block.type !== 'thinking'
}
