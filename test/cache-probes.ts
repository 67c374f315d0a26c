import { assistant, type Base, differing, type Group, type Json, LETTER, one, type Options, PICTURE, type Probe, SCHEMA, SYSTEM, user, writing } from './cache-probe.ts'

const NUMBERS = {
  'a number beyond doubles': '"seed":12345678901234567890',
  'its neighbour': '"seed":12345678901234567891',
  'a number of one spelling': '"frobs":1',
  'a number of another': '"frobs":1.0',
  'a member twice': '"knob":"a","knob":"b"',
  'a member twice the other way': '"knob":"b","knob":"a"',
  'the member once': '"knob":"b"',
}
const SAMPLING = { 'temperature 0': { temperature: 0 }, 'temperature 1': { temperature: 1 }, top_p: { top_p: 0.5 } }
const UNKNOWN = { 'an unknown member': { unheard_of: 1 }, 'another value of it': { unheard_of: 2 }, 'an unknown member within': { unheard_of: { deep: [1, { deeper: true }] } } }
const STRICT: Options = { headers: { 'x-gomodel-strict': 'true' } }

const chat: Base = said => ({ model: 'openai/gpt-test', messages: [SYSTEM, user(said)] })
const spoken = (...messages: Json[]): Base => said => ({ model: 'openai/gpt-test', messages: [...messages, user(said)] })
const functionTool = (name: string): Json => ({ type: 'function', function: { name, parameters: SCHEMA } })
const called = (id: string, name: string, args: string, result: string): Base =>
  spoken(SYSTEM, user('Look.'), assistant(null, { tool_calls: [{ id, type: 'function', function: { name, arguments: args } }] }), { role: 'tool', tool_call_id: id, content: result }, assistant('I did.'))

