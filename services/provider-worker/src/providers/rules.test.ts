import type { Change } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { Changes } from '../hub/changes.ts'
import type { HubRequest } from '../hub/hub.ts'
import type { GenerateRequest, Identity } from '../provider.ts'
import { openAiDialect } from './openai/dialect.ts'
import { ROWS } from './rows.ts'

const identity = (type: string, more: Partial<Identity> = {}): Identity => ({
  name: type,
  type,
  apiKey: 'key',
  baseUrl: ROWS.find(row => row.type === type)?.baseUrl ?? `https://${type}.example/openai/v1`,
  ...more,
})
const user = { role: 'user', content: 'hi' }
const tools = [
  { type: 'function', function: { name: 'f', parameters: {} } },
  { type: 'function', function: { name: 'g', parameters: {} } },
]
const named = { type: 'function', function: { name: 'g' } }

interface Asked {
  readonly of: Identity
  readonly model: string
  readonly asked: Readonly<Record<string, unknown>>
  readonly stream?: boolean
}

const requestFor = (model: string, stream = false): GenerateRequest => ({ requestId: 'r', endpoint: 'chat', model, stream, includeUsage: false })
const noted = (changes: readonly Change[]): string[] => changes.map(({ kind, param, to }) => `${kind} ${param}${to === undefined ? '' : ` ${to}`}`)

/** The request as it is sent for a client of the same dialect, in bytes. */
function native({ of, model, asked, stream }: Asked) {
  const changes = new Changes()
  const call = openAiDialect(of).native.chat!(Buffer.from(JSON.stringify({ model, messages: [user], ...asked })), requestFor(model, stream), changes)
  const text = Buffer.from(call.body).toString()
  const { model: _, messages, ...sent } = JSON.parse(text) as Record<string, unknown>
  return { text, sent, messages, changes: noted(changes.list) }
}

/** The same for a client of another one. */
function translated({ of, model, asked, stream }: Asked) {
  const changes = new Changes()
  const chat = { model, messages: [user], ...asked } as unknown as HubRequest
  const call = openAiDialect(of).chat.begin(chat, requestFor(model, stream), changes)
  const { model: _, messages, ...sent } = JSON.parse(Buffer.from(call.body).toString()) as Record<string, unknown>
  return { sent, messages, changes: noted(changes.list) }
}

type Case = [type: string, model: string, asked: Record<string, unknown>, sent: Record<string, unknown>, changes: string[]]

