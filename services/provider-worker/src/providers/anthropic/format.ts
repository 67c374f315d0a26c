import type { Changes } from '../../hub/changes.ts'
import type { HubRequest } from '../../hub/hub.ts'
import type { Tool } from './blocks.ts'
import type { ModelTraits } from './model-traits.ts'
import { grammarSchema, objectSchema } from './schema.ts'

/** How the model is brought to answer in the form that was asked for. */
export interface AnswerFormat {
  /** For `output_config.format`. */
  readonly format?: Readonly<Record<string, unknown>>
  /** For the end of the system prompt. */
  readonly instruction?: string
  /** What this tool is called with is the answer. */
  readonly answerTool?: Tool
}

const SCHEMA = 'response_format.json_schema.schema'
const JSON_ONLY = 'Answer with a single JSON object and nothing else: no words around it and no code fence.'

/** The form of the answer: a schema where the model has that, else a tool whose arguments are the answer; for JSON of any form, a request. */
export function answerFormat(chat: HubRequest, { traits, forced, changes }: { traits: ModelTraits; forced: boolean; changes: Changes }): AnswerFormat {
  const wanted = chat.response_format
  if (!wanted || wanted.type === 'text') return {}
  if (wanted.type === 'json_object' || !wanted.json_schema.schema) {
    changes.emulated('response_format', 'instruction')
    return { instruction: JSON_ONLY }
  }
  const { schema, description } = wanted.json_schema
  const grammar = grammarSchema(schema)
  if (traits.structured && !grammar.open) {
    changes.renamed('response_format', 'output_config.format')
    if (grammar.replaced.length > 0) changes.emulated(SCHEMA, `without ${grammar.replaced.join(', ')}`)
    const about = description !== undefined && grammar.schema.description === undefined ? { description } : {}
    return { format: { type: 'json_schema', schema: { ...about, ...grammar.schema } } }
  }
  // Where a call is asked for, what is answered is that call.
  const calls = chat.tool_choice === 'required' || typeof chat.tool_choice === 'object'
  if (calls && chat.tool_choice !== null && (chat.tools ?? []).length > 0) {
    changes.dropped('response_format')
    return {}
  }
  const name = freeName(chat)
  changes.emulated('response_format', `tool ${name}`)
  const answerTool = { name, description: description ?? 'Gives the final answer.', input_schema: objectSchema(schema, SCHEMA) }
  return forced ? { answerTool } : { answerTool, instruction: `Give your final answer by calling the tool ${name}, and write no other text.` }
}

function freeName({ tools }: HubRequest): string {
  const taken = new Set((tools ?? []).map(tool => tool.function.name))
  let name = 'give_answer'
  while (taken.has(name)) name += '_'
  return name
}
