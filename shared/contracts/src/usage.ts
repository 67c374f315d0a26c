import { Type, type Static } from 'typebox'

const tokens = (description: string) => Type.Integer({ minimum: 0, description })

/** Tokens of one answer. Parts do not overlap: what went in is the sum of the five input parts, what came out the sum of the three output parts. */
export const Usage = Type.Object({
  inputUncached: tokens('Text and images that the provider read anew.'),
  inputCacheRead: tokens('Read from its prompt cache.'),
  inputCacheWrite5m: tokens('Written to its prompt cache for five minutes, or for as long as it pleases.'),
  inputCacheWrite1h: tokens('Written to its prompt cache for an hour.'),
  inputAudio: tokens('Sound.'),
  outputText: tokens('What was said: text, and arguments of tools.'),
  outputReasoning: tokens('What was thought.'),
  outputAudio: tokens('Sound.'),
  costUsd: Type.Optional(Type.Number({ minimum: 0, description: 'What the provider says that it cost, in US dollars.' })),
  source: Type.Enum(['final', 'partial', 'estimated'], {
    description: '`final`: the closing figure of the provider. `partial`: its last running figure of an answer that was cut. `estimated`: counted here from the text, because it gave none.',
  }),
})
export type Usage = Static<typeof Usage>

/** The usage object as its provider gave it. An object with no named member: as a record, each of its names would be looked at by a regular expression at every check. */
export const NativeUsage = Type.Unsafe<Record<string, unknown>>(Type.Object({}))

/** What is spent where nothing is: the parts to begin from. */
export const NO_TOKENS = {
  inputUncached: 0,
  inputCacheRead: 0,
  inputCacheWrite5m: 0,
  inputCacheWrite1h: 0,
  inputAudio: 0,
  outputText: 0,
  outputReasoning: 0,
  outputAudio: 0,
} as const satisfies Omit<Usage, 'source' | 'costUsd'>

/** Every token that went in. */
export const inputTokens = (usage: Usage): number =>
  usage.inputUncached + usage.inputCacheRead + usage.inputCacheWrite5m + usage.inputCacheWrite1h + usage.inputAudio

/** Every token that came out. */
export const outputTokens = (usage: Usage): number => usage.outputText + usage.outputReasoning + usage.outputAudio
