/** What sets one provider apart from the next, as far as no code is needed to say it. */
export interface ProviderRow {
  /** Its name; in capitals, what its environment variables begin with. */
  readonly type: string
  /** Undefined where there is no address that is good for everybody: the operator has to give one. */
  readonly baseUrl: string | undefined
  /** False where a server is commonly run without keys: its address alone makes an instance. */
  readonly keyed: boolean
  /** How the key travels. */
  readonly auth: 'bearer' | 'x-api-key' | 'api-key' | 'x-goog-api-key'
  /** Whose API it speaks; everything else is said by its rules (rules.ts). */
  readonly speaks: 'openai' | 'anthropic' | 'gemini'
  /** The endpoints of the gateway that it has itself, in the client's own dialect; the others are translated to its chat. */
  readonly native: readonly NativeEndpoint[]
  /** Resources that are passed on as they are. */
  readonly resources: readonly ('files' | 'batches')[]
  /** Reached under `/p/{instance}/…` unless the operator chooses otherwise. */
  readonly passthrough: boolean
}

export type NativeEndpoint = 'chat' | 'responses' | 'messages' | 'embeddings' | 'count_tokens' | 'input_tokens'

const OPENAI_DIALECT = { keyed: true, auth: 'bearer', speaks: 'openai', native: ['chat'], resources: [], passthrough: false } as const

/** The providers that may be configured, in the order in which a bare model name looks through them. */
export const ROWS: readonly ProviderRow[] = [
  {
    ...OPENAI_DIALECT,
    type: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    native: ['chat', 'responses', 'embeddings', 'input_tokens'],
    resources: ['files', 'batches'],
    passthrough: true,
  },
  { type: 'anthropic', baseUrl: 'https://api.anthropic.com/v1', keyed: true, auth: 'x-api-key', speaks: 'anthropic', native: ['messages', 'count_tokens'], resources: [], passthrough: true },
  { type: 'gemini', baseUrl: 'https://generativelanguage.googleapis.com/v1beta', keyed: true, auth: 'x-goog-api-key', speaks: 'gemini', native: ['embeddings'], resources: [], passthrough: false },
  { ...OPENAI_DIALECT, type: 'xai', baseUrl: 'https://api.x.ai/v1', native: ['chat', 'responses'], resources: ['files', 'batches'] },
  { ...OPENAI_DIALECT, type: 'groq', baseUrl: 'https://api.groq.com/openai/v1', resources: ['files', 'batches'] },
  { ...OPENAI_DIALECT, type: 'openrouter', baseUrl: 'https://openrouter.ai/api/v1', native: ['chat', 'responses', 'embeddings'], passthrough: true },
  { ...OPENAI_DIALECT, type: 'zai', baseUrl: 'https://api.z.ai/api/paas/v4', native: ['chat', 'embeddings'], passthrough: true },
  {
    ...OPENAI_DIALECT,
    type: 'azure',
    baseUrl: undefined,
    auth: 'api-key',
    native: ['chat', 'responses', 'embeddings'],
    resources: ['files', 'batches'],
  },
  { ...OPENAI_DIALECT, type: 'oracle', baseUrl: undefined },
  { ...OPENAI_DIALECT, type: 'ollama', baseUrl: 'http://localhost:11434/v1', keyed: false, native: ['chat', 'embeddings'] },
  { ...OPENAI_DIALECT, type: 'vllm', baseUrl: 'http://localhost:8000/v1', keyed: false, native: ['chat', 'responses', 'embeddings'], passthrough: true },
  { ...OPENAI_DIALECT, type: 'deepseek', baseUrl: 'https://api.deepseek.com' },
  { ...OPENAI_DIALECT, type: 'minimax', baseUrl: 'https://api.minimax.io/v1' },
  { ...OPENAI_DIALECT, type: 'mistral', baseUrl: 'https://api.mistral.ai/v1', native: ['chat', 'embeddings'], resources: ['files'] },
  { ...OPENAI_DIALECT, type: 'cohere', baseUrl: 'https://api.cohere.ai/compatibility/v1', native: ['chat', 'embeddings'] },
]

// Never configured by variables of its own: it is offered by SIMULATOR_ENABLED.
const SIMULATOR: ProviderRow = { ...OPENAI_DIALECT, type: 'simulator', baseUrl: undefined, keyed: false, native: ['chat', 'embeddings'] }

/** The row of a type that is known. */
export function rowOf(type: string): ProviderRow {
  const row = type === SIMULATOR.type ? SIMULATOR : ROWS.find(known => known.type === type)
  if (!row) throw new Error(`there is no provider type ${type}`)
  return row
}
