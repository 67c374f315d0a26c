import { type EndOf, type Flown, GatewayError, type generate } from '@gomodel/contracts'
import type { Hit } from '../answer-cache.ts'
import type { CollectorBudget } from '../collector.ts'
import { FlightReader, type Follower } from './flight-reader.ts'
import { Tape } from './tape.ts'

/** Where the bytes of an answer come from, from its first content on. */
export interface Source {
  readonly head: Flown
  /** A whole answer is one piece. */
  readonly bytes: AsyncIterable<Uint8Array>
  /** Known when all bytes were read; of a whole answer, with its piece. */
  readonly end: EndOf<typeof generate> | undefined
  /** When a model was asked, in milliseconds since 1970; absent where none was, or not by us. */
  readonly since?: number
  /** It was not asked of a model: the cache had it. */
  readonly hit?: Hit
  /** Told once that it is over, and with what failure. */
  over?(failure: unknown): void
}

/** Gets an answer; resolves with its first content. `signal` says that nobody wants it any more. */
export type Opening = (signal: AbortSignal) => Promise<Source>

/**
 * An answer on its way to any number of readers. It is read as fast as the fastest of them reads, one piece at a time and only when one of
 * them waits for it; it lives as long as anybody wants it.
 */
export class Flight {
  readonly tape: Tape
  readonly #readers = new Set<FlightReader>()
  /** Made when the answer is asked for. */
  #abort: AbortController | undefined
  #begun = false
  #abandoned = false
  /** Made for those who wait for it: a flight that ends at the cache needs none. */
  #opening: PromiseWithResolvers<Source> | undefined
  readonly #landed: (flight: Flight) => void
  #source: Source | undefined
  #iterator: AsyncIterator<Uint8Array> | undefined
  #pulling: Promise<void> | undefined
  #over = false
  #closed = false
  #failure: unknown

  /** `landed` is told once when it is over, and may look at the tape; without a budget only those who are there at its beginning can read it. */
  constructor({ budget, landed }: { budget?: CollectorBudget | undefined; landed?: ((flight: Flight) => void) | undefined } = {}) {
    this.tape = new Tape(budget)
    this.#landed = landed ?? nothing
  }

  /** Resolves with the first content. */
  get opened(): Promise<Source> {
    return this.#expected().promise
  }

  /** Undefined before the first content. */
  get source(): Source | undefined {
    return this.#source
  }

  /** Nothing more comes. */
  get over(): boolean {
    return this.#over
  }

  /** What ended it before its time. */
  get failure(): unknown {
    return this.#failure
  }

  /** Everybody left before it was over. */
  get abandoned(): boolean {
    return this.#abandoned
  }

  /** One more reader; undefined when the beginning cannot be had any more. */
  join(client: Follower): FlightReader | undefined {
    if (this.#closed || this.abandoned || !this.tape.fromBeginning) return undefined
    const reader = new FlightReader(this, client)
    this.#readers.add(reader)
    if (this.#begun) reader.follow()
    return reader
  }

  /** Sets out. */
  async begin(open: Opening): Promise<void> {
    this.#begun = true
    for (const reader of this.#readers) reader.follow()
    try {
      // Whoever waited for it may be gone by now.
      if (this.#abandoned) throw nobodyWaits()
      this.#abort = new AbortController()
      this.#source = await open(this.#abort.signal)
      this.#iterator = this.#source.bytes[Symbol.asyncIterator]()
      if (this.#abandoned) this.#finish(nobodyWaits())
      this.#expected().resolve(this.#source)
    } catch (thrown) {
      this.#finish(thrown)
    }
  }

  /** Resolves when there is one piece more, or nothing more; all who wait wait for the same one. */
  pull(): Promise<void> {
    return (this.#pulling ??= this.#iterator!.next().then(this.#took, this.#broke))
  }

  left(reader: FlightReader): void {
    this.#readers.delete(reader)
    if (this.#readers.size > 0) return
    if (this.#over) return this.#release()
    this.#abandoned = true
    this.#abort?.abort(nobodyWaits())
    if (this.#source) this.#finish(nobodyWaits())
  }

  /** Nobody joins any more. */
  close(): void {
    this.#closed = true
    this.#release()
  }

  #expected(): PromiseWithResolvers<Source> {
    if (!this.#opening) {
      this.#opening = Promise.withResolvers()
      this.#opening.promise.catch(nothing)
    }
    return this.#opening
  }

  #release(): void {
    if (this.#closed && this.#over && this.#readers.size === 0) this.tape.release()
  }

  readonly #took = (step: IteratorResult<Uint8Array>): void => {
    this.#pulling = undefined
    if (this.#over) return
    if (step.done) return this.#finish()
    const whole = this.#source?.head.form === 'whole'
    this.tape.add(step.value, whole)
    if (whole) this.#finish()
    this.tape.passed(this.#slowest)
  }

  readonly #broke = (thrown: unknown): void => {
    this.#pulling = undefined
    this.#finish(thrown)
  }

  readonly #slowest = (): number => {
    let least = Number.POSITIVE_INFINITY
    for (const { place } of this.#readers) least = Math.min(least, place)
    return least
  }

  #finish(failure?: unknown): void {
    if (this.#over) return
    this.#over = true
    this.#failure = failure
    if (failure !== undefined) this.#expected().reject(failure)
    this.#source?.over?.(failure)
    this.#landed(this)
    this.#release()
  }
}

const nothing = (): void => {}
const nobodyWaits = () => new GatewayError('cancelled', 'the caller left')
