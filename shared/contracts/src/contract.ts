import type { Static, TSchema } from 'typebox'

/** One question, one answer, within a deadline. `name` is the subject's middle part. */
export interface Ask<Q extends TSchema = TSchema, A extends TSchema = TSchema> {
  readonly kind: 'ask'
  readonly name: string
  readonly request: Q
  readonly reply: A
  readonly deadlineMs: number
}

/** One request (a checked head and a raw body), a streamed answer: a checked head, raw bytes, a checked end. */
export interface Exchange<Q extends TSchema = TSchema, H extends TSchema = TSchema, E extends TSchema = TSchema> {
  readonly kind: 'exchange'
  readonly name: string
  readonly request: Q
  readonly head: H
  readonly end: E
}

/** A fact, told to whoever listens. */
export interface Event<V extends TSchema = TSchema> {
  readonly kind: 'event'
  readonly name: string
  readonly event: V
  /** Facts of this kind may wait so many milliseconds for others, and then travel together as an array. */
  readonly gatheredMs?: number
}

export const ask = <Q extends TSchema, A extends TSchema>(contract: Omit<Ask<Q, A>, 'kind'>): Ask<Q, A> => ({ kind: 'ask', ...contract })

export const exchange = <Q extends TSchema, H extends TSchema, E extends TSchema>(
  contract: Omit<Exchange<Q, H, E>, 'kind'>,
): Exchange<Q, H, E> => ({ kind: 'exchange', ...contract })

export const event = <V extends TSchema>(contract: Omit<Event<V>, 'kind'>): Event<V> => ({ kind: 'event', ...contract })

export type RequestOf<C extends { request: TSchema }> = Static<C['request']>
export type ReplyOf<C extends { reply: TSchema }> = Static<C['reply']>
export type HeadOf<C extends { head: TSchema }> = Static<C['head']>
export type EndOf<C extends { end: TSchema }> = Static<C['end']>
export type EventOf<C extends { event: TSchema }> = Static<C['event']>
