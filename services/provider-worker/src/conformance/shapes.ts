import type { Change } from '@gomodel/contracts'

/** How a client speaks. */
export type DialectName = 'chat' | 'responses' | 'messages'
export const DIALECT_NAMES: readonly DialectName[] = ['chat', 'responses', 'messages']

/** How a provider speaks. */
export type WireName = 'chat' | 'responses' | 'messages' | 'gemini'

export type Mode = 'whole' | 'stream'

/** A JSON object. */
export type Fields = Readonly<Record<string, unknown>>

/** A call of a tool; `input` is what its arguments mean. */
export interface Call {
  readonly id: string
  readonly name: string
  readonly input: unknown
}

/** How an answer ended, whoever says it. */
export type Ending = 'stop' | 'length' | 'calls' | 'refused'

/** Tokens, where what came from a cache is part of the input and what was thought part of the output; a part is missing where nobody tells it. */
export interface Spent {
  readonly input: number
  readonly output: number
  readonly cached?: number
  readonly thought?: number
}

/** What the model of a provider answers, before it is said in the provider's words. */
export interface Answer {
  /** In the pieces of a stream. */
  readonly text: readonly string[]
  readonly thought?: string
  readonly refusal?: string
  readonly calls?: readonly (Omit<Call, 'input'> & { readonly arguments: readonly string[] })[]
  /** The text of a second choice. */
  readonly second?: string
  /** How likely each piece of the text was. */
  readonly likely?: boolean
  readonly ending: Ending
}

/** What a provider was asked, read from the bytes that it got. */
export interface Asked {
  readonly model: string
  readonly stream: boolean
  /** What the system says. */
  readonly system: string
  /** What the user says. */
  readonly said: readonly string[]
  /** The base64 of each, or its address. */
  readonly images: readonly string[]
  readonly documents: readonly string[]
  /** The schemas of its tools by name. */
  readonly tools: ReadonlyMap<string, unknown>
  readonly calls: readonly Call[]
  readonly results: readonly { readonly call: string; readonly text: string }[]
  readonly answerSchema: unknown
  /** Whatever tells it how much to think. */
  readonly thinking: unknown
  /** What it is given back of its own thinking: texts, signatures, encrypted data. */
  readonly proofs: readonly string[]
  /** How many marks of a prefix to cache there are on tools, and on words. */
  readonly cacheMarks: { readonly tools: number; readonly words: number }
  readonly stops: readonly string[]
  /** The most tokens of an answer. */
  readonly limit: unknown
  readonly temperature: unknown
  readonly topP: unknown
  readonly choices: unknown
  readonly likely: boolean
}

/** What a client got, read from its bytes. */
export interface Told {
  readonly text: string
  readonly thought: string
  readonly refusal: string
  readonly calls: readonly Call[]
  readonly second: string | undefined
  /** Pieces of text of which it was told how likely they were. */
  readonly likely: number
  readonly ending: Ending | undefined
  readonly spent: Spent | undefined
  /** What the client sends back with its next request: messages, items or blocks. */
  readonly turn: readonly unknown[]
  /** What its dialect does not allow. */
  readonly faults: readonly string[]
}

/** Something that has to reach the provider. */
export interface Need {
  readonly what: string
  readonly met: (asked: Asked) => boolean
  /** The fields by which its loss would be told. */
  readonly field: RegExp
}

/** One thing that a client may ask for or an answer may hold. */
export interface Feature {
  readonly name: string
  /** It needs a model that thinks. */
  readonly thinks?: boolean
  /** By dialect, what a client sends besides the name of its model; missing where its dialect has nothing of the kind. */
  readonly requests: { readonly [D in DialectName]?: Fields }
  readonly answer: Answer
  readonly needs: readonly Need[]
  /** What happens instead of an answer. */
  readonly fails?: 'before' | 'inside' | 'cut'
  /** What the client asks next, given what it got: `turn` is what it sends back of it. */
  readonly next?: { readonly request: (dialect: DialectName, turn: readonly unknown[], call: Call) => Fields; readonly needs: readonly Need[] }
}

/** What became of a feature: passed as it was, translated without a loss, translated with noted changes, refused by name, or not in the dialect. */
export type Verdict = 'pass' | 'translated' | 'changed' | 'refused' | 'none'

/** One cell of the matrix. */
export interface Cell {
  readonly verdict: Verdict
  /** What was changed, or which field was refused. */
  readonly notes: readonly string[]
  /** What was lost without a word, or came out wrong: none in a gateway that is right. */
  readonly faults: readonly string[]
}

/** The changes by which something of the request was lost or bent. */
export const lossesIn = (changes: readonly Change[]): readonly Change[] => changes.filter(({ kind }) => kind !== 'renamed')
