import type { Fields, Spent } from '../shapes.ts'
import { FAULT_MESSAGE, PROOF, SPENT } from './wire.ts'

const { input, output, cached, thought } = SPENT

/** What sets a provider of OpenAI's chat apart from OpenAI itself in what it answers. */
export interface ChatHabits {
  readonly usage: Fields
  /** Where usage stands in a stream: in a chunk of its own, in the chunk that ends the choice, or there in a field of its own. */
  readonly usageIn: 'own chunk' | 'last chunk' | 'x_groq'
  readonly spent: Spent
  /** The fields of a message, or of a piece of one, that hold a thought, or the last of it; undefined where thoughts are not told. */
  readonly thought: ((text: string, last: boolean) => Fields) | undefined
  /** Why there is no answer: a field of the message, or only the word by which it ends. */
  readonly refuses: 'in words' | string
  readonly proof: 'thought' | 'signature' | undefined
  /** Ahead of the first chunk. */
  readonly first: string
  /** Members of every chunk and answer besides OpenAI's. */
  readonly besides: Fields
  /** An error as it stands in a body. */
  readonly error: (fault: { status: number; type: string; message: string }) => Fields
}

const PLAIN_USAGE = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output }
const USAGE = { ...PLAIN_USAGE, prompt_tokens_details: { cached_tokens: cached, audio_tokens: 0 }, completion_tokens_details: { reasoning_tokens: thought, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 } }
const reasoningContent = (text: string) => ({ reasoning_content: text })

const OPENAI: ChatHabits = {
  usage: USAGE,
  usageIn: 'own chunk',
  spent: SPENT,
  thought: undefined,
  refuses: 'in words',
  proof: undefined,
  first: '',
  besides: { service_tier: 'default', system_fingerprint: 'fp_50cad350e4' },
  error: ({ status, type, message }) => ({ error: { message, type, param: null, code: status === 429 ? 'rate_limit_exceeded' : null } }),
}

const plain = (more: Partial<ChatHabits>): ChatHabits => ({ ...OPENAI, refuses: 'content_filter', besides: {}, ...more })

const AZURE_FIRST = {
  choices: [],
  created: 0,
  id: '',
  model: '',
  object: '',
  prompt_filter_results: [{ prompt_index: 0, content_filter_results: { hate: { filtered: false, severity: 'safe' } } }],
}

const MINIMAX_THOUGHT = (text: string) => ({ reasoning_details: [{ type: 'reasoning.text', id: 'reasoning-text-1', format: 'MiniMax-response-v1', index: 0, text }] })
const OPENROUTER_THOUGHT = (text: string, last: boolean) => ({ reasoning: text, reasoning_details: [{ type: 'reasoning.text', text, ...(last && { signature: PROOF }), format: 'anthropic-claude-v1', index: 0 }] })

/** By type of provider. */
export const CHAT_HABITS: Readonly<Record<string, ChatHabits>> = {
  openai: OPENAI,
  azure: { ...OPENAI, first: `data: ${JSON.stringify(AZURE_FIRST)}\n\n` },
  xai: plain({
    usage: { ...USAGE, completion_tokens: output - thought, prompt_tokens_details: { text_tokens: input, audio_tokens: 0, image_tokens: 0, cached_tokens: cached }, num_sources_used: 0, cost_in_usd_ticks: 1_466_250 },
    thought: reasoningContent,
    refuses: 'in words',
    proof: 'thought',
    error: ({ message }) => ({ code: 'Some requested entity is at fault', error: message }),
  }),
  groq: plain({ usage: { ...USAGE, queue_time: 0.04, prompt_time: 0.001, total_time: 0.2 }, usageIn: 'x_groq', thought: text => ({ reasoning: text }), proof: 'thought' }),
  openrouter: plain({
    usage: { ...USAGE, cost: 0.0014, is_byok: false, cost_details: { upstream_inference_cost: null } },
    first: ': OPENROUTER PROCESSING\n\n',
    besides: { provider: 'Anthropic' },
    thought: OPENROUTER_THOUGHT,
    proof: 'signature',
    error: ({ status, message }) => ({ error: { code: status, message } }),
  }),
  zai: plain({
    usage: { ...PLAIN_USAGE, prompt_tokens_details: { cached_tokens: cached } },
    usageIn: 'last chunk',
    spent: { input, output, cached },
    thought: reasoningContent,
    refuses: 'sensitive',
    proof: 'thought',
    error: ({ status, message }) => ({ error: { code: status === 429 ? '1302' : status === 400 ? '1210' : '1234', message } }),
  }),
  oracle: plain({ thought: reasoningContent, proof: 'thought' }),
  ollama: plain({ usage: PLAIN_USAGE, spent: { input, output }, thought: text => ({ reasoning: text }), proof: 'thought', besides: { system_fingerprint: 'fp_ollama' } }),
  vllm: plain({
    usage: { ...PLAIN_USAGE, prompt_tokens_details: { cached_tokens: cached } },
    spent: { input, output, cached },
    thought: reasoningContent,
    proof: 'thought',
    error: ({ status, type, message }) => ({ object: 'error', message, type, param: null, code: status }),
  }),
  deepseek: plain({
    usage: { ...USAGE, prompt_cache_hit_tokens: cached, prompt_cache_miss_tokens: input - cached },
    usageIn: 'last chunk',
    first: ': keep-alive\n\n',
    thought: reasoningContent,
    proof: 'thought',
  }),
  minimax: plain({
    usage: { ...PLAIN_USAGE, completion_tokens_details: { reasoning_tokens: thought } },
    usageIn: 'last chunk',
    spent: { input, output, thought },
    thought: MINIMAX_THOUGHT,
    proof: 'thought',
    besides: { base_resp: { status_code: 0, status_msg: '' }, input_sensitive: false, output_sensitive: false },
    error: ({ status, message }) => ({ base_resp: { status_code: status === 429 ? 1002 : status === 400 ? 2013 : 1000, status_msg: message } }),
  }),
  mistral: plain({
    usage: { ...PLAIN_USAGE, num_cached_tokens: cached },
    usageIn: 'last chunk',
    spent: { input, output, cached },
    thought: text => ({ content: [{ type: 'thinking', thinking: [{ type: 'text', text }] }] }),
    proof: 'thought',
    error: ({ status, type, message }) => (status === 400 ? { detail: [{ type, loc: ['body', 'messages'], msg: message }] } : { object: 'error', message, type, param: null, code: '3505' }),
  }),
  cohere: plain({
    usage: PLAIN_USAGE,
    spent: { input, output },
    error: ({ message }) => ({ id: 'b9a1', message }),
  }),
}

/** The three failures of a provider as it says them. */
export function failuresOf({ error }: Pick<ChatHabits, 'error'>) {
  const body = (status: number, type: string, message: string): string => JSON.stringify(error({ status, type, message }))
  return {
    busy: body(429, 'requests', 'slow down'),
    atFault: body(400, 'invalid_request_error', FAULT_MESSAGE),
    broken: body(500, 'server_error', 'something went wrong'),
  }
}
