import type { Answer, Spent } from '../shapes.ts'

/** What every answer here costs, where its provider tells all of it. */
export const SPENT = { input: 20, output: 12, cached: 8, thought: 5 } as const satisfies Spent

/** What is thought here. */
export const THOUGHT = 'The sky has to be looked at first.'

/** The signature, or the encrypted data, of everything that is thought here. */
export const PROOF = 'c2lnbmVkLTQ3MTE='

/** How one provider says answers and failures, in bytes as they come from it. */
export interface Wire {
  whole(answer: Answer, model: string): string
  /** `ends` are the events with which the answer is complete: a stream that is cut has `begins` only. */
  stream(answer: Answer, model: string): { readonly begins: readonly string[]; readonly ends: readonly string[] }
  /** HTTP answers that are no success: too many requests, and a request at fault. */
  readonly busy: string
  readonly atFault: string
  /** The event of an error inside a stream, and the whole body of one under status 200. */
  readonly errorEvent: string
  readonly errorBody: string
  readonly tells: Tells
}

/** What a provider tells of its answers. */
export interface Tells {
  readonly thoughts: boolean
  /** What it wants back of an answer's thinking; undefined where it wants nothing. */
  readonly proof: string | undefined
  /** The words of a refusal, and not only that it refused. */
  readonly refusals: boolean
  readonly callIds: boolean
  readonly spent: Spent
}

/** What the provider says of a request at fault. */
export const FAULT_MESSAGE = 'messages: the request is too odd'
