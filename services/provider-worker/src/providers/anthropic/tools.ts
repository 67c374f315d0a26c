import type { Changes } from '../../hub/changes.ts'
import type { HubRequest, HubTool } from '../../hub/hub.ts'
import type { Tool } from './blocks.ts'
import type { AnswerFormat } from './format.ts'
import type { ModelTraits } from './model-traits.ts'
import { grammarSchema, objectSchema } from './schema.ts'

/** What the model may or must call. */
export type ToolChoice = { readonly type: 'auto' | 'any' | 'tool' | 'none'; readonly name?: string; readonly disable_parallel_tool_use?: true }

/** The tools of a request in the provider's words. */
export function toolsOf({ tools }: HubRequest, { structured }: ModelTraits, changes: Changes): Tool[] {
  return (tools ?? []).map((tool, at) => toolOf(tool, { where: `tools[${at}].function`, structured, changes }))
}

function toolOf({ function: asked, cache_control: cache }: HubTool, { where, structured, changes }: { where: string; structured: boolean; changes: Changes }): Tool {
  const plain = objectSchema(asked.parameters ?? { properties: {} }, `${where}.parameters`)
  const named = { name: asked.name, ...(asked.description !== undefined && { description: asked.description }) }
  const cached = cache ? { cache_control: cache } : {}
  const grammar = asked.strict === true ? grammarSchema(plain) : undefined
  if (!grammar) return { ...named, input_schema: plain, ...cached }
  if (!structured || grammar.open) {
    changes.dropped(`${where}.strict`)
    return { ...named, input_schema: plain, ...cached }
  }
  if (grammar.replaced.length > 0) changes.emulated(`${where}.parameters`, `without ${grammar.replaced.join(', ')}`)
  return { ...named, input_schema: grammar.schema, strict: true, ...cached }
}

/** What is forced on a model that thinks, or that takes no force, is left to it. */
export function toolChoiceOf(chat: HubRequest, { format, forced, changes }: { format: AnswerFormat; forced: boolean; changes: Changes }): ToolChoice | undefined {
  const hasTools = (chat.tools ?? []).length > 0
  if (format.answerTool) return forAnswerTool(chat, format.answerTool.name, forced)
  const asked = chat.tool_choice ?? undefined
  if (!hasTools) {
    if (asked !== undefined && asked !== 'auto' && asked !== 'none') changes.dropped('tool_choice')
    return undefined
  }
  const choice = choiceOf(asked)
  const lenient = !forced && (choice.type === 'any' || choice.type === 'tool')
  if (lenient) changes.emulated('tool_choice', 'auto')
  const alone = chat.parallel_tool_calls === false
  if (asked === undefined && !alone) return undefined
  return { ...(lenient ? { type: 'auto' as const } : choice), ...(alone && choice.type !== 'none' && { disable_parallel_tool_use: true as const }) }
}

function choiceOf(choice: HubRequest['tool_choice']): ToolChoice {
  if (choice === 'none') return { type: 'none' }
  if (choice === 'required') return { type: 'any' }
  return typeof choice === 'object' && choice !== null ? { type: 'tool', name: choice.function.name } : { type: 'auto' }
}

/** The answer itself is a call; where the caller has tools too, it may be one of theirs. */
function forAnswerTool(chat: HubRequest, name: string, forced: boolean): ToolChoice {
  const others = (chat.tools ?? []).length > 0 && chat.tool_choice !== 'none'
  const alone = !others || chat.parallel_tool_calls === false
  return {
    ...(forced ? (others ? { type: 'any' as const } : { type: 'tool' as const, name }) : { type: 'auto' as const }),
    ...(alone && { disable_parallel_tool_use: true as const }),
  }
}
