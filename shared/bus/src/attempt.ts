import { GatewayError, type Exchange } from '@gomodel/contracts'
import { Backlog } from './backlog.ts'
import { decodeError, decodeJson } from './codec.ts'
import { decodeStream, seqOf, type StreamFrame } from './frames.ts'
import { Receiver } from './receiver.ts'
import type { Sender } from './sender.ts'
import type { Answer } from './types.ts'
import type { Window } from './windows.ts'

/** What an attempt asks of the one who sends for it. */
export interface AttemptHost {
  /** Credit was regained: tell the worker soon. */
  credit(attempt: Attempt): void
  /** The reader left before the end. */
  cancel(attempt: Attempt): void
  /** Nothing more will come, for whatever reason. */
  finished(attempt: Attempt): void
}

/** Turns the bytes of a head or an end into the value that the contract promises. */
export interface Decoders {
  head(bytes: Buffer): unknown
  end(bytes: Buffer): unknown
  error(bytes: Buffer): GatewayError
}

export const decoders = (contract: Exchange): Decoders => ({
  head: bytes => decodeJson(contract.head, bytes, `the head of ${contract.name}`),
  end: bytes => decodeJson(contract.end, bytes, `the end of ${contract.name}`),
  error: decodeError,
})

type Step = IteratorResult<Uint8Array, undefined>

/** One try of an exchange on one worker, on the caller's side: receives frames, hands out bytes in order, says how it ended exactly once. */
export class Attempt implements Answer<unknown, unknown>, AsyncIterator<Uint8Array, undefined> {
  readonly id: string
  readonly receiver = new Receiver()
  readonly window: Window
  /** The request body on its way, when it is too large to be sent inline. */
  readonly body: Sender | undefined
  /** Undefined until the first frame of a request that any worker of the pool could take. */
  worker: string
  /** Its opening left; before, its worker knows nothing of it. */
  opened = false
  accepted = false
  /** Its worker went out of sight and may have begun. */
  lost = false
  sentAt: number
  readonly started: Promise<Answer<unknown, unknown>>
  readonly #host: AttemptHost
  readonly #decode: Decoders
  readonly #start = Promise.withResolvers<Answer<unknown, unknown>>()
  #state: 'held' | 'started' | 'over' = 'held'
  #head: unknown
  readonly #chunks = new Backlog()
  #handedBytes = 0
  #ended = false
  #end: unknown
  #failure: GatewayError | undefined
  #pull: PromiseWithResolvers<Step> | undefined

  constructor(options: { id: string; worker: string; window: Window; body: Sender | undefined; sentAt: number; host: AttemptHost; decode: Decoders }) {
    this.id = options.id
    this.worker = options.worker
    this.window = options.window
    this.body = options.body
    this.sentAt = options.sentAt
    this.#host = options.host
    this.#decode = options.decode
    this.started = this.#start.promise
  }

  get head(): unknown {
    return this.#head
  }

  get end(): unknown {
    return this.#end
  }

  /** Content reached the caller: from here on there is no other try. */
  get hasStarted(): boolean {
    return this.#state !== 'held'
  }

  get over(): boolean {
    return this.#ended || this.#failure !== undefined || this.#state === 'over'
  }

  /** Reads a frame. One that is due and cannot be read ends it all: asked for again it would be the same. Any other may come from anywhere. */
  read(message: Buffer): StreamFrame {
    try {
      return decodeStream(message)
    } catch (thrown) {
      if (seqOf(message) === this.receiver.ack + 1) this.#giveUp(thrown)
      throw thrown
    }
  }

  /** Takes the next frame in order. */
  take(frame: StreamFrame): void {
    if (this.over) return
    try {
      if (frame.head) this.#head = this.#decode.head(frame.head)
      if (frame.data) this.#chunks.push(frame.data, this.#pull !== undefined)
      if (this.#head === undefined && (frame.data ?? frame.end)) throw new Error('an answer began without its head')
      this.#begin(frame)
      if (frame.error) return this.fail(this.#decode.error(frame.error))
      if (frame.end) {
        this.#end = this.#decode.end(frame.end)
        this.#ended = true
      }
    } catch (thrown) {
      return this.#giveUp(thrown)
    }
    if (this.#ended) this.#host.finished(this)
    this.#serve()
  }

  /** Content decides, also when the error comes in the same frame: what was said is handed out before what went wrong. */
  #begin(frame: StreamFrame): void {
    if (this.#state !== 'held' || !(frame.data ?? frame.end)) return
    this.#state = 'started'
    this.#start.resolve(this)
  }

  /** What the worker says makes no sense. */
  #giveUp(thrown: unknown): void {
    if (this.over) return
    this.#host.cancel(this)
    this.fail(GatewayError.from(thrown))
  }

  /** Nothing more comes; what came before is still handed out. */
  fail(error: GatewayError): void {
    if (this.over) return
    this.#failure = error
    this.#host.finished(this)
    if (this.#state === 'held') {
      this.#state = 'over'
      this.window.close()
      this.#start.reject(error)
    } else this.#serve()
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return this
  }

  next(): Promise<Step> {
    if (this.#handedBytes > 0) {
      const regained = this.window.consume(this.#handedBytes)
      this.#handedBytes = 0
      if (regained && !this.over) this.#host.credit(this)
    }
    this.#pull = Promise.withResolvers<Step>()
    const { promise } = this.#pull
    this.#serve()
    return promise
  }

  /** The reader leaves. */
  return(): Promise<Step> {
    const cancelled = !this.over
    this.#state = 'over'
    this.#chunks.clear()
    this.window.close()
    if (cancelled) {
      this.#host.cancel(this)
      this.#host.finished(this)
    }
    this.#serve()
    return Promise.resolve({ done: true, value: undefined })
  }

  #serve(): void {
    // Whoever looks at the end alone need not read to it.
    if ((this.#ended || this.#failure) && this.#chunks.empty) this.window.close()
    const pull = this.#pull
    if (!pull) return
    const chunk = this.#chunks.shift()
    if (chunk) {
      this.#handedBytes = chunk.length
      this.#pull = undefined
      pull.resolve({ done: false, value: chunk })
    } else if (this.#ended || this.#failure || this.#state === 'over') {
      this.#pull = undefined
      if (this.#failure) pull.reject(this.#failure)
      else pull.resolve({ done: true, value: undefined })
    }
  }
}
