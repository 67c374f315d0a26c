import type { Call } from '@gomodel/bus'
import { GatewayError, type HeadOf, type generate } from '@gomodel/contracts'
import { withoutMark } from './byte-order-mark.ts'
import { type End, type GenerateRequest, type ProviderCall, ProviderError, type StreamReader } from './provider.ts'
import { EventSplitter, type SseEvent } from './sse.ts'
import type { UpstreamAnswer } from './upstream-answer.ts'
import type { WatchedAttempt } from './watched-attempt.ts'

export type GenerateCall = Call<GenerateRequest, HeadOf<typeof generate>>

/** One try's way from the provider to the caller. */
export interface Relay {
  readonly instance: string
  readonly asked: ProviderCall
  readonly call: GenerateCall
  /** What the caller is told before the first byte. */
  readonly head: HeadOf<typeof generate>
  readonly answer: UpstreamAnswer
  readonly attempt: WatchedAttempt
  /** Called when the first content goes out. */
  readonly begun: () => void
}

const MAX_ANSWER_BYTES = 64 * 1024 * 1024
const MAX_HELD_BYTES = 1024 * 1024
const SLICE_BYTES = 64 * 1024
/** Anthropic's event for keeping a connection alive; others use comments, which are no events. */
const PING = /^\s*\{\s*"type"\s*:\s*"ping"/

/** Passes a whole answer on, byte for byte but for a byte order mark, once it proved to be one. */
export async function relayWhole(relay: Relay): Promise<End> {
  const { instance, asked, call, head, answer, attempt, begun } = relay
  const { bytes: received, whole } = await answer.collect(MAX_ANSWER_BYTES)
  if (!whole) {
    throw new ProviderError('protocol', 'provider_failed', `${instance} gave an answer of more than ${MAX_ANSWER_BYTES} bytes`, { provider: instance })
  }
  attempt.begun()
  attempt.over()
  const { bytes, end } = asked.answer(withoutMark(received))
  begun()
  call.head(head)
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    if (!call.write(bytes.subarray(at, at + SLICE_BYTES))) await drained(relay)
  }
  return end
}

/** Passes a stream on as it comes. What says nothing yet is held back, so that a failure before the first content can be mended unseen. */
export async function relayStream(relay: Relay): Promise<End> {
  const { asked, answer, attempt } = relay
  const reader = asked.reader()
  attempt.reading(() => reader.end)
  const splitter = new EventSplitter()
  const writer = new HoldingWriter(relay, reader)
  try {
    await answer.read(chunk => {
      const events = splitter.push(chunk)
      for (const event of events) writer.take(event)
      if (writer.released && events.length > 0) attempt.piece()
      if (reader.done) answer.finish()
      // A provider that only keeps the connection alive is silent.
      return splitter.amidEvent || events.some(({ data }) => !PING.test(data))
    })
    attempt.over()
    const last = splitter.end()
    if (last) writer.take(last)
    writer.close()
  } catch (thrown) {
    throw writer.released ? broken(relay, thrown) : thrown
  }
  return reader.end
}

/** Writes to the caller from the first content on, no faster than it reads. */
class HoldingWriter {
  readonly #relay: Relay
  readonly #reader: StreamReader
  #held: Uint8Array[] = []
  #heldBytes = 0
  #waiting = false
  released = false

  constructor(relay: Relay, reader: StreamReader) {
    this.#relay = relay
    this.#reader = reader
  }

  take(event: SseEvent): void {
    this.#relay.attempt.event(event.data)
    const bytes = this.#reader.read(event)
    if (this.released) {
      if (bytes) this.#write(bytes)
      return
    }
    if (bytes) {
      this.#held.push(bytes)
      this.#heldBytes += bytes.length
    }
    if (this.#reader.speaking || this.#heldBytes > MAX_HELD_BYTES) this.#release()
  }

  close(): void {
    const last = this.#reader.close()
    if (!this.released) this.#release()
    this.#write(last)
  }

  #release(): void {
    const { call, head, answer, attempt, begun } = this.#relay
    this.released = true
    answer.begun()
    attempt.begun()
    begun()
    call.head(head)
    for (const bytes of this.#held) this.#write(bytes)
    this.#held = []
  }

  #write(bytes: Uint8Array): void {
    const { call, answer, attempt } = this.#relay
    if (call.write(bytes) || this.#waiting) return
    this.#waiting = true
    answer.pause()
    const goOn = (): void => {
      this.#waiting = false
      attempt.resumed()
      answer.resume()
    }
    call.drained().then(goOn, goOn)
  }
}

/** A failure after the first content: its words are ours, and it still says of the provider what it said. */
function broken({ instance, call }: Relay, thrown: unknown): unknown {
  if (call.signal.aborted || !(thrown instanceof GatewayError)) return thrown
  const failure = thrown instanceof ProviderError ? thrown.failure : 'protocol'
  const message = failure === 'timeout' ? thrown.message : `${instance} failed in the middle of its answer`
  return new ProviderError(failure, 'stream_broken', message, { provider: instance, cause: thrown })
}

/** Waits until the caller takes more, or is gone. */
async function drained({ call, instance }: Relay): Promise<void> {
  const { signal } = call
  const gone = Promise.withResolvers<void>()
  const leave = (): void => gone.resolve()
  signal.addEventListener('abort', leave, { once: true })
  try {
    await Promise.race([call.drained(), gone.promise])
  } finally {
    signal.removeEventListener('abort', leave)
  }
  if (signal.aborted) throw new ProviderError('cancelled', 'cancelled', 'the caller is gone', { provider: instance })
}
