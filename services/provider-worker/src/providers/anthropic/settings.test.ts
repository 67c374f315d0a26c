import { GatewayError } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { anthropicProvider } from './anthropic.ts'
import { Changes } from '../../hub/changes.ts'
import { IDENTITY, ask, begun } from './fixtures/calls.ts'

type Case = [model: string, chat: Parameters<typeof begun>[0], expected: object, notes: string[]]

const SONNET_4 = 'claude-sonnet-4-20250514'
const SONNET_46 = 'claude-sonnet-4-6'
const OPUS_5 = 'claude-opus-5'
const OPUS_55 = 'claude-opus-5-5'
const HAIKU_45 = 'claude-haiku-4-5'

/** All of the body but the model and the messages. */
function settings(chat: Parameters<typeof begun>[0], model: string) {
  const { body, notes } = begun(chat, { model })
  const { model: named, messages, ...rest } = body
  expect(named).toBe(model)
  expect(messages).toHaveLength(1)
  return { rest, notes }
}

const check = (model: string, chat: Parameters<typeof begun>[0], expected: object, notes: string[]): void =>
  expect(settings(chat, model)).toEqual({ rest: expected, notes })

describe('the length of the answer', () => {
  test.each<Case>([
    [HAIKU_45, {}, { max_tokens: 64_000 }, []],
    ['claude-3-haiku-20240307', {}, { max_tokens: 4096 }, []],
    ['claude-opus-4-20250514', {}, { max_tokens: 32_000 }, []],
    ['eu.anthropic.claude-opus-4.6-v1', {}, { max_tokens: 128_000 }, []],
    ['claude-next-9', {}, { max_tokens: 32_000 }, []],
    ['claude-opus-4-9', {}, { max_tokens: 32_000 }, []],
    ['some-other-model', {}, { max_tokens: 4096 }, []],
    ['some-other-model', { max_tokens: 900_000 }, { max_tokens: 900_000 }, []],
    [HAIKU_45, { max_tokens: 10 }, { max_tokens: 10 }, []],
    [HAIKU_45, { max_tokens: 100_000 }, { max_tokens: 64_000 }, ['clamped max_tokens 64000']],
    [HAIKU_45, { max_completion_tokens: 10, max_tokens: 20 }, { max_tokens: 10 }, ['renamed max_completion_tokens max_tokens', 'dropped max_tokens']],
  ])('of %s asked with %o', check)

  test('is that of the true model behind a name of the operator’s', () => {
    const named = anthropicProvider({ ...IDENTITY, modelOptions: new Map([['house', { baseModel: 'claude-haiku-4-5' }]]) })
    const { body } = named.chat.begin({ model: 'house', messages: [{ role: 'user', content: 'Hi' }] }, ask({ model: 'house' }), new Changes())
    expect(JSON.parse(Buffer.from(body).toString())).toMatchObject({ model: 'house', max_tokens: 64_000 })
  })
})

describe('sampling', () => {
  const max_tokens = 64_000
  test.each<Case>([
    [SONNET_4, { temperature: 1.7, top_p: 0.5, top_k: 40 }, { max_tokens, temperature: 1, top_p: 0.5, top_k: 40 }, ['clamped temperature 1']],
    [HAIKU_45, { temperature: 0.2, top_p: 0.5 }, { max_tokens, temperature: 0.2 }, ['dropped top_p']],
    [HAIKU_45, { temperature: 0.2, top_p: 1 }, { max_tokens, temperature: 0.2 }, []],
    [HAIKU_45, { temperature: 1, top_p: 0.5 }, { max_tokens, top_p: 0.5 }, []],
    [HAIKU_45, { top_p: 0.5 }, { max_tokens, top_p: 0.5 }, []],
    [OPUS_5, { temperature: 0.2, top_p: 0.9, top_k: 5 }, { max_tokens: 128_000 }, ['dropped temperature', 'dropped top_p', 'dropped top_k']],
    [OPUS_5, { temperature: 1, top_p: 1 }, { max_tokens: 128_000 }, []],
    [HAIKU_45, { stop: ['END', ' \n'] }, { max_tokens, stop_sequences: ['END'] }, ['dropped stop']],
    [HAIKU_45, { stop: 'END' }, { max_tokens, stop_sequences: ['END'] }, []],
  ])('of %s asked with %o', check)
})