const CHAT: readonly Probe[] = [
  one('chat', chat),
  ...differing(chat, {
    'another model': { model: 'openai/gpt-other' },
    'another instance': { model: 'openai-east/gpt-test' },
    'an alias': { model: 'quick' },
    'another alias': { model: 'slow' },
    ...SAMPLING,
    ...UNKNOWN,
    max_tokens: { max_tokens: 50 },
    max_completion_tokens: { max_completion_tokens: 50 },
    stop: { stop: 'END' },
    'stop in a list': { stop: ['END'] },
    seed: { seed: 1 },
    'n 1': { n: 1 },
    'tools that are not to be called': { tools: [functionTool('f')], tool_choice: 'none' },
    'other tools that are not to be called': { tools: [functionTool('g')], tool_choice: 'none' },
    'tool_choice none': { tool_choice: 'none' },
    'tool_choice auto': { tool_choice: 'auto' },
    parallel_tool_calls: { parallel_tool_calls: false },
    'response_format json_object': { response_format: { type: 'json_object' } },
    'response_format json_schema': { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: SCHEMA } } },
    'reasoning_effort low': { reasoning_effort: 'low' },
    'reasoning_effort high': { reasoning_effort: 'high' },
    logit_bias: { logit_bias: { 50256: -100 } },
    presence_penalty: { presence_penalty: 1 },
    frequency_penalty: { frequency_penalty: 1 },
    'logprobs false': { logprobs: false },
    top_logprobs: { top_logprobs: 2 },
    'modalities text': { modalities: ['text'] },
    verbosity: { verbosity: 'low' },
    prediction: { prediction: { type: 'content', content: 'Well' } },
    web_search_options: { web_search_options: {} },
    metadata: { metadata: { tenant: 'a' } },
    'other metadata': { metadata: { tenant: 'b' } },
    user: { user: 'anna' },
    'another user': { user: 'bert' },
    safety_identifier: { safety_identifier: 'anna' },
    prompt_cache_key: { prompt_cache_key: 'anna' },
    'another prompt_cache_key': { prompt_cache_key: 'bert' },
    prompt_cache_retention: { prompt_cache_retention: '24h' },
    service_tier: { service_tier: 'flex' },
    store: { store: true },
    moderation: { moderation: { on: true } },
  }),
  ...differing(chat, {
    'n 2': { n: 2 },
    tools: { tools: [functionTool('f')] },
    'other tools': { tools: [functionTool('g')] },
    'tool_choice required': { tools: [functionTool('f')], tool_choice: 'required' },
    'functions of old': { functions: [{ name: 'f' }] },
    logprobs: { logprobs: true },
    'modalities with audio': { modalities: ['text', 'audio'], audio: { voice: 'a', format: 'wav' } },
  }, LETTER),
  one('another system prompt', spoken({ role: 'system', content: 'You help pilots.' })),
  one('a developer’s prompt', spoken({ role: 'developer', content: SYSTEM.content })),
  one('no system prompt', spoken()),
  one('a system prompt in parts', spoken({ role: 'system', content: [{ type: 'text', text: SYSTEM.content }] })),
  one('earlier turns', spoken(SYSTEM, user('I have roses.'), assistant('Good.'))),
  one('other earlier turns', spoken(SYSTEM, user('I have weeds.'), assistant('Good.'))),
  one('another earlier answer', spoken(SYSTEM, user('I have roses.'), assistant('Bad.'))),
  one('a call of a tool', called('c1', 'f', '{"a":1}', 'one')),
  one('a call with another id', called('c2', 'f', '{"a":1}', 'one')),
  one('a call of another tool', called('c1', 'g', '{"a":1}', 'one')),
  one('a call with other arguments', called('c1', 'f', '{"a":2}', 'one')),
  one('a call with another result', called('c1', 'f', '{"a":1}', 'two')),
  one('a named user', said => ({ ...chat(said), messages: [SYSTEM, user(said, { name: 'anna' })] })),
  one('a text in parts', said => ({ ...chat(said), messages: [SYSTEM, user([{ type: 'text', text: said }])] })),
  one('a picture', said => ({ ...chat(said), messages: [SYSTEM, user([{ type: 'text', text: said }, { type: 'image_url', image_url: { url: PICTURE('a') } }])] }), LETTER),
  one('another picture', said => ({ ...chat(said), messages: [SYSTEM, user([{ type: 'text', text: said }, { type: 'image_url', image_url: { url: PICTURE('b') } }])] }), LETTER),
  one('an earlier picture', spoken(SYSTEM, user([{ type: 'image_url', image_url: { url: PICTURE('a') } }]), assistant('Nice.'))),
  one('another earlier picture', spoken(SYSTEM, user([{ type: 'image_url', image_url: { url: PICTURE('b') } }]), assistant('Nice.'))),
  one('the assistant last', said => ({ ...chat(said), messages: [SYSTEM, user(said), assistant('Well,')] }), LETTER),
  one('a tool last', said => ({ ...chat(said), messages: [SYSTEM, user(said), assistant(null, { tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] }), { role: 'tool', tool_call_id: 'c1', content: said }] }), LETTER),
  one('the system last', said => ({ ...chat(said), messages: [user('Well?'), { role: 'system', content: said }] }), LETTER),
  one('a conversation twice', chat, { letter: true, written: json => json.replace('"messages":', '"messages":[{"role":"user","content":"Another one."}],"messages":') }),
  ...writing(chat, NUMBERS),
  one('X-GoModel-Strict', chat, STRICT),
]

