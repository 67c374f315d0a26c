import type { Identity } from '../provider.ts'
import {
  COHERE_RULES,
  DEEPSEEK_RULES,
  GEMINI_RULES,
  GROQ_RULES,
  MINIMAX_RULES,
  MISTRAL_RULES,
  OLLAMA_RULES,
  OPENROUTER_RULES,
  ORACLE_RULES,
  UNKNOWN_RULES,
  VLLM_RULES,
  XAI_RULES,
  ZAI_RULES,
} from './rules/compatible.ts'
import { OPENAI_RULES } from './rules/openai.ts'
import type { Extension, ModelRules, Rules } from './rules/rule.ts'

/** What the providers of the OpenAI dialect do with the parameters of a chat, by type. */
const RULES: Readonly<Record<string, readonly ModelRules[]>> = {
  openai: OPENAI_RULES,
  azure: OPENAI_RULES,
  xai: XAI_RULES,
  groq: GROQ_RULES,
  openrouter: OPENROUTER_RULES,
  zai: ZAI_RULES,
  oracle: ORACLE_RULES,
  ollama: OLLAMA_RULES,
  vllm: VLLM_RULES,
  deepseek: DEEPSEEK_RULES,
  minimax: MINIMAX_RULES,
  mistral: MISTRAL_RULES,
  cohere: COHERE_RULES,
  // Its OpenAI-compatible API.
  gemini: GEMINI_RULES,
}

const OPENAI_HOST = /(?:^|\.)api\.openai\.com$/

/** The rules that hold for one model, in the order in which they are applied. */
export interface RulesOfModel {
  readonly entries: readonly Rules[]
  /** The members of a request that they look at. */
  readonly names: ReadonlySet<string>
  /** They left out what asks for usage in a stream. */
  readonly omitsStreamOptions: boolean
  readonly takes: ReadonlySet<Extension>
  readonly details: RegExp | undefined
  readonly add: Readonly<Record<string, unknown>>
}

/** Looks up the rules of an instance's models, each once. */
export function rulesFor(identity: Identity): (model: string) => RulesOfModel {
  const known = new Map<string, RulesOfModel>()
  const table = isUnknownServer(identity) ? UNKNOWN_RULES : (RULES[identity.type] ?? UNKNOWN_RULES)
  return model => {
    const kept = known.get(model)
    if (kept) return kept
    const rules = compiled(table, identity.modelOptions?.get(model)?.baseModel ?? model)
    // Models come from the provider's list, but nothing here holds them to it.
    if (known.size >= MAX_KNOWN) known.clear()
    known.set(model, rules)
    return rules
  }
}

const MAX_KNOWN = 1000

const isUnknownServer = ({ type, baseUrl }: Identity): boolean => type === 'openai' && !OPENAI_HOST.test(URL.parse(baseUrl)?.hostname ?? '')

function compiled(table: readonly ModelRules[], model: string): RulesOfModel {
  const entries = table.filter(({ models }) => models?.test(model) ?? true)
  return {
    entries,
    names: new Set(entries.flatMap(namesIn)),
    omitsStreamOptions: entries.some(({ omit }) => omit?.includes('stream_options')),
    takes: new Set(entries.flatMap(({ takes }) => takes ?? [])),
    details: entries.find(({ details }) => details)?.details,
    add: Object.assign({}, ...entries.map(({ add }) => add)) as Readonly<Record<string, unknown>>,
  }
}

function namesIn(rules: Rules): string[] {
  const { rename = {}, unless } = rules
  const messages = rules.roles ?? rules.messageFields ?? rules.toolIds ?? rules.thoughts ?? rules.jsonSchema
  return [
    ...(rules.drop ?? []),
    ...(rules.omit ?? []),
    ...Object.keys(rename),
    ...Object.values(rename),
    ...Object.keys({ ...rules.only, ...rules.clamp, ...rules.values }),
    ...(rules.efforts ? ['reasoning_effort'] : []),
    ...(rules.thinkingSwitch ? ['reasoning_effort', 'thinking'] : []),
    ...(rules.toolChoice ? ['tool_choice', 'tools'] : []),
    ...(rules.stops === undefined ? [] : ['stop']),
    ...(rules.jsonSchema ? ['response_format'] : []),
    ...(rules.functionFields ? ['tools'] : []),
    ...(messages === undefined ? [] : ['messages']),
    ...(unless ? [unless.param] : []),
  ]
}
