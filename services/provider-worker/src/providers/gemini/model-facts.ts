/** What sets one Gemini model apart from another, as far as a request has to know it. */
export interface ModelFacts {
  /** In what words it is told how long to think; undefined where it cannot be told. */
  readonly thinking: Thinking | undefined
  /** A call of a tool that is replayed without its signature is refused. */
  readonly signsCalls: boolean
  /** What a tool answers may hold pictures and documents. */
  readonly mediaInResults: boolean
}

export type Thinking =
  | { readonly by: 'level'; readonly levels: readonly Level[] }
  /** In tokens. `off`: it may be told not to think at all. */
  | { readonly by: 'budget'; readonly min: number; readonly max: number; readonly off: boolean }

/** From little to much. */
export const LEVELS = ['minimal', 'low', 'medium', 'high'] as const
export type Level = (typeof LEVELS)[number]

const OLD = { signsCalls: false, mediaInResults: false } as const
const NEW = { signsCalls: true, mediaInResults: true } as const

const levels = (...some: Level[]): Thinking => ({ by: 'level', levels: some })

/**
 * By the beginning of a model's name, the longer ones first. From Google's pages on thinking and on thought signatures, November 2026.
 * What is not in the table counts as newer than all that is, for Google adds models faster than anybody adds rows.
 */
const TABLE: readonly (readonly [prefix: string, facts: ModelFacts])[] = [
  ['gemini-1', { ...OLD, thinking: undefined }],
  ['gemini-2.0', { ...OLD, thinking: undefined }],
  ['gemini-2.5-flash-image', { ...OLD, thinking: undefined }],
  ['gemini-2.5-flash-lite', { ...OLD, thinking: { by: 'budget', min: 512, max: 24_576, off: true } }],
  ['gemini-2.5-flash', { ...OLD, thinking: { by: 'budget', min: 0, max: 24_576, off: true } }],
  ['gemini-2.5-pro', { ...OLD, thinking: { by: 'budget', min: 128, max: 32_768, off: false } }],
  ['gemini-2', { ...OLD, thinking: undefined }],
  ['gemini-3-pro-image', { ...NEW, thinking: undefined }],
  ['gemini-3-pro', { ...NEW, thinking: levels('low', 'high') }],
  ['gemini-3-flash', { ...NEW, thinking: levels(...LEVELS) }],
  ['gemini-3.1-flash-image', { ...NEW, thinking: levels('minimal', 'high') }],
  ['gemini-3.1-flash', { ...NEW, thinking: levels(...LEVELS) }],
  ['gemini-3.5-flash', { ...NEW, thinking: levels(...LEVELS) }],
  ['gemma', { ...OLD, thinking: undefined }],
  ['learnlm', { ...OLD, thinking: undefined }],
]

const NEWEST: ModelFacts = { ...NEW, thinking: levels('low', 'medium', 'high') }

/** What is known of a model, by its name without `models/`. */
export const factsOf = (model: string): ModelFacts => TABLE.find(([prefix]) => model.startsWith(prefix))?.[1] ?? NEWEST
