import type { Dispatcher } from 'undici'
import { ProviderError } from './provider.ts'
import type { Headers } from './retry-after.ts'

/** How long silence is borne; 0 is for ever. */
export interface Patience {
  /** From sending the request until its answer begins. */
  readonly firstMs: number
  /** Between what says something after that: keep-alives do not count. */
  readonly gapMs: number
  /** An answer begins with its head, with the first chunk that says something, or only when `begun` is called. */
  readonly until: 'head' | 'said' | 'begun'
}

/** Takes a chunk of a body; false when nothing was said in it, so that silence goes on. */
export type Sink = (chunk: Buffer) => unknown

/** A body that was read into memory. */
export interface Collected {
  readonly bytes: Uint8Array
  /** False when it was larger than the limit and is cut there. */
  readonly whole: boolean
}

// Long enough for the last bytes of a provider that is done; its connection is then good for the next request.
const LINGER_MS = 1000

/** One answer of a provider, from its head to its last byte: paused and resumed by its reader, judged by timers that rest while it is paused. */
export class UpstreamAnswer implements Dispatcher.DispatchHandler {
  readonly #name: string
  readonly #signal: AbortSignal
  readonly #patience: Patience
  readonly #head = Promise.withResolvers<void>()
  readonly #body = Promise.withResolvers<void>()
  #controller: Dispatcher.DispatchController | undefined
  #failure: Error | undefined
  /** What came before somebody read. */
  #early: Buffer[] = []
  #sink: Sink | undefined
  #timer: NodeJS.Timeout | undefined
  #begun = false
  #hurried = false
  #paused = false
  #settled = false
  status = 0
  headers: Headers = {}

  constructor(name: string, signal: AbortSignal, patience: Patience) {
    this.#name = name
    this.#signal = signal
    this.#patience = patience
    // A failure is told to whoever waits; nobody may, and that is no unhandled rejection.
    this.#head.promise.catch(ignore)
    this.#body.promise.catch(ignore)
    signal.addEventListener('abort', this.#cancel)
    this.#wait(patience.firstMs)
  }

  /** Resolves when status and headers are known. */
  get head(): Promise<void> {
    return this.#head.promise
  }

  /** Hands every chunk of the body to a reader; resolves after the last. What the reader throws ends the answer. */
  read(sink: Sink): Promise<void> {
    this.#sink = sink
    const early = this.#early
    this.#early = []
    for (const chunk of early) {
      const failure = this.#give(chunk)
      // The answer may be over already, and then its promise knows nothing of this.
      if (failure) return Promise.reject(failure)
    }
    return this.#body.promise
  }

  /** Reads the body into memory, up to a limit at which the rest is left unread. */
  async collect(maxBytes: number): Promise<Collected> {
    const chunks: Buffer[] = []
    let size = 0
    let whole = true
    let begun = false
    await this.read(chunk => {
      if (!whole) return true
      chunks.push(chunk)
      size += chunk.length
      // A provider that is busy sends empty lines ahead of its JSON.
      begun ||= !isBlank(chunk)
      if (size > maxBytes) {
        whole = false
        this.finish(0)
      }
      return begun
    })
    const [only] = chunks
    const bytes = chunks.length === 1 && only ? only : Buffer.concat(chunks, size)
    return { bytes: whole ? bytes : bytes.subarray(0, maxBytes), whole }
  }

  /** The model has begun to answer: from now on the gap between bytes counts. */
  begun(): void {
    if (this.#begun || this.#settled) return
    this.#begun = true
    this.#wait(this.#patience.gapMs)
  }

  /** Nothing more is to come within so many milliseconds, whatever was allowed before. */
  hurry(ms: number): void {
    if (this.#settled) return
    this.#hurried = true
    this.#wait(ms)
  }

  pause(): void {
    this.#paused = true
    this.#controller?.pause()
    clearTimeout(this.#timer)
  }

  resume(): void {
    if (this.#settled) return
    this.#paused = false
    if (this.#begun) this.#wait(this.#patience.gapMs)
    this.#controller?.resume()
  }

  /** All that matters was read: `read` resolves, and the provider gets a moment to close by itself. */
  finish(lingerMs = LINGER_MS): void {
    if (this.#settled) return
    this.#settle()
    this.#sink = ignore
    this.#body.resolve()
    const controller = this.#controller
    if (lingerMs === 0) return controller?.abort(new Error('the rest is not wanted'))
    controller?.resume()
    this.#timer = setTimeout(() => controller?.abort(new Error('the answer was over')), lingerMs).unref()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    // Given up while the connection was being made.
    if (this.#failure) controller.abort(this.#failure)
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    if (status < 200) return
    this.status = status
    this.headers = headers
    if (this.#patience.until === 'head') this.begun()
    this.#head.resolve()
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#give(chunk)
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer)
    if (this.#settled) return
    this.#settle()
    this.#body.resolve()
  }

  onResponseError(_: Dispatcher.DispatchController | null, error: Error): void {
    clearTimeout(this.#timer)
    this.#fail(this.#transportError(error))
  }

  /** Gives what the reader made of the chunk, if that was an error. */
  #give(chunk: Buffer): Error | undefined {
    if (this.#failure) return this.#failure
    try {
      if (!this.#sink) this.#early.push(chunk)
      else if (this.#sink(chunk) !== false) this.#heard()
      return undefined
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error(String(thrown))
      this.#fail(error)
      return error
    }
  }

  #heard(): void {
    if (this.#hurried) return
    if (this.#patience.until === 'said') this.begun()
    // Moves the timer on without making a new one, which would cost more than reading the chunk.
    if (this.#begun && !this.#paused && !this.#settled) this.#timer?.refresh()
  }

  /** Starts the clock anew; whoever waits for the next byte is told when it runs out. */
  #wait(ms: number): void {
    clearTimeout(this.#timer)
    if (ms > 0) this.#timer = setTimeout(() => this.#fail(this.#timedOut(ms)), ms)
  }

  #fail(error: Error): void {
    if (this.#settled) return
    this.#failure = error
    this.#settle()
    this.#head.reject(error)
    this.#body.reject(error)
    this.#controller?.abort(error)
  }

  #settle(): void {
    this.#settled = true
    clearTimeout(this.#timer)
    this.#signal.removeEventListener('abort', this.#cancel)
  }

  readonly #cancel = (): void => this.#fail(new ProviderError('cancelled', 'cancelled', 'the caller is gone', { provider: this.#name }))

  #timedOut(ms: number): ProviderError {
    const what = this.#begun ? 'fell silent' : 'did not begin to answer'
    return new ProviderError('timeout', 'timeout', `${this.#name} ${what} within ${ms / 1000} s`, { provider: this.#name })
  }

  #transportError(cause: Error): Error {
    const details = { provider: this.#name, cause }
    if ('code' in cause && cause.code === 'UND_ERR_CONNECT_TIMEOUT') {
      return new ProviderError('timeout', 'timeout', `${this.#name} did not take the connection in time`, details)
    }
    const what = this.status === 0 ? 'could not be reached' : 'broke off its answer'
    return new ProviderError('transport', 'provider_failed', `${this.#name} ${what}`, details)
  }
}

/** White space only. */
const isBlank = (bytes: Buffer): boolean => bytes.every(byte => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)

const ignore = (): void => undefined
