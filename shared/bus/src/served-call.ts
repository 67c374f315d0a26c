import { GatewayError } from '@gomodel/contracts'
import { encodeError, encodeJson } from './codec.ts'
import { NO_PREFIX, type StreamFrame } from './frames.ts'
import { Receiver } from './receiver.ts'
import { Sender } from './sender.ts'
import type { Call, Trace } from './types.ts'
import type { Window } from './windows.ts'

/** One exchange on the worker's side: collects the request body, queues the answer, and keeps what is not acknowledged. */
export class ServedCall<Q = unknown, H = unknown> implements Call<Q, H> {
  readonly id: string
  readonly request: Q
  readonly trace: Trace | undefined
  readonly inbox: string
  readonly sender: Sender
  readonly receiver = new Receiver()
  /** Credit for the body pieces that follow; undefined when the body came inline. */
  readonly window: Window | undefined
  /** Our subject, where the caller does not know it yet. */
  readonly from: string | undefined
  accepted = false
  missedProbes = 0
  running = true
  readonly #changed: (call: ServedCall) => void
  readonly #abort = new AbortController()
  readonly #body = Promise.withResolvers<Uint8Array>()
  readonly #bodyLength: number
  #pieces: Buffer[] = []
  #drain: PromiseWithResolvers<void> | undefined

  constructor(options: {
    id: string
    from: string | undefined
    request: Q
    trace: Trace | undefined
    inbox: string
    granted: number
    maxFrame: number
    body: Buffer | undefined
    bodyLength: number
    window: Window | undefined
    changed: (call: ServedCall) => void
  }) {
    this.id = options.id
    this.from = options.from
    this.request = options.request
    this.trace = options.trace
    this.inbox = options.inbox
    this.sender = new Sender({ prefix: NO_PREFIX, granted: options.granted, maxFrame: options.maxFrame })
    this.window = options.window
    this.#bodyLength = options.bodyLength
    this.#changed = options.changed
    this.#body.promise.catch(() => {})
    if (options.body) this.#body.resolve(options.body)
  }

  get signal(): AbortSignal {
    return this.#abort.signal
  }

  body(): Promise<Uint8Array> {
    return this.#body.promise
  }

  head(head: H): void {
    const bytes = encodeJson(head)
    if (!this.sender.fits(bytes)) throw tooLarge('head')
    this.sender.head(bytes)
  }

  write(bytes: Uint8Array): boolean {
    this.sender.write(bytes)
    this.#changed(this as ServedCall)
    return !this.sender.blocked
  }

  drained(): Promise<void> {
    if (!this.sender.blocked || this.signal.aborted) return Promise.resolve()
    this.#drain ??= Promise.withResolvers<void>()
    return this.#drain.promise
  }

  /** The handler is done. */
  finish(end: unknown): void {
    const bytes = encodeJson(end)
    if (!this.sender.fits(bytes)) throw tooLarge('end')
    this.#stopped()
    this.sender.end(bytes)
    this.#changed(this as ServedCall)
  }

  fail(thrown: unknown): void {
    this.#stopped()
    this.sender.fail(encodeError(thrown, this.sender.maxFrame))
    this.#changed(this as ServedCall)
  }

  /** Takes the next piece of the body in order; true when its sender should hear of new credit. */
  takeBody(frame: StreamFrame): boolean {
    if (!this.running) return false
    if (frame.data) this.#pieces.push(frame.data)
    if (frame.end) {
      const body = Buffer.concat(this.#pieces)
      this.#pieces = []
      this.window?.close()
      if (body.length === this.#bodyLength) this.#body.resolve(body)
      else this.failBody('has another length than announced')
    }
    return this.window?.consume(frame.data?.length ?? 0) ?? false
  }

  /** The handler will not get the body. */
  failBody(why: string): void {
    this.#body.reject(new GatewayError('internal', 'internal error', { cause: new Error(`the request body ${why}`) }))
  }

  /** The caller acknowledged frames or gave credit. */
  acknowledge(ack: number, granted: number): void {
    this.sender.acknowledge(ack, granted)
    if (this.sender.blocked || !this.#drain) return
    this.#drain.resolve()
    this.#drain = undefined
  }

  /** Whatever of the body has not come by now, nobody waits for: its credit goes to others. */
  #stopped(): void {
    this.running = false
    this.#pieces = []
    this.window?.close()
  }

  /** Stops the work: the caller left or is gone. */
  cancel(): void {
    if (this.#abort.signal.aborted) return
    const gone = new GatewayError('cancelled', 'the caller left')
    this.sender.discard()
    this.#abort.abort(gone)
    this.#body.reject(gone)
    this.#drain?.resolve()
    this.window?.close()
  }
}

const tooLarge = (what: string) => new GatewayError('internal', 'internal error', { cause: new Error(`the ${what} of an answer does not fit into one frame`) })
