import type { ModelRules } from './rule.ts'

/** What OpenAI's own SDK puts into the messages that it gets, and clients send back with the history. */
const OF_ANSWERS = ['refusal', 'annotations', 'audio', 'reasoning', 'reasoning_content', 'reasoning_details']
/** Parameters of OpenAI's own service. */
const OF_OPENAI = ['store', 'service_tier', 'modalities', 'audio', 'web_search_options', 'verbosity', 'safety_identifier', 'prompt_cache_retention']
const LESS_TOKENS = { max_completion_tokens: 'max_tokens' }
const NO_DEVELOPER = { developer: 'system' }

/** Grok 3 mini and all from Grok 4 on think, but for the variants that say that they do not. */
const GROK_REASONING = /^grok-(?:3-mini|[4-9]|\d\d|code|build)(?!.*non-reasoning)/

export const XAI_RULES: readonly ModelRules[] = [
  { drop: ['logit_bias'], takes: ['reasoning_content'] },
  { models: GROK_REASONING, drop: ['stop', 'frequency_penalty', 'presence_penalty'] },
  { models: /^grok-3-mini/, efforts: ['low', 'high'] },
  { models: /^grok-4\.3/, efforts: ['none', 'low', 'medium', 'high'] },
  { models: /^grok-4\.5/, efforts: ['low', 'medium', 'high'] },
  { models: /^grok-4\.[6-9]/, efforts: ['none', 'low', 'medium', 'high', 'xhigh'] },
  // Whether these think is said by their name; any effort is refused.
  { models: /^grok-(?:2|3(?!-mini)|4(?!\.[3-9])|code|build)/, drop: ['reasoning_effort'] },
]

export const GROQ_RULES: readonly ModelRules[] = [
  { drop: ['logprobs', 'top_logprobs', 'logit_bias'], only: { n: 1 }, messageFields: ['name', ...OF_ANSWERS.filter(field => field !== 'reasoning')] },
  { models: /gpt-oss/, efforts: ['low', 'medium', 'high'] },
  { models: /qwen3/, values: { reasoning_effort: { minimal: 'default', low: 'default', medium: 'default', high: 'default', xhigh: 'default', max: 'default' } } },
  { models: /^(?:llama|meta-llama|gemma|moonshotai|allam|groq\/|compound|mistral|deepseek)/, drop: ['reasoning_effort'] },
]

export const ZAI_RULES: readonly ModelRules[] = [
  {
    drop: ['n', 'seed', 'frequency_penalty', 'presence_penalty', 'logit_bias', 'logprobs', 'top_logprobs', 'parallel_tool_calls'],
    rename: { ...LESS_TOKENS, user: 'user_id' },
    clamp: { temperature: [0, 1], top_p: [0.01, 1] },
    stops: 1,
    toolChoice: { required: 'auto', named: { say: 'auto', alone: false }, none: 'no tools' },
    jsonSchema: 'told',
    roles: NO_DEVELOPER,
    messageFields: ['name'],
    functionFields: ['strict'],
    takes: ['reasoning_content'],
  },
  { models: /^glm-(?:4\.[5-9]|5(?:\.1)?(?![.\d]))/, thinkingSwitch: { off: ['none', 'minimal'], degrees: false } },
  { models: /^glm-(?:[1-3]|4(?!\.[5-9]))/, drop: ['reasoning_effort'] },
  { models: /^glm-5\.3/, efforts: ['low', 'high', 'max'], clamp: { max_tokens: [1, 131_072] } },
]

export const MISTRAL_RULES: readonly ModelRules[] = [
  {
    drop: ['logit_bias', 'logprobs', 'top_logprobs', 'user', ...OF_OPENAI],
    // Usage comes in the last chunk by itself.
    omit: ['stream_options'],
    rename: { ...LESS_TOKENS, seed: 'random_seed' },
    toolChoice: { required: 'any', named: { say: 'any', alone: true } },
    roles: NO_DEVELOPER,
    messageFields: ['name', ...OF_ANSWERS],
    toolIds: 'nine characters',
  },
  { models: /^mistral-(?:small-(?:latest|2[6-9])|medium-(?:latest|3\.5|2[6-9]))/, efforts: ['none', 'high'] },
  { models: /^(?:ministral|codestral|devstral|pixtral|voxtral|magistral|open-|mistral-(?:large|tiny|nemo|(?:small|medium)-(?:2[0-5]|3\.[0-2])))/, drop: ['reasoning_effort'] },
]

