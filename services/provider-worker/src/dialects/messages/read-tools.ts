import { GatewayError } from '@gomodel/contracts'
import type { Changes } from '../../hub/changes.ts'
import type { HubRequest, HubTool, HubToolChoice } from '../../hub/hub.ts'
import { pathOf } from '../../hub/read-chat.ts'
import { noteUnread } from './reader.ts'
import { type MessagesRequest, readNamedTool, readTool } from './request-schema.ts'

const TOOL = new Set(['type', 'name', 'description', 'input_schema', 'strict', 'cache_control', 'allowed_callers'])
const TOOL_CHOICE = new Set(['type', 'name', 'disable_parallel_tool_use'])
const CHOICES = { auto: 'auto', any: 'required', none: 'none' } as const

/** What of a request is about tools, in the hub's words. */
export function toolsOf({ tools, tool_choice: choice }: MessagesRequest, changes: Changes): Pick<HubRequest, 'tools' | 'tool_choice' | 'parallel_tool_calls'> {
  if (!tools || tools.length === 0) {
    if (choice) changes.dropped('tool_choice')
    return {}
  }
  return {
    tools: tools.map((tool, place) => toolOf(tool, `/tools/${place}`, changes)),
    ...(choice && { tool_choice: choiceOf(choice, changes) }),
    ...(choice?.disable_parallel_tool_use === true && { parallel_tool_calls: false }),
  }
}

/** By the hub's names of tools, where in the request they are. */
export const toolNames = ({ tools }: MessagesRequest): Record<string, string> =>
  Object.fromEntries((tools ?? []).flatMap((_, place) => [[`tools[${place}].function`, `tools[${place}]`], [`tools[${place}].function.parameters`, `tools[${place}].input_schema`]]))

function toolOf(tool: NonNullable<MessagesRequest['tools']>[number], at: string, changes: Changes): HubTool {
  if (tool.type && tool.type !== 'custom') {
    const param = pathOf(`${at}/type`)
    throw new GatewayError('unsupported', `${param} is a tool that Anthropic runs or defines itself: ${tool.type.slice(0, 60)}`, { param })
  }
  const { name, description, input_schema: parameters, strict, cache_control: control } = readTool(tool, at)
  noteUnread(tool, TOOL, { at, changes })
  if ('allowed_callers' in tool && !isDirect(tool.allowed_callers)) changes.dropped(pathOf(`${at}/allowed_callers`))
  return {
    type: 'function',
    function: { name, ...(description && { description }), parameters: parameters as Readonly<Record<string, unknown>>, ...(typeof strict === 'boolean' && { strict }) },
    ...(control && { cache_control: control }),
  }
}

/** The model itself calls it, as it calls every tool elsewhere. */
const isDirect = (callers: unknown): boolean => callers === null || (Array.isArray(callers) && callers.includes('direct'))

function choiceOf(choice: NonNullable<MessagesRequest['tool_choice']>, changes: Changes): HubToolChoice {
  noteUnread(choice, TOOL_CHOICE, { at: '/tool_choice', changes })
  return choice.type === 'tool' ? { type: 'function', function: { name: readNamedTool(choice, '/tool_choice').name } } : CHOICES[choice.type]
}
