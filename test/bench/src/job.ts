import type { Dialect, Model } from './traffic.ts'

/** What the load generator is to do once. */
export interface Job {
  readonly port: number
  /** Sent beside those that every request has. */
  readonly headers: Readonly<Record<string, string>>
  readonly dialect: Dialect
  readonly model: Model
  readonly stream: boolean
  /** The same few requests over and over; else none is ever sent twice. */
  readonly repeat: boolean
  /** What every answer has to say of the cache; undefined where it may say nothing. */
  readonly xCache: string | undefined
  readonly connections: number
  /** Over this time the connections begin, one after the other. */
  readonly rampMs: number
  /** Not counted, before what is. */
  readonly warmUpMs: number
  readonly measureMs: number
  /** Whose processor time is of interest. */
  readonly pids: readonly number[]
}

/** What the load generator saw. Rates and times are of the measured window; bodies and stalls are of all that was sent. */
export interface Outcome {
  readonly seconds: number
  readonly answers: number
  readonly bytes: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** The longest wait between two reads of one stream: over all streams, and of all but the worst hundredth of them. */
  readonly stallMaxMs: number
  readonly stallP99Ms: number
  readonly firstByteP99Ms: number
  readonly exact: number
  readonly rewritten: number
  readonly wrong: number
  /** Counted above by their bodies, but they came from the cache where they must not, or not from it where they must. */
  readonly miscached: number
  /** Another status than 200, or a connection that broke. */
  readonly failed: number
  /** What the first of the wrong and failed were. */
  readonly examples: readonly string[]
  /** Processor milliseconds in the window by process. */
  readonly cpuMs: Readonly<Record<number, number>>
  /** Shares of all processors together. */
  readonly foreignShare: number
  readonly idleShare: number
}