/** A response's probes are the same whether its input is a text or a list. */
function responsesProbes(input: (said: string) => unknown): Probe[] {
  const response: Base = said => ({ model: 'openai/gpt-test', instructions: SYSTEM.content, input: input(said) })
  const tool = (name: string): Json => ({ type: 'function', name, parameters: SCHEMA, strict: true })
  const { instructions: _, ...bare } = response('')
  return [
    one('response', response),
    ...differing(response, {
      'another model': { model: 'openai/gpt-other' },
      'another instance': { model: 'openai-east/gpt-test' },
      'an alias': { model: 'quick' },
      ...SAMPLING,
      ...UNKNOWN,
      max_output_tokens: { max_output_tokens: 50 },
      max_tool_calls: { max_tool_calls: 1 },
      'tools that are not to be called': { tools: [tool('f')], tool_choice: 'none' },
      'other tools that are not to be called': { tools: [tool('g')], tool_choice: 'none' },
      parallel_tool_calls: { parallel_tool_calls: false },
      'text.format json_object': { text: { format: { type: 'json_object' } } },
      'text.format json_schema': { text: { format: { type: 'json_schema', name: 'a', schema: SCHEMA } } },
      'text.verbosity': { text: { verbosity: 'low' } },
      'reasoning effort': { reasoning: { effort: 'low' } },
      'reasoning summary': { reasoning: { summary: 'auto' } },
      'other instructions': { instructions: 'You help pilots.' },
      metadata: { metadata: { tenant: 'a' } },
      'other metadata': { metadata: { tenant: 'b' } },
      user: { user: 'anna' },
      safety_identifier: { safety_identifier: 'anna' },
      prompt_cache_key: { prompt_cache_key: 'anna' },
      'another prompt_cache_key': { prompt_cache_key: 'bert' },
      prompt_cache_retention: { prompt_cache_retention: '24h' },
      service_tier: { service_tier: 'flex' },
      store: { store: false },
      truncation: { truncation: 'auto' },
    }),
    one('no instructions', said => ({ ...bare, input: input(said) })),
    ...differing(response, { tools: { tools: [tool('f')] }, include: { include: ['message.output_text.logprobs'] }, top_logprobs: { top_logprobs: 2 }, conversation: { conversation: 'conv_1' }, 'another conversation': { conversation: 'conv_2' }, prompt: { prompt: { id: 'pmpt_1' } } }, LETTER),
    ...writing(response, NUMBERS),
    one('X-GoModel-Strict', response, STRICT),
  ]
}

const listed: Base = said => ({ model: 'openai/gpt-test', instructions: SYSTEM.content, input: [user(said)] })
const items = (...earlier: Json[]): Base => said => ({ ...listed(said), input: [...earlier, user(said)] })
const itemCalled = (id: string, name: string, output: string): Base => items(user('Look.'), { type: 'function_call', call_id: id, name, arguments: '{}' }, { type: 'function_call_output', call_id: id, output })