describe('the parameters of a request', () => {
  test.each([
    ['openai', 'gpt-4o', { max_tokens: 5, temperature: 0, logit_bias: { 1: 2 }, n: 2 }, { max_tokens: 5, temperature: 0, logit_bias: { 1: 2 }, n: 2 }, []],
    ['openai', 'gpt-4o', { reasoning_effort: 'low' }, {}, ['dropped reasoning_effort']],
    ['openai', 'gpt-5-chat-latest', { max_tokens: 5, temperature: 0.5 }, { max_tokens: 5, temperature: 0.5 }, []],
    ['openai', 'gpt-5', { max_tokens: 5, temperature: 0.5, top_p: 1 }, { max_completion_tokens: 5 }, ['renamed max_tokens max_completion_tokens', 'dropped temperature']],
    ['openai', 'o3-mini', { max_tokens: 5, max_completion_tokens: 6, presence_penalty: 1, frequency_penalty: 0, stop: 'x' }, { max_completion_tokens: 6 }, ['dropped max_tokens', 'dropped presence_penalty', 'dropped stop']],
    ['openai', 'gpt-5', { reasoning_effort: 'none' }, { reasoning_effort: 'minimal' }, ['clamped reasoning_effort minimal']],
    ['openai', 'gpt-5.1', { temperature: 0.5, logprobs: true, top_logprobs: 2, reasoning_effort: 'none' }, { temperature: 0.5, logprobs: true, reasoning_effort: 'none' }, ['dropped top_logprobs']],
    ['openai', 'gpt-5.2-2025-12-11', { temperature: 0.5, logprobs: false, reasoning_effort: 'max' }, { reasoning_effort: 'xhigh' }, ['dropped temperature', 'clamped reasoning_effort xhigh']],
    ['openai', 'gpt-4o-search-preview', { temperature: 0 }, {}, ['dropped temperature']],
    ['azure', 'gpt-35-turbo', { max_tokens: 5, temperature: 0 }, { max_tokens: 5, temperature: 0 }, []],
    ['azure', 'o4-mini', { max_tokens: 5 }, { max_completion_tokens: 5 }, ['renamed max_tokens max_completion_tokens']],
    ['groq', 'llama-3.3-70b', { logprobs: true, top_logprobs: 1, logit_bias: { 1: 1 }, n: 1 }, { n: 1 }, ['dropped logprobs', 'dropped top_logprobs', 'dropped logit_bias']],
    ['groq', 'llama-3.3-70b', { logprobs: null, logit_bias: {} }, {}, []],
    ['groq', 'qwen/qwen3-32b', { reasoning_effort: 'high' }, { reasoning_effort: 'default' }, ['clamped reasoning_effort default']],
    ['groq', 'openai/gpt-oss-120b', { reasoning_effort: 'minimal' }, { reasoning_effort: 'low' }, ['clamped reasoning_effort low']],
    ['xai', 'grok-3-mini', { stop: ['x'], frequency_penalty: 1, reasoning_effort: 'medium', logit_bias: { 1: 1 } }, { reasoning_effort: 'high' }, ['dropped logit_bias', 'dropped stop', 'dropped frequency_penalty', 'clamped reasoning_effort high']],
    ['xai', 'grok-4-1-fast-non-reasoning', { stop: ['x'], reasoning_effort: 'low' }, { stop: ['x'] }, ['dropped reasoning_effort']],
    ['xai', 'grok-4.3', { reasoning_effort: 'none' }, { reasoning_effort: 'none' }, []],
    ['xai', 'grok-4.20-0309-reasoning', { reasoning_effort: 'low' }, {}, ['dropped reasoning_effort']],
    [
      'zai',
      'glm-4.6',
      { max_completion_tokens: 9, user: 'someone', stop: ['a', 'b'], temperature: 1.5, seed: 1, n: 1, parallel_tool_calls: true },
      { max_tokens: 9, user_id: 'someone', stop: ['a'], temperature: 1 },
      ['renamed max_completion_tokens max_tokens', 'renamed user user_id', 'dropped seed', 'clamped temperature 1', 'clamped stop ["a"]'],
    ],
    ['zai', 'glm-4.6', { stop: 'a' }, { stop: ['a'] }, []],
    ['zai', 'glm-4.6', { tools, tool_choice: 'required' }, { tools, tool_choice: 'auto' }, ['clamped tool_choice auto']],
    ['zai', 'glm-4.6', { tools, tool_choice: 'none' }, {}, ['emulated tool_choice no tools']],
    ['zai', 'glm-4.6', { reasoning_effort: 'low' }, { thinking: { type: 'enabled' } }, ['emulated reasoning_effort thinking.type enabled']],
    ['zai', 'glm-5', { reasoning_effort: 'none' }, { thinking: { type: 'disabled' } }, ['emulated reasoning_effort thinking.type disabled']],
    ['zai', 'glm-5.2', { reasoning_effort: 'low' }, { reasoning_effort: 'low' }, []],
    ['zai', 'glm-5.3', { reasoning_effort: 'medium', max_completion_tokens: 200_000 }, { reasoning_effort: 'high', max_tokens: 131_072 }, ['renamed max_completion_tokens max_tokens', 'clamped max_tokens 131072', 'clamped reasoning_effort high']],
    [
      'zai',
      'glm-5.3',
      { tools: [{ type: 'function', function: { name: 'f', strict: true } }, tools[0]] },
      { tools: [{ type: 'function', function: { name: 'f' } }, tools[0]] },
      ['dropped tools[0].function.strict'],
    ],
    [
      'mistral',
      'mistral-large-latest',
      { seed: 7, max_completion_tokens: 5, user: 'u', reasoning_effort: 'low', store: false },
      { random_seed: 7, max_tokens: 5 },
      ['renamed max_completion_tokens max_tokens', 'renamed seed random_seed', 'dropped user', 'dropped reasoning_effort'],
    ],
    ['mistral', 'mistral-small-latest', { reasoning_effort: 'low' }, { reasoning_effort: 'high' }, ['clamped reasoning_effort high']],
    ['mistral', 'mistral-large-latest', { tools, tool_choice: 'required' }, { tools, tool_choice: 'any' }, ['renamed tool_choice any']],
    ['mistral', 'mistral-large-latest', { tools, tool_choice: named }, { tools: [tools[1]], tool_choice: 'any' }, ['emulated tool_choice any, with that tool only']],
    ['deepseek', 'deepseek-v4-pro', { reasoning_effort: 'low' }, { reasoning_effort: 'high' }, ['clamped reasoning_effort high']],
    ['deepseek', 'deepseek-v4-pro', { reasoning_effort: 'xhigh' }, { reasoning_effort: 'max' }, ['clamped reasoning_effort max']],
    ['deepseek', 'deepseek-v4-pro', { tools, tool_choice: 'required', logprobs: true }, { tools, tool_choice: 'auto' }, ['dropped logprobs', 'clamped tool_choice auto']],
    ['deepseek', 'deepseek-v4-pro', { tools, tool_choice: named, reasoning_effort: 'none' }, { tools, tool_choice: named, thinking: { type: 'disabled' } }, ['emulated reasoning_effort thinking.type disabled']],
    ['minimax', 'MiniMax-M2.5', { temperature: 0, presence_penalty: 0 }, { temperature: 0.01 }, ['clamped temperature 0.01']],
    ['cohere', 'command-a-03-2025', { presence_penalty: -1, tools, tool_choice: named, n: 2 }, { presence_penalty: 0, tools: [tools[1]], tool_choice: 'required' }, ['dropped n', 'clamped presence_penalty 0', 'emulated tool_choice required, with that tool only']],
    ['ollama', 'qwen3', { tools, tool_choice: 'required', logit_bias: { 1: 1 }, user: 'u' }, { tools }, ['dropped logit_bias', 'dropped user', 'clamped tool_choice auto']],
    ['oracle', 'xai.grok-4', { reasoning_effort: 'low', n: 3 }, { n: 3 }, ['dropped reasoning_effort']],
    ['vllm', 'any', { n: 3, logit_bias: { 1: 1 }, min_p: 0.1 }, { n: 3, logit_bias: { 1: 1 }, min_p: 0.1 }, []],
    ['openrouter', 'openai/gpt-5', { max_tokens: 5, temperature: 0 }, { max_tokens: 5, temperature: 0 }, []],
  ] satisfies Case[])('of %s, %s: %j become %j', (...[type, model, asked, sent, changes]) => {
    const { text: _, ...direct } = native({ of: identity(type), model, asked })
    expect(direct).toEqual({ sent, messages: [user], changes })
    const besides = type === 'minimax' ? { reasoning_split: true } : {}
    expect(translated({ of: identity(type), model, asked })).toEqual({ sent: { ...sent, ...besides }, messages: [user], changes })
  })

  test.each(['groq', 'minimax'])('are refused by %s where they would mean something else', type => {
    for (const way of [native, translated]) {
      expect(() => way({ of: identity(type), model: 'm', asked: { n: 2 } })).toThrow(expect.objectContaining({ code: 'unsupported', details: { param: 'n', provider: type } }))
    }
  })

  test('keep every digit under another name', () => {
    const { text } = native({ of: identity('mistral'), model: 'mistral-large-latest', asked: {} })
    expect(text).toBe('{"model":"mistral-large-latest","messages":[{"role":"user","content":"hi"}]}')
    const body = '{ "seed" : 12345678901234567890, "model":"m", "x":1.0 }'
    const call = openAiDialect(identity('mistral')).native.chat!(Buffer.from(body), requestFor('mistral-large-latest'), new Changes())
    expect(Buffer.from(call.body).toString()).toBe('{ "random_seed":12345678901234567890, "model":"mistral-large-latest", "x":1.0 }')
  })

  test.each(ROWS.filter(({ speaks }) => speaks === 'openai').map(({ type }) => type))('of %s that no rule concerns stay byte for byte', type => {
    const body = '{ "model" : "m",\t"messages":[ {"role":"user" , "content":"1.0 \\u00e9", "x":1.0} ], "metadata_":12345678901234567890 }'
    const changes = new Changes()
    const call = openAiDialect(identity(type)).native.chat!(Buffer.from(body), requestFor('m'), changes)
    expect(Buffer.from(call.body).toString()).toBe(body)
    expect(changes.list).toEqual([])
  })

  test('go by the true model behind a deployment', () => {
    const of = identity('azure', { modelOptions: new Map([['prod', { baseModel: 'gpt-5' }]]) })
    expect(native({ of, model: 'prod', asked: { max_tokens: 5 } }).sent).toEqual({ max_completion_tokens: 5 })
    expect(native({ of, model: 'other', asked: { max_tokens: 5 } }).sent).toEqual({ max_tokens: 5 })
  })

  test('pass to a server that only speaks like OpenAI', () => {
    const asked = { max_tokens: 5, temperature: 0, logit_bias: { 1: 1 } }
    for (const baseUrl of ['http://localhost:1234/v1', 'https://api.openai.com.example/v1']) {
      expect(native({ of: identity('openai', { baseUrl }), model: 'gpt-5', asked })).toMatchObject({ sent: asked, changes: [] })
    }
    expect(native({ of: identity('openai', { baseUrl: 'https://eu.api.openai.com/v1' }), model: 'gpt-5', asked: { max_tokens: 5 } }).sent).toEqual({ max_completion_tokens: 5 })
  })

  test('ask for usage in a stream, where it does not come by itself', () => {
    expect(native({ of: identity('groq'), model: 'm', asked: {}, stream: true }).sent).toEqual({ stream_options: { include_usage: true } })
    const asked = { stream: true, stream_options: { include_usage: true } }
    expect(native({ of: identity('mistral'), model: 'm', asked, stream: true })).toMatchObject({ sent: { stream: true }, changes: [] })
    expect(translated({ of: identity('mistral'), model: 'm', asked, stream: true }).sent).toEqual({ stream: true })
    expect(translated({ of: identity('groq'), model: 'm', asked: { stream: true }, stream: true }).sent).toEqual(asked)
  })
})

