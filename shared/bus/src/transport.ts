import type { Near } from './near.ts'

/** One message as it arrives. */
export interface Message {
  readonly subject: string
  readonly data: Buffer
  /** Where an answer goes; empty when none is wanted. */
  readonly reply: string
  /** The transport itself answers that nobody listens on the subject that was published to. */
  readonly noResponders: boolean
}

export type Handler = (message: Message) => void

export interface TransportSubscription {
  unsubscribe(): void
}

/** What a transport tells about itself. */
export type TransportStatus =
  | { readonly kind: 'connected' }
  | { readonly kind: 'disconnected' }
  /** A dial failed; the next one follows. */
  | { readonly kind: 'unreachable'; readonly reason: string }
  /** The server refused a publish or a subscription; `subject` is the one that was refused. */
  | { readonly kind: 'denied'; readonly operation: 'publish' | 'subscription'; readonly subject: string }
  /** A handler threw: the message is lost, everything else goes on. */
  | { readonly kind: 'handler_failed'; readonly subject: string; readonly error: unknown }
  /** An event could not be sent, mostly because no message can carry it: it is lost, everything else goes on. The error does not say what was in it. */
  | { readonly kind: 'dropped'; readonly subject: string; readonly error: unknown }
  /** Closed for good. */
  | { readonly kind: 'closed' }

/**
 * Carries messages between subjects. At most once, in order from one publisher to one subscriber, queue groups pick one member at random,
 * a publish with a reply subject that nobody hears is answered by an empty message with `noResponders`.
 */
export interface Transport {
  readonly connected: boolean
  /** The largest payload in bytes that one message may have. */
  readonly maxPayload: number
  /** Messages published in one turn of the event loop leave in one socket write. */
  readonly sharesWrites: boolean
  /** Throws `unavailable` while disconnected: a message is never queued for an unknown future. The bytes must not be changed afterwards. */
  publish(subject: string, data: Uint8Array, reply?: string): void
  /** Subjects may hold `*` for one token and end in `>` for the rest. Survives reconnects. */
  subscribe(subject: string, handler: Handler, queue?: string): TransportSubscription
  /** Resolves when the server has seen all that was said before. */
  flush(): Promise<void>
  onStatus(listener: (status: TransportStatus) => void): void
  /** Whom this transport reaches without a message; undefined where messages are the only way. */
  readonly near?: Near
  close(): Promise<void>
}