const LISTED: readonly Probe[] = [
  ...responsesProbes(said => [user(said)]),
  one('an item with a type', said => ({ ...listed(said), input: [user(said, { type: 'message' })] })),
  one('a text in parts', said => ({ ...listed(said), input: [user([{ type: 'input_text', text: said }])] })),
  one('a developer’s item', items({ role: 'developer', content: 'Be kind.' })),
  one('earlier items', items(user('I have roses.'), assistant('Good.'))),
  one('other earlier items', items(user('I have weeds.'), assistant('Good.'))),
  one('a call of a tool', itemCalled('c1', 'f', 'one')),
  one('a call with another id', itemCalled('c2', 'f', 'one')),
  one('a call of another tool', itemCalled('c1', 'g', 'one')),
  one('a call with another result', itemCalled('c1', 'f', 'two')),
  one('a picture', said => ({ ...listed(said), input: [user([{ type: 'input_text', text: said }, { type: 'input_image', image_url: PICTURE('a') }])] }), LETTER),
  one('another picture', said => ({ ...listed(said), input: [user([{ type: 'input_text', text: said }, { type: 'input_image', image_url: PICTURE('b') }])] }), LETTER),
  one('a tool last', said => ({ ...listed(said), input: [user(said), { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' }, { type: 'function_call_output', call_id: 'c1', output: said }] }), LETTER),
]

const message: Base = said => ({ model: 'anthropic/claude-test', max_tokens: 100, system: SYSTEM.content, messages: [user(said)] })
const messagesAfter = (...earlier: Json[]): Base => said => ({ ...message(said), messages: [...earlier, user(said)] })
const used = (id: string, name: string, city: string, result: string): Base =>
  messagesAfter(user('Look.'), assistant([{ type: 'tool_use', id, name, input: { city } }]), user([{ type: 'tool_result', tool_use_id: id, content: result }]), assistant('I did.'))
const { system: _, ...bareMessage } = message('')
const source = (name: string): Json => ({ type: 'base64', media_type: 'image/png', data: Buffer.from(name).toString('base64') })

const MESSAGES: readonly Probe[] = [
  one('message', message),
  ...differing(message, {
    'another model': { model: 'anthropic/claude-other' },
    'another instance': { model: 'anthropic-east/claude-test' },
    'an alias': { model: 'wise' },
    ...SAMPLING,
    ...UNKNOWN,
    max_tokens: { max_tokens: 50 },
    top_k: { top_k: 4 },
    stop_sequences: { stop_sequences: ['END'] },
    'thinking enabled': { thinking: { type: 'enabled', budget_tokens: 1024 } },
    'thinking adaptive': { thinking: { type: 'adaptive' } },
    'tools that are not to be called': { tools: [{ name: 'f', input_schema: SCHEMA }], tool_choice: { type: 'none' } },
    'other tools that are not to be called': { tools: [{ name: 'g', input_schema: SCHEMA }], tool_choice: { type: 'none' } },
    'output_config effort': { output_config: { effort: 'low' } },
    'output_config format': { output_config: { format: { type: 'json_schema', schema: SCHEMA } } },
    'another system prompt': { system: 'You help pilots.' },
    'a system prompt in blocks': { system: [{ type: 'text', text: SYSTEM.content }] },
    'a system prompt in blocks that are cached': { system: [{ type: 'text', text: SYSTEM.content, cache_control: { type: 'ephemeral' } }] },
    metadata: { metadata: { user_id: 'anna' } },
    'other metadata': { metadata: { user_id: 'bert' } },
    service_tier: { service_tier: 'standard_only' },
    context_management: { context_management: { edits: [] } },
  }),
  one('no system prompt', said => ({ ...bareMessage, messages: [user(said)] })),
  ...differing(message, { tools: { tools: [{ name: 'f', input_schema: SCHEMA }] }, container: { container: 'c_1' }, mcp_servers: { mcp_servers: [{ type: 'url', url: 'http://127.0.0.1/', name: 'm' }] } }, LETTER),
  one('a text in blocks', said => ({ ...message(said), messages: [user([{ type: 'text', text: said }])] })),
  one('a text in blocks that are cached', said => ({ ...message(said), messages: [user([{ type: 'text', text: said, cache_control: { type: 'ephemeral' } }])] })),
  one('earlier turns', messagesAfter(user('I have roses.'), assistant('Good.'))),
  one('other earlier turns', messagesAfter(user('I have weeds.'), assistant('Good.'))),
  one('a use of a tool', used('t1', 'f', 'Rome', 'one')),
  one('a use with another id', used('t2', 'f', 'Rome', 'one')),
  one('a use of another tool', used('t1', 'g', 'Rome', 'one')),
  one('a use with other input', used('t1', 'f', 'Oslo', 'one')),
  one('a use with another result', used('t1', 'f', 'Rome', 'two')),
  one('a picture', said => ({ ...message(said), messages: [user([{ type: 'image', source: source('a') }, { type: 'text', text: said }])] }), LETTER),
  one('another picture', said => ({ ...message(said), messages: [user([{ type: 'image', source: source('b') }, { type: 'text', text: said }])] }), LETTER),
  one('the result of a tool last', said => ({ ...message(said), messages: [user('Look.'), assistant([{ type: 'tool_use', id: 't1', name: 'f', input: {} }]), user([{ type: 'tool_result', tool_use_id: 't1', content: said }])] }), LETTER),
  one('the assistant last', said => ({ ...message(said), messages: [user(said), assistant('Well,')] }), LETTER),
  ...writing(message, NUMBERS),
  one('X-GoModel-Strict', message, STRICT),
  one('anthropic-beta', message, { headers: { 'anthropic-beta': 'one-2025-01-01' } }),
  one('another anthropic-beta', message, { headers: { 'anthropic-beta': 'two-2025-01-01' } }),
  one('anthropic-version', message, { headers: { 'anthropic-version': '2023-01-01' } }),
]

/** Everything that may differ between two requests with the same last words. */
export const GROUPS: readonly Group[] = [
  { kind: 'a chat', dialect: 'chat', probes: CHAT },
  { kind: 'a response to a text', dialect: 'responses', probes: responsesProbes(said => said) },
  { kind: 'a response to a list', dialect: 'responses', probes: LISTED },
  { kind: 'a message', dialect: 'messages', probes: MESSAGES },
]