describe('the messages of a request', () => {
  const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })
  const history = [
    { role: 'developer', content: 'be brief' },
    { role: 'user', content: 'hi', name: 'ann' },
    { role: 'assistant', content: null, refusal: null, annotations: [], tool_calls: [call('toolu_1'), call('abcDEF123')] },
    { role: 'tool', tool_call_id: 'toolu_1', content: '1' },
  ]
  const ways = [native, translated]

  test('lose at Groq what it refuses', () => {
    for (const way of ways) {
      const { messages, changes } = way({ of: identity('groq'), model: 'm', asked: { messages: history } })
      const { refusal: _, annotations: __, ...assistant } = history[2]!
      expect(messages).toEqual([history[0], user, assistant, history[3]])
      expect(changes).toEqual(['dropped messages[1].name'])
    }
  })

  test('have at Mistral ids of nine characters, the same in call and result', () => {
    for (const way of ways) {
      const { messages, changes } = way({ of: identity('mistral'), model: 'm', asked: { messages: history } })
      const [system, , assistant, result] = messages as { role: string; tool_calls?: { id: string }[]; tool_call_id?: string }[]
      expect(system?.role).toBe('system')
      const id = assistant?.tool_calls?.[0]?.id
      expect(id).toMatch(/^[a-zA-Z0-9]{9}$/)
      expect(assistant?.tool_calls?.[1]?.id).toBe('abcDEF123')
      expect(result?.tool_call_id).toBe(id)
      expect(changes).toEqual(['renamed messages[0].role system', 'dropped messages[1].name', `renamed messages[2].tool_calls[0].id ${id}`, `renamed messages[3].tool_call_id ${id}`])
    }
  })

  test.each(['zai', 'deepseek'])('tell %s of the schema that it cannot be held to', type => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } }
    for (const way of ways) {
      const asked = { messages: [{ role: 'system', content: 's' }, user], response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } }
      const { sent, messages, changes } = way({ of: identity(type), model: 'm', asked })
      expect(sent).toEqual({ response_format: { type: 'json_object' } })
      expect(messages).toEqual([{ role: 'system', content: 's' }, { role: 'system', content: expect.stringContaining(JSON.stringify(schema)) as string }, user])
      expect(changes).toEqual(['emulated response_format json_object'])
    }
  })

  test.each([
    ['deepseek-r1', [undefined, undefined], ['dropped messages[0].reasoning_content', 'dropped messages[1].reasoning_content']],
    ['deepseek-reasoner', [undefined, 'b'], ['dropped messages[0].reasoning_content']],
    ['deepseek-v4-pro', ['a', 'b', ''], []],
  ])('give %s back its thoughts as it wants them: %j', (model, thoughts, changes) => {
    const turns = [
      { role: 'assistant', content: '1', reasoning_content: 'a' },
      { role: 'assistant', content: '2', reasoning_content: 'b', tool_calls: [call('x')] },
      { role: 'assistant', content: '3' },
    ]
    for (const way of ways) {
      const { messages, changes: said } = way({ of: identity('deepseek'), model, asked: { messages: turns } })
      expect((messages as { reasoning_content?: string }[]).map(message => message.reasoning_content)).toEqual([...thoughts, ...Array<undefined>(3 - thoughts.length)])
      expect(said).toEqual(changes)
    }
  })
})