describe('thinking', () => {
  const adaptive = { type: 'adaptive' }
  const summarized = { ...adaptive, display: 'summarized' }
  test.each<Case>([
    [HAIKU_45, { reasoning_effort: 'none' }, { max_tokens: 64_000 }, []],
    [
      HAIKU_45,
      { reasoning_effort: 'medium', temperature: 0.2, max_tokens: 500 },
      { max_tokens: 10_500, thinking: { type: 'enabled', budget_tokens: 10_000 } },
      ['renamed reasoning_effort thinking.budget_tokens 10000', 'clamped max_tokens 10500', 'dropped temperature'],
    ],
    ['claude-opus-4-20250514', { reasoning_effort: 'max', max_tokens: 30_000 }, { max_tokens: 32_000, thinking: { type: 'enabled', budget_tokens: 30_000 } }, ['renamed reasoning_effort thinking.budget_tokens 30000', 'clamped max_tokens 32000']],
    [SONNET_46, { reasoning_effort: 'high' }, { max_tokens: 128_000, thinking: adaptive, output_config: { effort: 'high' } }, ['renamed reasoning_effort output_config.effort']],
    [SONNET_46, { reasoning_effort: 'xhigh' }, { max_tokens: 128_000, thinking: adaptive, output_config: { effort: 'high' } }, ['clamped reasoning_effort high']],
    [OPUS_5, { reasoning_effort: 'minimal' }, { max_tokens: 128_000, thinking: summarized, output_config: { effort: 'low' } }, ['clamped reasoning_effort low']],
    [OPUS_5, { reasoning_effort: 'none' }, { max_tokens: 128_000, thinking: { type: 'disabled' } }, []],
    ['claude-sonnet-5-5', { reasoning_effort: 'none' }, { max_tokens: 128_000, thinking: { type: 'between_tools' } }, ['clamped reasoning_effort thinking between tools']],
    [OPUS_55, { reasoning_effort: 'none' }, { max_tokens: 128_000, output_config: { effort: 'low' } }, ['clamped reasoning_effort low']],
    ['claude-3-5-haiku-20241022', { reasoning_effort: 'low' }, { max_tokens: 8192 }, ['dropped reasoning_effort']],
    [HAIKU_45, { thinking: { type: 'enabled', budget_tokens: 2000 }, reasoning_effort: 'high', max_tokens: 1500 }, { max_tokens: 3500, thinking: { type: 'enabled', budget_tokens: 2000 } }, ['clamped max_tokens 3500']],
    [SONNET_4, { thinking: { type: 'disabled' }, temperature: 0.5 }, { max_tokens: 64_000, thinking: { type: 'disabled' }, temperature: 0.5 }, []],
  ])('of %s asked with %o', check)
})

