import type { Behaviour, RecordedRequest } from '@gomodel/testing'

/** What a scripted model does: it speaks, or calls a tool. */
interface Move {
  readonly text?: string
  readonly call?: { readonly name: string; readonly arguments: string }
}

export const GREETING = 'Hello from the sky ☀.'
export const REPORT = 'It is 21 degrees in Paris.'
export const COLOUR = '{"colour":"blue"}'
export const SPENT = { input: 11, output: 7 }

type Json = Readonly<Record<string, unknown>>

/** A model behind OpenAI's chat and Responses APIs or Anthropic's: it calls `weather` where it may, tells what it then learns, and answers in JSON where it has to. */
export function model(request: RecordedRequest): Behaviour {
  const { path, json } = request
  if (path.endsWith('/embeddings')) return { body: { object: 'list', model: 'embedder', data: [{ object: 'embedding', index: 0, embedding: [0.25, -0.5] }], usage: { prompt_tokens: 3, total_tokens: 3 } } }
  return acted(request, moveFor(json))
}

/** The same move in the words of the API that was asked. */
export function acted({ path, json }: Pick<RecordedRequest, 'path' | 'json'>, move: Move): Behaviour {
  const wire = path.endsWith('/responses') ? RESPONSES : path.endsWith('/messages') ? MESSAGES : CHAT
  if (json.stream !== true) return { body: wire.whole(move) }
  return { body: wire.events(move).map(event => said(event, wire === CHAT)).join(''), headers: { 'content-type': 'text/event-stream' }, writeSize: 37 }
}

function moveFor(json: Json): Move {
  const asked = JSON.stringify(json)
  if (/"role":"tool"|"function_call_output"|"tool_result"/.test(asked)) return { text: REPORT }
  const names = (Array.isArray(json.tools) ? (json.tools as Json[]) : []).map(tool => String((tool.function as Json | undefined)?.name ?? tool.name))
  if (names.includes('weather')) return { call: { name: 'weather', arguments: '{"city":"Paris"}' } }
  if (names[0] !== undefined) return { call: { name: names[0], arguments: COLOUR } }
  return { text: asked.includes('"colour"') ? COLOUR : GREETING }
}

const said = (event: Json | string, plain: boolean): string =>
  typeof event === 'string' ? `data: ${event}\n\n` : `${plain ? '' : `event: ${String(event.type)}\n`}data: ${JSON.stringify(event)}\n\n`

interface Wire {
  whole(move: Move): Json
  events(move: Move): (Json | string)[]
}

const pieces = (text: string): string[] => [text.slice(0, 5), text.slice(5)]

const chatUsage = { prompt_tokens: SPENT.input, completion_tokens: SPENT.output, total_tokens: SPENT.input + SPENT.output }
const chatCall = ({ name, arguments: text }: { name: string; arguments: string }) => ({ id: 'call_1', type: 'function', function: { name, arguments: text } })

const CHAT: Wire = {
  whole: ({ text, call }) => ({
    id: 'c1',
    object: 'chat.completion',
    created: 1,
    model: 'gpt-test',
    choices: [{ index: 0, message: { role: 'assistant', content: text ?? null, ...(call && { tool_calls: [chatCall(call)] }) }, finish_reason: call ? 'tool_calls' : 'stop' }],
    usage: chatUsage,
  }),
  events: ({ text, call }) => {
    const chunk = (delta: Json, finish: string | null = null) => ({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'gpt-test', choices: [{ index: 0, delta, finish_reason: finish }] })
    return [
      chunk({ role: 'assistant', content: '' }),
      ...(text === undefined ? [] : pieces(text).map(content => chunk({ content }))),
      ...(call ? [chunk({ tool_calls: [{ index: 0, ...chatCall({ ...call, arguments: '' }) }] }), ...pieces(call.arguments).map(piece => chunk({ tool_calls: [{ index: 0, function: { arguments: piece } }] }))] : []),
      chunk({}, call ? 'tool_calls' : 'stop'),
      { ...chunk({}), choices: [], usage: chatUsage },
      '[DONE]',
    ]
  },
}

const message = (content: readonly Json[], more: Json = {}) => ({ id: 'msg_1', type: 'message', role: 'assistant', model: 'claude-test', content, stop_reason: null, stop_sequence: null, usage: { input_tokens: SPENT.input, output_tokens: 1 }, ...more })

const MESSAGES: Wire = {
  whole: ({ text, call }) => {
    const block = call ? { type: 'tool_use', id: 'toolu_1', name: call.name, input: JSON.parse(call.arguments) as unknown } : { type: 'text', text }
    return message([block], { stop_reason: call ? 'tool_use' : 'end_turn', usage: { input_tokens: SPENT.input, output_tokens: SPENT.output } })
  },
  events: ({ text, call }) => [
    { type: 'message_start', message: message([]) },
    { type: 'ping' },
    { type: 'content_block_start', index: 0, content_block: call ? { type: 'tool_use', id: 'toolu_1', name: call.name, input: {} } : { type: 'text', text: '' } },
    ...pieces(call?.arguments ?? text ?? '').map(piece => ({ type: 'content_block_delta', index: 0, delta: call ? { type: 'input_json_delta', partial_json: piece } : { type: 'text_delta', text: piece } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: call ? 'tool_use' : 'end_turn', stop_sequence: null }, usage: { output_tokens: SPENT.output } },
    { type: 'message_stop' },
  ],
}

const itemOf = ({ text, call }: Move): Json =>
  call
    ? { id: 'fc_1', type: 'function_call', status: 'completed', call_id: 'call_1', name: call.name, arguments: call.arguments }
    : { id: 'msg_1', type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text, annotations: [], logprobs: [] }] }
const response = (output: readonly Json[], status: string) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  status,
  error: null,
  incomplete_details: null,
  model: 'gpt-test',
  output,
  usage: { input_tokens: SPENT.input, input_tokens_details: { cached_tokens: 0 }, output_tokens: SPENT.output, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: SPENT.input + SPENT.output },
})

const RESPONSES: Wire = {
  whole: move => response([itemOf(move)], 'completed'),
  events: move => {
    const { text, call } = move
    const item = itemOf(move)
    const place = { item_id: item.id, output_index: 0 }
    const told = call
      ? [...pieces(call.arguments).map(delta => ({ type: 'response.function_call_arguments.delta', ...place, delta })), { type: 'response.function_call_arguments.done', ...place, arguments: call.arguments }]
      : [...pieces(text ?? '').map(delta => ({ type: 'response.output_text.delta', ...place, content_index: 0, delta, logprobs: [] })), { type: 'response.output_text.done', ...place, content_index: 0, text }]
    const events: Json[] = [
      { type: 'response.created', response: response([], 'in_progress') },
      { type: 'response.output_item.added', output_index: 0, item: call ? { ...item, arguments: '' } : { ...item, content: [] } },
      ...told,
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: response([item], 'completed') },
    ]
    return events.map(({ type, ...fields }, sequence) => ({ type, sequence_number: sequence, ...fields }))
  },
}