/** V4 and above, by number or by size; the older names are of R1 and of V3. */
const DEEPSEEK_4 = /^deepseek-(?:v[4-9]|flash|pro)/

export const DEEPSEEK_RULES: readonly ModelRules[] = [
  { drop: ['n', 'logit_bias', 'parallel_tool_calls'], rename: LESS_TOKENS, jsonSchema: 'told', roles: NO_DEVELOPER, takes: ['reasoning_content'] },
  { models: DEEPSEEK_4, thinkingSwitch: { off: ['none'], degrees: true }, thoughts: 'always' },
  { models: /^deepseek-flash/, efforts: ['low', 'high', 'max'] },
  { models: /^deepseek-(?:v[4-9]|pro)/, efforts: ['high', 'max'] },
  { models: DEEPSEEK_4, unless: { param: 'thinking', is: 'disabled' }, toolChoice: { required: 'auto', named: { say: 'auto', alone: false } }, drop: ['logprobs', 'top_logprobs'] },
  // V3.2 goes by this name as well and wants its thoughts back beside its calls; R1, which refuses them, calls no tools.
  { models: /^deepseek-reasoner/, thoughts: 'with calls', drop: ['logprobs', 'top_logprobs', 'reasoning_effort'] },
  { models: /^deepseek-(?:r1|chat|v3|coder)/, thoughts: 'never', drop: ['reasoning_effort'] },
]

export const MINIMAX_RULES: readonly ModelRules[] = [
  {
    drop: ['frequency_penalty', 'presence_penalty', 'logit_bias', 'logprobs', 'top_logprobs', 'seed', 'reasoning_effort'],
    only: { n: 1 },
    clamp: { temperature: [0.01, 1], top_p: [0.01, 1] },
    roles: NO_DEVELOPER,
    functionFields: ['strict'],
    details: /^(?:minimax.*)?$/i,
    add: { reasoning_split: true },
  },
]

export const COHERE_RULES: readonly ModelRules[] = [
  {
    drop: ['n', 'logit_bias', 'top_logprobs', 'user', 'parallel_tool_calls', 'metadata', 'prediction', ...OF_OPENAI],
    rename: LESS_TOKENS,
    clamp: { frequency_penalty: [0, 1], presence_penalty: [0, 1] },
    toolChoice: { named: { say: 'required', alone: true } },
    messageFields: ['name', ...OF_ANSWERS],
  },
  { models: /reasoning/, efforts: ['none', 'high'] },
  { models: /^(?!.*reasoning)/, drop: ['reasoning_effort'] },
]

export const OLLAMA_RULES: readonly ModelRules[] = [
  {
    drop: ['n', 'logit_bias', 'user', 'parallel_tool_calls'],
    rename: LESS_TOKENS,
    toolChoice: { required: null, named: { say: null, alone: true }, none: 'no tools' },
    roles: NO_DEVELOPER,
    efforts: ['none', 'low', 'medium', 'high'],
  },
]

export const ORACLE_RULES: readonly ModelRules[] = [{ models: /grok/, drop: ['reasoning_effort'] }]

export const OPENROUTER_RULES: readonly ModelRules[] = [{ takes: ['top_k', 'cache_control', 'reasoning_content'], details: /(?:)/ }]

export const VLLM_RULES: readonly ModelRules[] = [{ takes: ['top_k', 'reasoning_content'] }]

export const GEMINI_RULES: readonly ModelRules[] = [{ drop: ['logit_bias', 'user', 'parallel_tool_calls'], takes: ['extra_content'] }]

/** Some other server that speaks the OpenAI dialect: nobody knows what it takes. */
export const UNKNOWN_RULES: readonly ModelRules[] = [{ takes: ['top_k', 'cache_control', 'extra_content', 'reasoning_content'] }]
