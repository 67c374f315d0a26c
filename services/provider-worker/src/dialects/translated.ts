import { GatewayError } from '@gomodel/contracts'
import type { Changes, PlaceOf } from '../hub/changes.ts'
import type { HubChunk } from '../hub/hub.ts'
import type { ChatApi, Dialect, DialectCall, DialectWriter, End, GenerateRequest, HubCall, HubReader, ProviderCall, StreamReader } from '../provider.ts'
import type { SseEvent } from '../sse.ts'

const NOTHING = Buffer.alloc(0)

/** One call of a provider's chat on behalf of a client that speaks another dialect: there through the hub, and back. */
export function translated(dialect: Dialect, chat: ChatApi, asked: { body: Uint8Array; request: GenerateRequest; changes: Changes }): ProviderCall {
  const { body, request, changes } = asked
  const spoken = dialect.begin(body, request, changes)
  const call = begun(chat, spoken, { request, changes })
  const ended = (end: End): End => (end.usage && spoken.usage ? { ...end, nativeUsage: spoken.usage(end.usage) } : end)
  return {
    path: call.path,
    body: call.body,
    ...(call.headers && { headers: call.headers }),
    answer: bytes => {
      const answer = call.answer(bytes)
      return { bytes: spoken.answer(answer), end: ended(answer.end) }
    },
    reader: () => new TranslatedStream(call.reader(), spoken.writer(), ended),
  }
}

/** Whatever the provider says of a field, the client is told by the name that it knows. */
function begun(chat: ChatApi, { chat: asked, placeOf }: DialectCall, { request, changes }: { request: GenerateRequest; changes: Changes }): HubCall {
  if (!placeOf) return chat.begin(asked, request, changes)
  try {
    return chat.begin(asked, request, changes.under(placeOf))
  } catch (thrown) {
    throw thrown instanceof GatewayError ? placed(thrown, placeOf) : thrown
  }
}

/** The same error with the client's name of the field, also where its message begins with it. */
function placed(error: GatewayError, placeOf: PlaceOf): GatewayError {
  const { code, message, details } = error
  if (details.param === undefined) return error
  const param = placeOf(details.param)
  const named = message === details.param || message.startsWith(`${details.param} `)
  return new GatewayError(code, named && param !== undefined ? param + message.slice(details.param.length) : message, { ...details, param })
}

/** A stream that is read in one dialect and written in another. */
class TranslatedStream implements StreamReader {
  readonly #reader: HubReader
  readonly #writer: DialectWriter
  readonly #ended: (end: End) => End
  speaking = false

  constructor(reader: HubReader, writer: DialectWriter, ended: (end: End) => End) {
    this.#reader = reader
    this.#writer = writer
    this.#ended = ended
  }

  get done(): boolean {
    return this.#reader.done
  }

  get end(): End {
    return this.#ended(this.#reader.end)
  }

  read(event: SseEvent): Uint8Array | undefined {
    return this.#written(this.#reader.read(event))
  }

  close(): Uint8Array {
    const rest = this.#written(this.#reader.close()) ?? NOTHING
    return Buffer.concat([rest, this.#writer.close(this.#reader.end)])
  }

  #written(chunks: readonly HubChunk[]): Uint8Array | undefined {
    let only: Uint8Array | undefined
    let more: Uint8Array[] | undefined
    for (const chunk of chunks) {
      this.speaking ||= speaks(chunk)
      const bytes = this.#writer.chunk(chunk)
      if (!bytes) continue
      if (!only) only = bytes
      else (more ??= [only]).push(bytes)
    }
    return more ? Buffer.concat(more) : only
  }
}

/** A chunk says something when a choice ends, or any field of its delta but the role does. */
function speaks({ choices }: HubChunk): boolean {
  return choices.some(({ delta, finish_reason: finish }) => finish !== null || Object.entries(delta).some(([name, value]) => name !== 'role' && !isEmpty(value)))
}

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0)
