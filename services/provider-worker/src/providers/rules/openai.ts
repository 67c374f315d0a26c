import type { ModelRules } from './rule.ts'

/** o1 to o9 and GPT-5 and above; the chat variants do not think and take everything. */
const REASONING = /^(?:ft:)?(?:o\d|gpt-(?:[5-9]|[12]\d))(?!.*-chat)/
/** From GPT-5.1 on sampling may be steered where no thinking was asked for. */
const SAMPLING = /^(?:ft:)?gpt-(?:5\.[1-9]|[6-9]|[12]\d)(?!.*-chat)/
const ONLY_THINKING = /^(?:ft:)?(?:o\d|gpt-5(?!\.\d))(?!.*-chat)/

/** OpenAI itself, and its models on Azure. */
export const OPENAI_RULES: readonly ModelRules[] = [
  { models: REASONING, rename: { max_tokens: 'max_completion_tokens' }, drop: ['frequency_penalty', 'presence_penalty', 'logit_bias', 'top_logprobs'] },
  { models: ONLY_THINKING, drop: ['temperature', 'top_p', 'logprobs'] },
  { models: SAMPLING, unless: { param: 'reasoning_effort', is: 'none' }, drop: ['temperature', 'top_p', 'logprobs'] },
  { models: /^o(?:3|4-mini)/, drop: ['stop'] },
  { models: /-search-preview/, drop: ['temperature', 'top_p', 'n', 'frequency_penalty', 'presence_penalty', 'logprobs', 'top_logprobs', 'logit_bias', 'seed'] },
  { models: /^(?:ft:)?(?:gpt-3|gpt-4|chatgpt-|gpt-5-chat)/, drop: ['reasoning_effort'] },
  { models: /^(?:ft:)?o\d/, efforts: ['low', 'medium', 'high'] },
  { models: /^gpt-5(?!\.\d|.*-(?:chat|pro))/, efforts: ['minimal', 'low', 'medium', 'high'] },
  { models: /^gpt-5-pro/, efforts: ['high'] },
  { models: /^gpt-5\.1(?!.*-(?:chat|max))/, efforts: ['none', 'low', 'medium', 'high'] },
  { models: /^gpt-5\.1-codex-max/, efforts: ['none', 'low', 'medium', 'high', 'xhigh'] },
  { models: /^gpt-5\.[2-9](?!.*-(?:chat|pro))/, efforts: ['none', 'low', 'medium', 'high', 'xhigh'] },
  { models: /^gpt-5\.[2-9]-pro/, efforts: ['medium', 'high', 'xhigh'] },
]
