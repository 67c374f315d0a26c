import { type Provider, type Identity } from '../provider.ts'
import { providerOf } from '../providers/index.ts'
import { ROWS } from '../providers/rows.ts'

/** A provider as it is examined: with one model that does not think, and one that does. */
export interface Subject {
  readonly type: string
  readonly identity: Identity
  readonly provider: Provider
  readonly models: { readonly plain: string; readonly thinking: string }
}

const MODELS: Readonly<Record<string, readonly [plain: string, thinking: string]>> = {
  openai: ['gpt-4.1', 'gpt-5.2'],
  anthropic: ['claude-sonnet-4-5', 'claude-sonnet-4-5'],
  gemini: ['gemini-2.0-flash', 'gemini-3-pro-preview'],
  xai: ['grok-3', 'grok-4.3'],
  groq: ['llama-3.3-70b-versatile', 'openai/gpt-oss-120b'],
  openrouter: ['openai/gpt-4.1', 'anthropic/claude-sonnet-4.5'],
  zai: ['glm-4.6', 'glm-4.6'],
  azure: ['gpt-4.1', 'gpt-5.2'],
  oracle: ['meta.llama-3.3-70b-instruct', 'openai.gpt-oss-120b'],
  ollama: ['llama3.3', 'gpt-oss:20b'],
  vllm: ['Qwen/Qwen2.5-7B-Instruct', 'Qwen/Qwen3-8B'],
  deepseek: ['deepseek-chat', 'deepseek-v4-pro'],
  minimax: ['MiniMax-M2', 'MiniMax-M2'],
  mistral: ['mistral-large-latest', 'mistral-medium-latest'],
  cohere: ['command-a-03-2025', 'command-a-reasoning-08-2025'],
}

/** Addresses of providers that have none for everybody. */
const ADDRESSES: Readonly<Record<string, string>> = {
  azure: 'https://example.openai.azure.com/openai/v1',
  oracle: 'https://inference.generativeai.us-chicago-1.oci.oraclecloud.com/20231130/actions/v1',
}

/** Every provider that may be configured. */
export const SUBJECTS: readonly Subject[] = ROWS.map(({ type, baseUrl }) => {
  const models = MODELS[type]
  const address = baseUrl ?? ADDRESSES[type]
  if (!models || address === undefined) throw new Error(`say in subjects.ts with which models ${type} is examined, and where it is`)
  const identity: Identity = { name: type, type, apiKey: 'sk-conformance', baseUrl: address }
  return { type, identity, provider: providerOf(identity), models: { plain: models[0], thinking: models[1] } }
})