describe('the form of the answer', () => {
  const schema = { type: 'object', properties: { n: { type: 'integer', minimum: 1, description: 'How many.' }, at: { type: 'string', format: 'date' }, s: { oneOf: [{ type: 'string', pattern: '^a' }, { type: 'null' }] } }, required: ['n'] }
  const asked = (of: object) => ({ response_format: { type: 'json_schema' as const, json_schema: { name: 'count', schema: { ...of } } } })
  const weather = { type: 'function' as const, function: { name: 'give_answer', parameters: { type: 'object' } } }

  test('is a schema where the model has that, told in words where the grammar has none', () => {
    check(
      HAIKU_45,
      asked(schema),
      {
        max_tokens: 64_000,
        output_config: {
          format: {
            type: 'json_schema',
            schema: {
              type: 'object',
              properties: { n: { type: 'integer', description: 'How many. (minimum: 1)' }, at: { type: 'string', format: 'date' }, s: { anyOf: [{ type: 'string', description: '(pattern: "^a")' }, { type: 'null' }] } },
              required: ['n'],
              additionalProperties: false,
            },
          },
        },
      },
      ['renamed response_format output_config.format', 'emulated response_format.json_schema.schema without minimum, pattern, oneOf'],
    )
  })

  const forced = { type: 'tool', name: 'give_answer', disable_parallel_tool_use: true }
  test.each<[string, object, object]>([
    [SONNET_4, schema, { tool_choice: forced }],
    [HAIKU_45, { type: 'object', additionalProperties: { type: 'string' } }, { tool_choice: forced }],
    [
      OPUS_55,
      { type: 'object' },
      { tool_choice: { type: 'auto', disable_parallel_tool_use: true }, system: [{ type: 'text', text: 'Give your final answer by calling the tool give_answer, and write no other text.' }] },
    ],
  ])('is a call of a tool where %s has no such schema: %o', (model, of, more) => {
    const { rest, notes } = settings(asked(of), model)
    const { max_tokens: _limit, ...said } = rest
    expect(said).toEqual({ tools: [{ name: 'give_answer', description: 'Gives the final answer.', input_schema: of }], ...more })
    expect(notes).toEqual(['emulated response_format tool give_answer'])
  })

  test('may be the caller’s own tool where it has some, unless it wants none called', () => {
    const { body } = begun({ ...asked(schema), tools: [weather] }, { model: SONNET_4 })
    expect(body.tools).toMatchObject([{ name: 'give_answer' }, { name: 'give_answer_' }])
    expect(body.tool_choice).toEqual({ type: 'any' })
    expect(begun({ ...asked(schema), tools: [weather], tool_choice: 'none' }, { model: SONNET_4 }).body.tool_choice).toEqual({ type: 'tool', name: 'give_answer_', disable_parallel_tool_use: true })
  })

  test('is none where a tool has to be called anyway', () => {
    const { body, notes } = begun({ ...asked(schema), tools: [weather], tool_choice: 'required' }, { model: SONNET_4 })
    expect(body.tools).toHaveLength(1)
    expect(notes).toEqual(['dropped response_format'])
  })

  test('that is JSON of any kind is asked for in words', () => {
    const { body, notes } = begun({ messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hi' }], response_format: { type: 'json_object' } })
    expect(body.system).toEqual([
      { type: 'text', text: 'Be brief.' },
      { type: 'text', text: 'Answer with a single JSON object and nothing else: no words around it and no code fence.' },
    ])
    expect(notes).toEqual(['emulated response_format instruction'])
  })
})

describe('other fields', () => {
  const max_tokens = 64_000
  test.each<Case>([
    [HAIKU_45, { seed: 1, logprobs: true, top_logprobs: 2, logit_bias: { 5: 1 }, frequency_penalty: 0.1, presence_penalty: -1 }, { max_tokens }, ['seed', 'logprobs', 'top_logprobs', 'logit_bias', 'frequency_penalty', 'presence_penalty'].map(name => `dropped ${name}`)],
    [HAIKU_45, { n: 1, seed: null, logprobs: false, top_logprobs: 0, logit_bias: {}, frequency_penalty: 0, presence_penalty: 0, store: false, stream_options: { include_usage: true }, response_format: { type: 'text' } }, { max_tokens }, []],
    [HAIKU_45, { user: 'u-1' }, { max_tokens, metadata: { user_id: 'u-1' } }, ['renamed user metadata.user_id']],
    [HAIKU_45, { safety_identifier: 'u-2', metadata: { team: 'x' } }, { max_tokens, metadata: { user_id: 'u-2' } }, ['dropped metadata.team', 'renamed safety_identifier metadata.user_id']],
    [HAIKU_45, { metadata: { user_id: 'u-3' }, user: 'u-1' }, { max_tokens, metadata: { user_id: 'u-3' } }, ['dropped user']],
    [HAIKU_45, { service_tier: 'default' }, { max_tokens, service_tier: 'standard_only' }, ['renamed service_tier standard_only']],
    [HAIKU_45, { service_tier: 'auto' }, { max_tokens, service_tier: 'auto' }, []],
    [HAIKU_45, { service_tier: 'flex' }, { max_tokens }, ['dropped service_tier']],
    [
      HAIKU_45,
      { container: 'c', context_management: { edits: [{}] }, mcp_servers: [{ url: 'x' }], output_config: { task_budget: 1 }, verbosity: 'low' },
      { max_tokens, container: 'c', context_management: { edits: [{}] }, mcp_servers: [{ url: 'x' }], output_config: { task_budget: 1 } },
      ['dropped verbosity'],
    ],
  ])('of %s asked with %o', check)

  test('that say which betas to use travel in a header, once each', () => {
    const { body, call } = begun({ betas: ['a-1', 'b-2', 7] }, { headers: { 'anthropic-beta': 'b-2, c-3,\r\nx: y', 'anthropic-version': '2024-01-01' } })
    expect(call.headers).toEqual(['anthropic-version', '2024-01-01', 'anthropic-beta', 'b-2,c-3,a-1'])
    expect(body).not.toHaveProperty('betas')
  })

  test('ask for a stream', () => {
    expect(begun({}, { stream: true }).body.stream).toBe(true)
    expect(begun({}).body).not.toHaveProperty('stream')
  })

  test.each([
    [{ n: 2 }, 'n'],
    [{ reasoning_effort: 'enormous' }, 'reasoning_effort'],
    [{ functions: [{ name: 'f' }] }, 'functions'],
    [{ response_format: { type: 'json_schema' as const, json_schema: { name: 'x', schema: { type: 'array' } } } }, 'response_format.json_schema.schema'],
  ])('without which the answer would be another are refused: %o', (chat, param) => {
    expect(() => begun(chat, { model: SONNET_4 })).toThrow(expect.objectContaining({ code: 'unsupported', details: expect.objectContaining({ param }) as object }) as GatewayError)
  })
})
