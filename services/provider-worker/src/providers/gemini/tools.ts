import type { Changes } from '../../hub/changes.ts'
import type { HubRequest, HubTool, HubToolChoice } from '../../hub/hub.ts'
import type { Fields } from './fields.ts'
import { saysNothing, schemaOf } from './schema.ts'

/** The tools of a request and when they are to be called; nothing where there are none. */
export interface Tools {
  readonly declarations: readonly Fields[]
  /** A `functionCallingConfig`; undefined where the model is free to choose. */
  readonly calling: Fields | undefined
}

export function toolsOf({ tools, tool_choice: choice, parallel_tool_calls: parallel }: HubRequest, changes: Changes): Tools {
  if (!tools || tools.length === 0) return { declarations: [], calling: undefined }
  if (parallel === false) changes.dropped('parallel_tool_calls')
  const declarations = tools.map((tool, at) => declarationOf(tool, `tools[${at}]`, changes))
  const strict = tools.some(({ function: { strict: wanted } }) => wanted === true)
  return { declarations, calling: callingOf(choice, strict) }
}

function declarationOf({ function: { name, description, parameters }, cache_control: cache }: HubTool, where: string, changes: Changes): Fields {
  if (cache) changes.dropped(`${where}.cache_control`)
  const schema = parameters && schemaOf(parameters, `${where}.function.parameters`, changes)
  return { name, ...(description !== undefined && { description }), ...(schema && !saysNothing(schema) && { parametersJsonSchema: schema }) }
}

/** Gemini holds itself to the schemas for all tools or for none: where it must call one anyway, and where it is VALIDATED. */
function callingOf(choice: HubToolChoice | null | undefined, strict: boolean): Fields | undefined {
  if (choice === 'none') return { mode: 'NONE' }
  if (choice === 'required') return { mode: 'ANY' }
  if (typeof choice === 'object' && choice !== null) return { mode: 'ANY', allowedFunctionNames: [choice.function.name] }
  return strict ? { mode: 'VALIDATED' } : undefined
}
