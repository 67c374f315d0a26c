import type { Dialect } from './cache-asking.ts'

export type Json = Readonly<Record<string, unknown>>

/** A request that differs from the others of its kind in one thing; what its user says last is put in. */
export interface Probe {
  readonly name: string
  body(said: string): Json
  readonly headers?: Readonly<Record<string, string>>
  /** Says in the text of the body what a serialiser cannot. */
  readonly written?: (json: string) => string
  /** Its answer depends on more than what is said, so that nothing is looked up by meaning. */
  readonly letter?: boolean
}

/** All probes of one kind of request: the first is the one that the others differ from. */
export interface Group {
  readonly kind: string
  readonly dialect: Dialect
  readonly probes: readonly Probe[]
}

export type Options = Omit<Probe, 'name' | 'body'>
export type Base = (said: string) => Json

export const LETTER: Options = { letter: true }
export const differing = (base: Base, differences: Readonly<Record<string, Json>>, options: Options = {}): Probe[] =>
  Object.entries(differences).map(([name, members]) => ({ name, body: said => ({ ...base(said), ...members }), ...options }))
export const one = (name: string, body: Base, options: Options = {}): Probe => ({ name, body, ...options })
/** Puts members into the text: digits and repetitions survive. */
export const writing = (base: Base, texts: Readonly<Record<string, string>>): Probe[] => Object.entries(texts).map(([name, text]) => ({ name, body: base, written: json => `${json.slice(0, -1)},${text}}` }))

export const user = (content: unknown, more: Json = {}): Json => ({ role: 'user', content, ...more })
export const assistant = (content: unknown, more: Json = {}): Json => ({ role: 'assistant', content, ...more })
export const SYSTEM: Json = { role: 'system', content: 'You help gardeners.' }
export const SCHEMA: Json = { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'], additionalProperties: false }
export const PICTURE = (name: string) => `data:image/png;base64,${Buffer.from(name).toString('base64')}`
