import { Type, type TSchema } from 'typebox'
import { CacheControl, type HubTool, type HubToolChoice } from '../../hub/hub.ts'
import type { Place } from './content.ts'
import { checked, shape, unsupported } from './field-check.ts'
import type { ResponsesRequest } from './request.ts'

const orNull = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]))

const FUNCTION = shape(
  Type.Object({
    type: Type.String(),
    name: Type.String({ minLength: 1 }),
    description: orNull(Type.String()),
    parameters: orNull(Type.Object({})),
    strict: orNull(Type.Boolean()),
    cache_control: orNull(CacheControl),
  }),
)
const NAMED = shape(Type.Object({ type: Type.String(), name: Type.String() }))
const ALLOWED = shape(Type.Object({ type: Type.String(), mode: Type.Enum(['auto', 'required']), tools: Type.Array(Type.Object({ type: Type.String() })) }))

/** The tools of a request and which of them the model may choose, in the hub's words. */
export interface Tools {
  readonly tools?: readonly HubTool[]
  readonly tool_choice?: HubToolChoice
}

/** By the hub's names of tools, where in the request they are: some of them may not be shown. */
export function toolNames({ tools }: ResponsesRequest, shown: readonly HubTool[] | null | undefined): Record<string, string> {
  const names = (tools ?? []).map(tool => ('name' in tool ? tool.name : undefined))
  // The next of that name: two tools may have the same.
  let next = 0
  return Object.fromEntries((shown ?? []).flatMap(({ function: { name } }, index) => {
    const at = names.indexOf(name, next)
    next = at + 1
    return [[`tools[${index}]`, `tools[${at}]`], [`tools[${index}].function`, `tools[${at}]`]]
  }))
}

/** Reads the tools; whatever is not a function of the client is refused by its name. */
export function readTools({ tools, tool_choice: choice }: ResponsesRequest, place: Pick<Place, 'changes'>): Tools {
  const functions = (tools ?? []).map((tool, index) => readTool(tool, { ...place, at: `tools[${index}]` }))
  const all: Tools = functions.length > 0 ? { tools: functions } : {}
  if (choice === null || choice === undefined) return all
  if (typeof choice === 'string') return { ...all, tool_choice: choice }
  if (choice.type === 'allowed_tools') return allowed(functions, choice, place)
  if (choice.type !== 'function') throw unsupported('tool_choice.type', `this provider has no Responses API of its own, and without one there is no tool_choice of type ${choice.type.slice(0, 60)}`)
  const { name } = checked(NAMED, choice, { ...place, at: 'tool_choice' })
  return { ...all, tool_choice: { type: 'function', function: { name } } }
}

function readTool(tool: { type: string }, place: Place): HubTool {
  if (tool.type !== 'function') {
    throw unsupported(`${place.at}.type`, `this provider has no Responses API of its own, and without one there is no tool of type ${tool.type.slice(0, 60)}: only functions`)
  }
  const { name, description, parameters, strict, cache_control } = checked(FUNCTION, tool, place)
  return {
    type: 'function',
    function: { name, ...(typeof description === 'string' && { description }), ...(parameters && { parameters: parameters as Readonly<Record<string, unknown>> }), ...(typeof strict === 'boolean' && { strict }) },
    ...(cache_control && { cache_control }),
  }
}

/** A chat knows no list of allowed tools: the others are not shown to the model. */
function allowed(functions: readonly HubTool[], choice: object, { changes }: Pick<Place, 'changes'>): Tools {
  const { mode, tools } = checked(ALLOWED, choice, { at: 'tool_choice', changes })
  const names = tools.map((tool, index) => {
    if (tool.type !== 'function') throw unsupported(`tool_choice.tools[${index}].type`, `only functions can be allowed here, not ${tool.type.slice(0, 60)}`)
    return checked(NAMED, tool, { at: `tool_choice.tools[${index}]`, changes }).name
  })
  changes.emulated('tool_choice', 'tools')
  const shown = functions.filter(({ function: { name } }) => names.includes(name))
  return shown.length > 0 ? { tools: shown, tool_choice: mode } : {}
}
