/** How a simulated model behaves, all of which its name says. */
export interface Behaviour {
  readonly answers: 'chat' | 'embeddings' | 'error'
  /** 0 is as fast as possible. */
  readonly tokensPerSecond: number
  /** Before the first token. */
  readonly delayMs: number
  /** After some tokens it may cut its connection or fall silent for ever. */
  readonly ending: 'whole' | 'cut' | 'silent'
  /** Of the error, where it answers with one. */
  readonly status: number
}

/** The provider's name, and who is said to own its models. */
export const OWNER = 'simulator'

/** The model that embeds; its name says how. */
export const EMBEDDING_MODEL = 'simulated-embedding-hashed-ngrams'

/** The models that are listed; further rates, delays and statuses follow the same pattern. */
export const SIMULATED_MODELS: readonly string[] = [
  'simulated-chat',
  'simulated-chat@10tps',
  'simulated-chat@200tps',
  'simulated-chat@max',
  EMBEDDING_MODEL,
  'simulated-delay-2s',
  'simulated-delay-10s',
  'simulated-error-400',
  'simulated-error-401',
  'simulated-error-429',
  'simulated-error-500',
  'simulated-error-503',
  'simulated-error-midstream',
  'simulated-stall',
]

const MAX_DELAY_MS = 600_000

/** Reads a behaviour out of a model's name; undefined where there is no such model. */
export function behaviourOf(model: string, defaultTokensPerSecond: number): Behaviour | undefined {
  const [, name = model, rate] = /^(.+)@([1-9]\d{0,4}tps|max)$/.exec(model) ?? []
  const tokensPerSecond = rate === undefined ? defaultTokensPerSecond : rate === 'max' ? 0 : Number.parseInt(rate, 10)
  const behaviour = named(name)
  return behaviour && { answers: 'chat', delayMs: 0, ending: 'whole', status: 200, ...behaviour, tokensPerSecond }
}

function named(name: string): Partial<Behaviour> | undefined {
  switch (name) {
    case 'simulated-chat':
      return {}
    case EMBEDDING_MODEL:
      return { answers: 'embeddings' }
    case 'simulated-error-midstream':
      return { ending: 'cut' }
    case 'simulated-stall':
      return { ending: 'silent' }
  }
  const status = /^simulated-error-([45]\d\d)$/.exec(name)?.[1]
  if (status !== undefined) return { answers: 'error', status: Number(status) }
  const [, amount, unit] = /^simulated-delay-(\d{1,6})(ms|s)$/.exec(name) ?? []
  const delayMs = Number(amount) * (unit === 's' ? 1000 : 1)
  return delayMs <= MAX_DELAY_MS ? { delayMs } : undefined
}
