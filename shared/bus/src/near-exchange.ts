import { GatewayError, type Exchange } from '@gomodel/contracts'
import { Backlog } from './backlog.ts'
import { checked } from './codec.ts'
import { randomToken } from './subjects.ts'
import type { Answer, Trace } from './types.ts'
import type { Window } from './windows.ts'

type Step = IteratorResult<Uint8Array, undefined>

/**
 * One exchange with a worker of the same process: both ends in one object, since nothing between them can be lost. What the other kind says of
 * order, credit, cancelling and errors holds of this one too.
 */
export class NearExchange implements Answer<unknown, unknown>, AsyncIterator<Uint8Array, undefined> {
  readonly id = randomToken()
  readonly worker: string
  readonly request: unknown
  readonly body: Uint8Array
  readonly trace: Trace | undefined
  readonly started: Promise<Answer<unknown, unknown>>
  readonly #contract: Exchange
  readonly #window: Window
  readonly #overs: ((exchange: NearExchange) => void)[]
  readonly #start = Promise.withResolvers<Answer<unknown, unknown>>()
  readonly #chunks = new Backlog()
  #state: 'held' | 'started' | 'left' = 'held'
  #head: unknown
  #end: unknown
  #closed = false
  #failure: GatewayError | undefined
  #written = 0
  #handedBytes = 0
  #pull: PromiseWithResolvers<Step> | undefined
  #drain: PromiseWithResolvers<void> | undefined
  #abort: AbortController | undefined
  #cancelled = false

  constructor(options: { worker: string; contract: Exchange; request: unknown; body: Uint8Array; trace: Trace | undefined; window: Window; over: (exchange: NearExchange) => void }) {
    this.worker = options.worker
    this.request = options.request
    this.trace = options.trace
    this.started = this.#start.promise
    this.#contract = options.contract
    this.body = options.body
    this.#window = options.window
    this.#overs = [options.over]
  }

  /** Aborted when the caller leaves. */
  get signal(): AbortSignal {
    // Made when somebody looks: most calls are over before their caller could leave.
    if (!this.#abort) {
      this.#abort = new AbortController()
      if (this.#cancelled) this.#abort.abort(gone())
    }
    return this.#abort.signal
  }

  get head(): unknown {
    return this.#head
  }

  get end(): unknown {
    return this.#end
  }

  /** Calls back once nothing more will come, for whatever reason. */
  onOver(over: () => void): void {
    this.#overs.push(over)
  }

  begin(head: unknown): void {
    this.#head = checked(this.#contract.head, head, `the head of ${this.#contract.name}`)
  }

  write(bytes: Uint8Array): boolean {
    if (this.#closed || this.#cancelled || bytes.length === 0) return true
    if (this.#head === undefined) throw new Error('an answer began without its head')
    this.#written += bytes.length
    this.#chunks.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), this.#pull !== undefined)
    this.#reachCaller()
    this.#serve()
    return !this.#blocked
  }

  drained(): Promise<void> {
    if (!this.#blocked || this.#cancelled) return Promise.resolve()
    this.#drain ??= Promise.withResolvers<void>()
    return this.#drain.promise
  }

  /** The handler is done. */
  finish(end: unknown): void {
    if (this.#closed) return
    if (this.#head === undefined) throw new Error('an answer ended without its head')
    this.#end = checked(this.#contract.end, end, `the end of ${this.#contract.name}`)
    this.#close()
    this.#reachCaller()
    this.#serve()
  }

  /** Nothing more comes; what came before is still handed out. The error is what it would be had it crossed a bus. */
  fail(thrown: unknown): void {
    if (this.#closed) return
    this.#failure = GatewayError.fromWire(GatewayError.from(thrown).toWire())
    this.#close()
    if (this.#state === 'held') this.#start.reject(this.#failure)
    else this.#serve()
  }

  /** The caller left: the work is stopped. */
  cancel(): void {
    if (this.#closed) return
    this.#cancelled = true
    this.fail(gone())
    this.#abort?.abort(gone())
    this.#drain?.resolve()
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return this
  }

  next(): Promise<Step> {
    if (this.#handedBytes > 0) {
      this.#window.consume(this.#handedBytes)
      this.#handedBytes = 0
      if (this.#drain && !this.#blocked) {
        this.#drain.resolve()
        this.#drain = undefined
      }
    }
    this.#pull = Promise.withResolvers<Step>()
    const { promise } = this.#pull
    this.#serve()
    return promise
  }

  return(): Promise<Step> {
    this.#state = 'left'
    this.#chunks.clear()
    this.#window.close()
    this.cancel()
    this.#serve()
    return Promise.resolve({ done: true, value: undefined })
  }

  get #blocked(): boolean {
    return this.#written > this.#window.granted
  }

  #reachCaller(): void {
    if (this.#state !== 'held') return
    this.#state = 'started'
    this.#start.resolve(this)
  }

  #close(): void {
    this.#closed = true
    for (const over of this.#overs) over(this)
    if (this.#state === 'held' && this.#failure) this.#window.close()
  }

  #serve(): void {
    // Whoever looks at the end alone need not read to it.
    if (this.#closed && this.#chunks.empty) this.#window.close()
    const pull = this.#pull
    if (!pull) return
    const chunk = this.#chunks.take()
    if (chunk) {
      this.#handedBytes = chunk.length
      this.#pull = undefined
      pull.resolve({ done: false, value: chunk })
    } else if (this.#closed || this.#state === 'left') {
      this.#pull = undefined
      if (this.#failure && this.#state !== 'left') pull.reject(this.#failure)
      else pull.resolve({ done: true, value: undefined })
    }
  }
}

const gone = () => new GatewayError('cancelled', 'the caller left')
