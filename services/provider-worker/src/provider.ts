import { type ErrorCode, type ErrorDetails, GatewayError, type EndOf, type RequestOf, type generate } from '@gomodel/contracts'
import type { SseEvent } from './sse.ts'

/** What a failure of a provider says about another try at once, and about the provider's health. */
export const FAILURES = {
  /** Not reached, cut off, or garbled on the way. */
  transport: { again: true, health: 'bad' },
  /** It is out of order, or busy. */
  overload: { again: true, health: 'bad' },
  /** It answered at length what was not asked: the same question would be paid for again. */
  protocol: { again: false, health: 'bad' },
  timeout: { again: false, health: 'bad' },
  rate: { again: true, health: 'neutral' },
  /** It does not take our key, whatever we ask. */
  key: { again: false, health: 'neutral' },
  /** The request is at fault. */
  caller: { again: false, health: 'good' },
  cancelled: { again: false, health: 'neutral' },
} as const satisfies Record<string, { again: boolean; health: Health }>

/** How a try speaks of the provider: `neutral` says nothing either way. */
export type Health = 'good' | 'bad' | 'neutral'

export type Failure = keyof typeof FAILURES

/** A GatewayError that remembers, inside this process, what kind of failure it came from. */
export class ProviderError extends GatewayError {
  readonly failure: Failure

  constructor(failure: Failure, code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(code, message, details)
    this.failure = failure
  }
}

/** One call of a model, as the bus brings it. */
export type GenerateRequest = RequestOf<typeof generate>

/** What closes an answer. */
export type End = EndOf<typeof generate>

/** What is read of an instance to talk to its provider. */
export interface Identity {
  readonly name: string
  readonly type: string
  readonly apiKey: string | undefined
}

/** A model that a provider offers. */
export interface Model {
  readonly id: string
  readonly created: number
  readonly ownedBy: string
}

/** An answer that is no success. */
export interface Refusal {
  readonly status: number
  readonly body: Uint8Array
  /** What its headers say of coming back. */
  readonly retryAfterMs: number | undefined
}

/** All the gateway knows of one provider's dialect. Pure: no network, clock, random numbers or environment. */
export interface Provider {
  /** Names and values in turn, the key among them. */
  readonly headers: readonly string[]
  /** The client's request in the provider's words. */
  request(body: Uint8Array, request: GenerateRequest): { path: string; body: Uint8Array }
  /** What closes a whole answer; throws when it is none. */
  answer(body: Uint8Array): End
  /** A fresh reader for one streamed answer. */
  reader(request: GenerateRequest): StreamReader
  /** What a refusal means. */
  error(refusal: Refusal): ProviderError
  /** Where the provider lists its models. */
  readonly modelsPath: string
  models(body: Uint8Array): Model[]
}

/** Reads one streamed answer, event by event. */
export interface StreamReader {
  /** The bytes that the client gets for an event, in its own dialect; nothing for what is not for it. Throws on an error inside the stream. */
  read(event: SseEvent): Uint8Array | undefined
  /** The model has begun to answer: before, another try would not be noticed. */
  readonly speaking: boolean
  /** The provider said that nothing follows. */
  readonly done: boolean
  /** The bytes that close the client's stream; throws when the answer is not complete. */
  close(): Uint8Array
  readonly end: End
}
