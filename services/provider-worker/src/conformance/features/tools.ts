import { at } from '../read-json.ts'
import type { Asked, Feature, Fields, Need } from '../shapes.ts'

const ASK = 'What is the weather in Paris, and what time is it?'
const DESCRIPTION = 'Tells the weather.'
const CITY = { type: 'object', properties: { city: { type: 'string', description: 'Its name in English' } }, required: ['city'] }
const NOTHING = { type: 'object', properties: {} }

const inChat = (name: string, parameters: Fields) => ({ type: 'function', function: { name, description: DESCRIPTION, parameters } })
const inResponses = (name: string, parameters: Fields) => ({ type: 'function', name, description: DESCRIPTION, parameters })
const inMessages = (name: string, parameters: Fields) => ({ name, description: DESCRIPTION, input_schema: parameters })

/** Two tools as each dialect has them. */
export const TOOLS = {
  chat: [inChat('get_weather', CITY), inChat('get_time', NOTHING)],
  responses: [inResponses('get_weather', CITY), inResponses('get_time', NOTHING)],
  messages: [inMessages('get_weather', CITY), inMessages('get_time', NOTHING)],
} as const

/** A question to which the tools have the answer. */
export const ASKING = {
  chat: { messages: [{ role: 'user', content: ASK }], tools: TOOLS.chat },
  responses: { input: [{ role: 'user', content: ASK }], tools: TOOLS.responses },
  messages: { max_tokens: 16_000, messages: [{ role: 'user', content: ASK }], tools: TOOLS.messages },
} as const

const HAS_TOOLS: Need = {
  what: 'a tool with its schema',
  met: ({ tools }) => String(at(tools.get('get_weather'), 'properties', 'city', 'type')).toLowerCase() === 'string' && tools.has('get_time'),
  field: /tools/,
}

export const WEATHER = { id: 'call_a1B2c3D4e', name: 'get_weather', arguments: ['{"ci', 'ty":"Pa', 'ris"}'] } as const
const TIME = { id: 'call_f5G6h7I8j', name: 'get_time', arguments: [] } as const

const tools: Feature = { name: 'tools', requests: ASKING, answer: { text: ['Let me look.'], calls: [WEATHER], ending: 'calls' }, needs: [HAS_TOOLS] }

const parallelTools: Feature = {
  name: 'parallel tools',
  requests: {
    chat: { ...ASKING.chat, parallel_tool_calls: true },
    responses: { ...ASKING.responses, parallel_tool_calls: true },
    messages: { ...ASKING.messages, tool_choice: { type: 'auto', disable_parallel_tool_use: false } },
  },
  answer: { text: [], calls: [WEATHER, { ...TIME, arguments: ['{', '"zone":"CET"}'] }], ending: 'calls' },
  needs: [HAS_TOOLS],
}

const emptyArguments: Feature = { name: 'empty tool arguments', requests: ASKING, answer: { text: [], calls: [TIME], ending: 'calls' }, needs: [HAS_TOOLS] }

const SUNNY = 'sunny, 21 degrees'
const NOON = '{"hour":12}'

const toolResults: Feature = {
  name: 'tool results replay',
  requests: {
    chat: {
      ...ASKING.chat,
      messages: [
        { role: 'user', content: ASK },
        {
          role: 'assistant',
          content: null,
          tool_calls: [
            { id: WEATHER.id, type: 'function', function: { name: 'get_weather', arguments: '{"city":"Paris"}' } },
            { id: TIME.id, type: 'function', function: { name: 'get_time', arguments: '{}' } },
          ],
        },
        { role: 'tool', tool_call_id: WEATHER.id, content: SUNNY },
        { role: 'tool', tool_call_id: TIME.id, content: NOON },
      ],
    },
    responses: {
      ...ASKING.responses,
      input: [
        { role: 'user', content: ASK },
        { type: 'function_call', call_id: WEATHER.id, name: 'get_weather', arguments: '{"city":"Paris"}' },
        { type: 'function_call', call_id: TIME.id, name: 'get_time', arguments: '{}' },
        { type: 'function_call_output', call_id: WEATHER.id, output: SUNNY },
        { type: 'function_call_output', call_id: TIME.id, output: NOON },
      ],
    },
    messages: {
      ...ASKING.messages,
      messages: [
        { role: 'user', content: ASK },
        {
          role: 'assistant',
          content: [
            { type: 'tool_use', id: WEATHER.id, name: 'get_weather', input: { city: 'Paris' } },
            { type: 'tool_use', id: TIME.id, name: 'get_time', input: {} },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: WEATHER.id, content: SUNNY },
            { type: 'tool_result', tool_use_id: TIME.id, content: [{ type: 'text', text: NOON }] },
          ],
        },
      ],
    },
  },
  answer: { text: ['It is sunny at noon.'], ending: 'stop' },
  needs: [
    HAS_TOOLS,
    { what: 'the calls', met: ({ calls }) => calls.length === 2 && JSON.stringify(calls.map(({ name, input }) => [name, input])) === '[["get_weather",{"city":"Paris"}],["get_time",{}]]', field: /messages|input/ },
    { what: 'the results, each with its call', met: asked => resultOf(asked, 'get_weather').includes(SUNNY) && resultOf(asked, 'get_time').includes('"hour":12'), field: /messages|input/ },
  ],
}

/** The result that belongs to the call of a tool. */
export const resultOf = ({ calls, results }: Asked, name: string): string => {
  const call = calls.find(made => made.name === name)
  return results.find(result => result.call === call?.id)?.text ?? ''
}

/** Everything about the client's own functions. */
export const TOOL_FEATURES: readonly Feature[] = [tools, parallelTools, emptyArguments, toolResults]
