import { type Endpoint, type ErrorCode, type ErrorDetails, GatewayError, type EndOf, type RequestOf, type Usage, type generate } from '@gomodel/contracts'
import type { Changes, PlaceOf } from './hub/changes.ts'
import type { HubChunk, HubCompletion, HubRequest } from './hub/hub.ts'
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
  /** The model did not keep to the form that its provider demands: mostly it does the next time. */
  misspoke: { again: 'once', health: 'good' },
  cancelled: { again: false, health: 'neutral' },
} as const satisfies Record<string, { again: boolean | 'once'; health: Health }>

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
  /** Without a slash at its end. */
  readonly baseUrl: string
  /** The models that the configuration names. */
  readonly models?: readonly string[]
  /** Where the provider wants one: Azure. */
  readonly apiVersion?: string
  /** By id, what the configuration says of a model: the true one behind a deployment's name. */
  readonly modelOptions?: ReadonlyMap<string, { readonly baseModel?: string }>
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

/** All the gateway knows of one provider. Pure: no network, clock, random numbers or environment. */
export interface Provider {
  /** Names and values in turn, the key among them. */
  readonly headers: readonly string[]
  /** The endpoints where the provider speaks the client's own dialect, so that bytes pass as they are. */
  readonly native: { readonly [E in Endpoint]?: NativeApi }
  /** Its chat, for clients whose dialect it does not speak. */
  readonly chat: ChatApi
  /** What a refusal means. */
  error(refusal: Refusal): ProviderError
  /** Where the provider lists its models; undefined where it is not asked. */
  readonly modelsPath: string | undefined
  /** What it serves where it is not asked. */
  readonly fixedModels?: readonly string[]
  models(body: Uint8Array): Model[]
  /** Where a path of the OpenAI API (`/files?limit=2`) is on the provider's server, from its root; without it, below the base URL. */
  resourcePath?(path: string): string
}

/** Begins one call in the client's own dialect; `changes` takes note of what cannot be passed on as it is. */
export type NativeApi = (body: Uint8Array, request: GenerateRequest, changes: Changes) => ProviderCall

/** One call of a provider: what is sent, and how what comes back is read. Good for any number of tries. */
export interface ProviderCall {
  /** Below the base URL of the instance. */
  readonly path: string
  readonly body: Uint8Array
  /** Names and values in turn, besides those of the provider. */
  readonly headers?: readonly string[]
  /** A whole answer in the client's dialect, and what closes it; throws when it is none. */
  answer(body: Uint8Array): { readonly bytes: Uint8Array; readonly end: End }
  /** A fresh reader for one streamed answer. */
  reader(): StreamReader
}

/** A whole answer in the client's dialect that is known without a call. */
export interface LocalAnswer {
  readonly bytes: Uint8Array
  readonly end: End
}

/** Answers an endpoint where the provider has nothing of the kind; `changes` says so. */
export type LocalApi = (body: Uint8Array, request: GenerateRequest, changes: Changes) => LocalAnswer

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
  /** What is known of the answer so far; all of it after `close`. */
  readonly end: End
}

/** The chat of a provider, asked and read in the words of the hub. */
export interface ChatApi {
  /** Throws a GatewayError that names the field when something cannot be said to this provider at all. */
  begin(chat: HubRequest, request: GenerateRequest, changes: Changes): HubCall
}

/** One call of a provider's chat. */
export interface HubCall {
  readonly path: string
  readonly body: Uint8Array
  readonly headers?: readonly string[]
  /** Throws when the body is no answer. */
  answer(body: Uint8Array): HubAnswer
  reader(): HubReader
}

/** A whole answer in the hub's words. `completion.usage` may be missing: dialects render `end.usage`. */
export interface HubAnswer {
  readonly completion: HubCompletion
  readonly end: End
}

/** Reads one streamed answer into chunks of the hub. */
export interface HubReader {
  /** Throws on an error inside the stream. Chunks carry no usage: that is in `end`. */
  read(event: SseEvent): readonly HubChunk[]
  readonly done: boolean
  /** What was held back; throws when the answer is not complete. */
  close(): readonly HubChunk[]
  readonly end: End
}

/** How clients of one endpoint speak, where the provider does not speak so itself. */
export interface Dialect {
  /** Reads a request; throws a GatewayError that names the field when the hub has no words for it. */
  begin(body: Uint8Array, request: GenerateRequest, changes: Changes): DialectCall
}

/** One request in the hub's words, and how its answer is told. */
export interface DialectCall {
  readonly chat: HubRequest
  /** Where the client said what is in `chat`, for clients that call its fields otherwise. */
  readonly placeOf?: PlaceOf
  /** Usage as the client sees it, where that is not as the provider said it. */
  usage?(usage: Usage): Readonly<Record<string, unknown>>
  answer(answer: HubAnswer): Uint8Array
  writer(): DialectWriter
}

/** Writes one streamed answer. */
export interface DialectWriter {
  /** Nothing where a chunk says nothing in this dialect, or not yet. */
  chunk(chunk: HubChunk): Uint8Array | undefined
  /** What closes the stream. */
  close(end: End): Uint8Array
}
