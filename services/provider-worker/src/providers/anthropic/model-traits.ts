/** What has to be heeded of a model when it is asked. */
export interface ModelTraits {
  /** The most tokens that it writes in one answer; undefined where it is not known. */
  readonly maxOutput: number | undefined
  /** How many it may write where neither the caller nor `maxOutput` says it. */
  readonly usualOutput: number
  /** Takes a JSON schema for its answer, and `strict` on tools. */
  readonly structured: boolean
  /** Of temperature, top_p and top_k it takes all, one of the first two, or none. */
  readonly sampling: 'all' | 'one' | 'none'
  /** Can be made to call a tool, as long as it is not asked to think. */
  readonly forcedTools: boolean
  /** How much it thinks is said in tokens, or left to it with an effort. */
  readonly thinking: 'none' | 'budget' | 'adaptive'
  /** What keeps it from thinking: not asking for it, a setting of that name, or nothing at all. */
  readonly thinkingOff: 'default' | 'disabled' | 'between_tools' | 'never'
  /** From the least to the most. */
  readonly efforts: readonly string[]
  /** Leaves the text of its thoughts out unless it is asked for a summary. */
  readonly thoughtsHidden: boolean
}

const UNKNOWN: ModelTraits = {
  maxOutput: undefined,
  usualOutput: 4096,
  structured: false,
  sampling: 'all',
  forcedTools: true,
  thinking: 'budget',
  thinkingOff: 'default',
  efforts: [],
  thoughtsHidden: false,
}

const FIVE: ModelTraits = {
  ...UNKNOWN,
  maxOutput: 128_000,
  structured: true,
  sampling: 'none',
  thinking: 'adaptive',
  thinkingOff: 'disabled',
  efforts: ['low', 'medium', 'high', 'xhigh', 'max'],
  thoughtsHidden: true,
}
const FIVE_UNFORCED: ModelTraits = { ...FIVE, forcedTools: false, thinkingOff: 'never' }
const FOUR_SEVEN: ModelTraits = { ...FIVE, thinkingOff: 'default' }
const FOUR_SIX: ModelTraits = { ...FOUR_SEVEN, sampling: 'one', efforts: ['low', 'medium', 'high', 'max'], thoughtsHidden: false }
const FOUR_FIVE: ModelTraits = { ...UNKNOWN, maxOutput: 64_000, structured: true, sampling: 'one' }
const THREE: ModelTraits = { ...UNKNOWN, thinking: 'none' }

// 32,000: what every Claude since version 4 writes at least.
const NEWER_CLAUDE: ModelTraits = { ...FIVE, maxOutput: undefined, usualOutput: 32_000 }

/** By the name of a model without its date, as of October 2026. */
const TRAITS: Readonly<Record<string, ModelTraits>> = {
  'claude-opus-5-5': FIVE_UNFORCED,
  'claude-sonnet-5-5': { ...FIVE_UNFORCED, thinkingOff: 'between_tools' },
  'claude-haiku-5-5': FIVE,
  'claude-fable-5-1': FIVE_UNFORCED,
  'claude-mythos-5-1': FIVE_UNFORCED,
  'claude-fable-5': { ...FIVE, thinkingOff: 'never' },
  'claude-mythos-5': { ...FIVE, thinkingOff: 'never' },
  'claude-opus-5': FIVE,
  'claude-sonnet-5': FIVE,
  'claude-opus-4-8': FOUR_SEVEN,
  'claude-opus-4-7': FOUR_SEVEN,
  'claude-opus-4-6': FOUR_SIX,
  'claude-sonnet-4-6': FOUR_SIX,
  'claude-opus-4-5': FOUR_FIVE,
  'claude-sonnet-4-5': FOUR_FIVE,
  'claude-haiku-4-5': FOUR_FIVE,
  'claude-opus-4-1': { ...FOUR_FIVE, maxOutput: 32_000 },
  'claude-opus-4': { ...UNKNOWN, maxOutput: 32_000 },
  'claude-sonnet-4': { ...UNKNOWN, maxOutput: 64_000 },
  'claude-3-7-sonnet': { ...UNKNOWN, maxOutput: 64_000 },
  'claude-3-5-sonnet': { ...THREE, maxOutput: 8192 },
  'claude-3-5-haiku': { ...THREE, maxOutput: 8192 },
  'claude-3-opus': { ...THREE, maxOutput: 4096 },
  'claude-3-sonnet': { ...THREE, maxOutput: 4096 },
  'claude-3-haiku': { ...THREE, maxOutput: 4096 },
}

// What follows a name may be a date, but no further digit of the version: `claude-opus-4` is not meant by `claude-opus-4-9`.
const PATTERNS = Object.entries(TRAITS).map(([name, traits]) => ({ pattern: new RegExp(`${name}(?!\\d|-\\d{1,2}(?!\\d))`), traits }))

/** What is known of a model by its id, dated or not. A Claude that is not in the table is taken for a newer one, anything else for the plainest. */
export function traitsOf(model: string): ModelTraits {
  const id = model.toLowerCase().replaceAll('.', '-')
  const found = PATTERNS.find(({ pattern }) => pattern.test(id))
  return found?.traits ?? (id.includes('claude') ? NEWER_CLAUDE : UNKNOWN)
}
