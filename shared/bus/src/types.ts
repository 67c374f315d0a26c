import { type Static, type TSchema, Type } from 'typebox'

/** W3C trace context as it crosses the bus. */
export const TraceContext = Type.Object({ traceparent: Type.String(), tracestate: Type.Optional(Type.String()) })
export type Trace = Readonly<Static<typeof TraceContext>>

/** How a question is asked. */
export interface AskOptions {
  /** One of several that serve the same contract. */
  readonly to?: string | undefined
  /** Raw bytes beside the question. */
  readonly body?: Uint8Array | undefined
  readonly trace?: Trace | undefined
}

/** A question as the one who serves it sees it. */
export interface Question<Q> {
  readonly request: Q
  readonly body: Buffer
  readonly trace: Trace | undefined
}

/** The answer to a question, with or without raw bytes. */
export interface Reply<A> {
  readonly reply: A
  readonly body?: Uint8Array
}

/** Answers a question; what needs no waiting is best answered at once. */
export type Answering<Q extends TSchema, A extends TSchema> = (question: Question<Static<Q>>) => Promise<Reply<Static<A>>> | Reply<Static<A>>

/** How a caller sends one exchange. */
export interface ExchangeOptions {
  /** The pool that is to answer: a provider instance. */
  readonly to: string
  /** The raw request body; sent inline when small, in credited pieces after acceptance when large. */
  readonly body: Uint8Array
  /** Aborting cancels the work at the far end. */
  readonly signal?: AbortSignal | undefined
  /** What a worker may have begun is not begun again by another: it is not known whether doing it twice is harmless. */
  readonly once?: boolean | undefined
  readonly trace?: Trace | undefined
}

/** An answer as its caller sees it, from the first content on. */
export interface Answer<H, E> extends AsyncIterable<Uint8Array> {
  readonly head: H
  /** The worker that answers. */
  readonly worker: string
  /** The bytes in order, each once; pulling the next grants the sender credit for the last. Leaving the loop cancels; a break throws a GatewayError. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>
  /** What closed the answer; undefined until all bytes were read. */
  readonly end: E | undefined
}

/** An exchange as its worker sees it. */
export interface Call<Q, H> {
  /** Unique to this attempt. */
  readonly id: string
  readonly request: Q
  readonly trace: Trace | undefined
  /** Aborted when the caller cancels, is gone, or was not heard from for five seconds. */
  readonly signal: AbortSignal
  /** The whole request body. */
  body(): Promise<Uint8Array>
  /** Says who answers and how; before the first bytes, at most once. The caller holds it until content follows. */
  head(head: H): void
  /** Queues bytes for the caller; false when its credit is used up, and then the source should pause until `drained`. */
  write(bytes: Uint8Array): boolean
  /** Resolves when credit is available again; at once when it is. */
  drained(): Promise<void>
}

export interface ServeOptions {
  /** The pool that this handler serves. */
  readonly to: string
  /** Calls in flight above which further ones are refused at once, at least 1; default 1,000. */
  readonly capacity?: number | undefined
}

/** A handler that is being served. */
export interface Served {
  /** This worker's id: new at every start. */
  readonly worker: string
  readonly inFlight: number
  /** Takes no new work and resolves when the running work is delivered. */
  drain(): Promise<void>
}

/** Something that can be stopped. */
export interface Subscribed {
  stop(): Promise<void>
}

/** What a participant has on the bus now, and what it counted since its start. */
export interface BusCounts {
  /** Exchanges whose answer is awaited. */
  readonly inFlight: number
  /** Bytes that all senders together may have on the way to us. */
  readonly grantedBytes: number
  /** Numbered frames of answers and of large request bodies, resent ones included. */
  readonly framesIn: number
  readonly framesOut: number
  /** Messages sent that give credit, acknowledge or probe. */
  readonly credits: number
  /** Resends asked for. */
  readonly resumes: number
  /** Messages that came for an exchange or a question that was over. */
  readonly lateFrames: number
  /** Attempts that followed one that another worker failed, refused or did not take. */
  readonly retries: number
}
