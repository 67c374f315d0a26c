import type { ServerResponse } from 'node:http'
import type { TurnQueue } from '@gomodel/service'
import { writeTo } from './write-to.ts'

const KEEP_ALIVE = ': keep-alive\n\n'

export const EVENT_STREAM_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache', 'x-accel-buffering': 'no' }

/** A client's event stream: bytes as they come, comments while there are none, and an end that is never a fake. */
export class EventStream {
  readonly #response: ServerResponse
  readonly #headers: () => Record<string, string>
  readonly #writes: TurnQueue
  readonly #silence: NodeJS.Timeout
  #open = false

  /** `headers` is asked when the first byte leaves; `keepAliveMs` of silence before that opens the stream with a comment. What many streams write in one turn leaves with `writes`. */
  constructor(response: ServerResponse, { headers, keepAliveMs, writes }: { headers: () => Record<string, string>; keepAliveMs: number; writes: TurnQueue }) {
    this.#response = response
    this.#headers = headers
    this.#writes = writes
    this.#silence = setTimeout(() => {
      this.#silence.refresh()
      this.#start()
      if (!response.writableNeedDrain) response.write(KEEP_ALIVE)
    }, keepAliveMs)
    response.once('close', () => clearTimeout(this.#silence))
  }

  /** The status was sent: an error can only be an event now. */
  get open(): boolean {
    return this.#open
  }

  /** Resolves when there is room for more. */
  write(bytes: Uint8Array): Promise<void> {
    this.#start()
    this.#silence.refresh()
    return new Promise(resolve => this.#writes.run(() => resolve(writeTo(this.#response, bytes))))
  }

  end(): void {
    this.#start()
    clearTimeout(this.#silence)
    this.#response.end()
  }

  /** What came is with the client; the last words say that it is not all, and the connection closes. */
  fail(lastWords: string): void {
    clearTimeout(this.#silence)
    const { socket } = this.#response
    this.#response.end(lastWords, () => socket?.destroySoon())
  }

  /** Nothing was sent and nothing will be. */
  discard(): void {
    clearTimeout(this.#silence)
  }

  #start(): void {
    if (this.#open) return
    this.#open = true
    this.#response.writeHead(200, { ...EVENT_STREAM_HEADERS, ...this.#headers() })
  }
}
