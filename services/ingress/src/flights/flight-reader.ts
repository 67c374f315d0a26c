import { GatewayError } from '@gomodel/contracts'
import type { Flight, Source } from './flight.ts'

/** For whom it reads. The signal says that he left; it is asked for when there is something to leave. */
export interface Follower {
  readonly signal: AbortSignal
}

type Step = IteratorResult<Uint8Array, undefined>

/** One who reads an answer from its beginning, at its own pace. */
export class FlightReader implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array, undefined> {
  readonly #flight: Flight
  readonly #client: Follower
  #signal: AbortSignal | undefined
  readonly #leave = (): void => this.leave()
  #left = false
  /** How many bytes it has. */
  place = 0

  constructor(flight: Flight, client: Follower) {
    this.#flight = flight
    this.#client = client
  }

  /** From now on it leaves when its client does. */
  follow(): void {
    if (this.#left) return
    const { signal } = this.#client
    if (signal.aborted) return this.leave()
    this.#signal = signal
    signal.addEventListener('abort', this.#leave, { once: true })
  }

  /** Resolves with the first content; rejects with what its own client is told when there is none. */
  async opened(): Promise<Source> {
    try {
      return await this.#flight.opened
    } catch (thrown) {
      this.leave()
      throw thrown
    }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<Step> {
    try {
      const step = this.#step()
      return step ? Promise.resolve(step) : this.#flight.pull().then(this.#again)
    } catch (thrown) {
      return Promise.reject(GatewayError.from(thrown))
    }
  }

  readonly #again = (): Step | Promise<Step> => this.#step() ?? this.next()

  /** What is there to be had without waiting. */
  #step(): Step | undefined {
    if (this.#left) throw new GatewayError('cancelled', 'the caller left')
    const value = this.#flight.tape.behind(this.place)
    if (value === 'gone') throw this.#ended(tooSlow())
    if (value) {
      this.place += value.length
      return { done: false, value }
    }
    if (!this.#flight.over) return undefined
    if (this.#flight.failure === undefined) return this.#done()
    throw this.#ended(this.#flight.failure)
  }

  return(): Promise<Step> {
    return Promise.resolve(this.#done())
  }

  /** It wants no more; the last one to leave ends the call. */
  leave(): void {
    if (this.#left) return
    this.#left = true
    this.#signal?.removeEventListener('abort', this.#leave)
    this.#flight.left(this)
  }

  #done(): Step {
    this.leave()
    return { done: true, value: undefined }
  }

  #ended(failure: unknown): unknown {
    this.leave()
    return failure
  }
}

const tooSlow = () => new GatewayError('stream_broken', 'the answer is too large to wait for a reader that is slower than others of the same answer')
