import { GatewayError } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import type { HubRequest } from '../../hub/hub.ts'
import { readMessages } from './read-request.ts'

const hello = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'hello' }] }
const asked = { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'hello' }] }
const cache_control = { type: 'ephemeral', ttl: '1h' }
const PIXEL = 'iVBORw0KGgo='

function read(more: object): { chat: HubRequest; notes: string[] } {
  const changes = new Changes()
  const { chat } = readMessages(Buffer.from(JSON.stringify({ ...hello, ...more })), changes)
  return { chat, notes: changes.list.map(({ kind, param, to }) => [kind, param, ...(to === undefined ? [] : [to])].join(' ')) }
}

function refused(more: object): GatewayError {
  try {
    read(more)
  } catch (thrown) {
    return GatewayError.from(thrown)
  }
  throw new Error('it was accepted')
}

const said = (content: unknown, role = 'user') => ({ messages: [{ role, content }] })

describe('a Messages request says in the hub', () => {
  test.each<[string, object, object]>([
    ['its plain fields', { temperature: 0.5, top_p: 0.9, top_k: 40, stop_sequences: ['END'], metadata: { user_id: 'u-1' } }, { temperature: 0.5, top_p: 0.9, top_k: 40, stop: ['END'], user: 'u-1' }],
    ['nothing of what is null or empty', { temperature: null, system: null, stop_sequences: [], metadata: {}, tools: [], thinking: null, mcp_servers: [] }, {}],
    ['its system as the first message', { system: 'Be brief.' }, { messages: [{ role: 'system', content: 'Be brief.' }, ...asked.messages] }],
    [
      'the blocks of its system, and where a prefix ends',
      { system: [{ type: 'text', text: 'You are' }, { type: 'text', text: 'a cat.', cache_control }] },
      { messages: [{ role: 'system', content: [{ type: 'text', text: 'You are' }, { type: 'text', text: 'a cat.', cache_control }] }, ...asked.messages] },
    ],
    ['a system message in the middle', { messages: [...hello.messages, { role: 'system', content: [{ type: 'text', text: 'Now in French.' }] }] }, { messages: [...asked.messages, { role: 'system', content: 'Now in French.' }] }],
    ['a single text as a string', said([{ type: 'text', text: 'hi', citations: null }]), { messages: [{ role: 'user', content: 'hi' }] }],
    ['no words as an empty string', said([]), { messages: [{ role: 'user', content: '' }] }],
    [
      'images and files',
      said([
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL }, cache_control },
        { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } },
        { type: 'image', source: { type: 'file', file_id: 'file_1' } },
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' }, title: 'a.pdf' },
        { type: 'document', source: { type: 'file', file_id: 'file_2' } },
      ]),
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` }, cache_control },
              { type: 'image_url', image_url: { url: 'https://example.org/a.png' } },
              { type: 'file', file: { file_id: 'file_1' } },
              { type: 'file', file: { file_data: 'data:application/pdf;base64,JVBERi0=', filename: 'a.pdf' } },
              { type: 'file', file: { file_id: 'file_2' } },
            ],
          },
        ],
      },
    ],
    [
      'a turn with tools: thoughts, text and calls, and the results ahead of what the user adds',
      {
        messages: [
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'Two cities.', signature: 'sig-1' },
              { type: 'redacted_thinking', data: 'secret' },
              { type: 'text', text: 'I look.' },
              { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Kraków' }, caller: { type: 'direct' } },
              { type: 'tool_use', id: 'toolu_2', name: 'clock', input: {} },
            ],
          },
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Go on.' },
              { type: 'tool_result', tool_use_id: 'toolu_1', content: 'sunny' },
              { type: 'tool_result', tool_use_id: 'toolu_2', is_error: true, content: [{ type: 'text', text: 'broken' }, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PIXEL } }], cache_control },
            ],
          },
        ],
      },
      {
        messages: [
          {
            role: 'assistant',
            content: 'I look.',
            reasoning_content: 'Two cities.',
            reasoning_details: [
              { type: 'reasoning.text', text: 'Two cities.', signature: 'sig-1', format: 'anthropic-claude-v1', index: 0 },
              { type: 'reasoning.encrypted', data: 'secret', format: 'anthropic-claude-v1', index: 1 },
            ],
            tool_calls: [
              { id: 'toolu_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Kraków"}' } },
              { id: 'toolu_2', type: 'function', function: { name: 'clock', arguments: '{}' } },
            ],
          },
          { role: 'tool', tool_call_id: 'toolu_1', content: 'sunny' },
          { role: 'tool', tool_call_id: 'toolu_2', is_error: true, content: [{ type: 'text', text: 'broken' }, { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` }, cache_control }] },
          { role: 'user', content: 'Go on.' },
        ],
      },
    ],
    [
      'only the results where the user adds nothing, an empty one too',
      said([{ type: 'tool_result', tool_use_id: 'toolu_1' }]),
      { messages: [{ role: 'tool', tool_call_id: 'toolu_1', content: '' }] },
    ],
    [
      'a thought that nobody signed, to be read only',
      said([{ type: 'thinking', thinking: 'Hm.', signature: '' }, { type: 'text', text: 'Yes.' }], 'assistant'),
      { messages: [{ role: 'assistant', content: 'Yes.', reasoning_content: 'Hm.' }] },
    ],
    [
      'its tools',
      { tools: [{ name: 'f', description: 'does f', input_schema: { type: 'object', properties: { a: { type: 'string' } } }, strict: true, cache_control, allowed_callers: ['direct'] }, { type: 'custom', name: 'g', input_schema: { type: 'object' } }] },
      {
        tools: [
          { type: 'function', function: { name: 'f', description: 'does f', parameters: { type: 'object', properties: { a: { type: 'string' } } }, strict: true }, cache_control },
          { type: 'function', function: { name: 'g', parameters: { type: 'object' } } },
        ],
      },
    ],
    [
      'a schema of the answer that others can hold a model to',
      { output_config: { format: { type: 'json_schema', schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false } } } },
      { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false }, strict: true } } },
    ],
    [
      'one that they cannot, by its older name',
      { output_format: { type: 'json_schema', schema: { type: 'object', properties: { a: { type: 'string' } } } } },
      { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object', properties: { a: { type: 'string' } } } } } },
    ],
  ])('%s', (_, more, expected) => {
    expect(read(more)).toEqual({ chat: { ...asked, ...expected }, notes: [] })
  })

  const tools = [{ name: 'f', input_schema: { type: 'object' } }]
  test.each<[object, object]>([
    [{ type: 'auto' }, { tool_choice: 'auto' }],
    [{ type: 'any', disable_parallel_tool_use: true }, { tool_choice: 'required', parallel_tool_calls: false }],
    [{ type: 'tool', name: 'f', disable_parallel_tool_use: false }, { tool_choice: { type: 'function', function: { name: 'f' } } }],
    [{ type: 'none' }, { tool_choice: 'none' }],
  ])('the choice of a tool: %j', (choice, expected) => {
    expect(read({ tools, tool_choice: choice }).chat).toMatchObject(expected)
  })

  test.each<[object, string | undefined, string[]]>([
    [{ thinking: { type: 'enabled', budget_tokens: 1024 } }, 'low', []],
    [{ thinking: { type: 'enabled', budget_tokens: 10_000 } }, 'medium', []],
    [{ thinking: { type: 'enabled', budget_tokens: 31_999 } }, 'high', []],
    [{ thinking: { type: 'disabled' } }, 'none', []],
    [{ thinking: { type: 'adaptive' } }, undefined, []],
    [{ thinking: { type: 'adaptive', display: 'omitted' }, output_config: { effort: 'low' } }, 'low', ['dropped thinking.display']],
    [{ output_config: { effort: 'max' } }, 'xhigh', ['clamped output_config.effort xhigh']],
    [{ thinking: { type: 'disabled' }, output_config: { effort: 'high' } }, 'none', ['dropped output_config.effort']],
  ])('how much to think: %j', (more, effort, notes) => {
    const { thinking } = more as { thinking?: object }
    expect(read(more)).toEqual({ chat: { ...asked, ...(thinking && { thinking }), ...(effort && { reasoning_effort: effort }) }, notes })
  })
})

test('ids of 64 bits in the arguments of tools keep their digits, and long fractions are numbers', () => {
  const json = '{"model":"m","temperature":0.30000000000000004,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{"id":12345678901234567890}}]}]}'
  const { chat } = readMessages(Buffer.from(json), new Changes())
  expect(chat.temperature).toBe(0.30000000000000004)
  expect(chat.messages[0]?.tool_calls?.[0]?.function.arguments).toBe('{"id":12345678901234567890}')
})

describe('what other models have nothing of', () => {
  test('is noted field by field, at any depth', () => {
    const { notes } = read({
      service_tier: 'auto',
      context_management: { edits: [] },
      anything: 1,
      metadata: { user_id: 'u', team: 'x' },
      tool_choice: { type: 'auto' },
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'a', sparkle: true }, { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: '' }, context: 'about it', citations: { enabled: true } }] },
        { role: 'assistant', content: [{ type: 'text', text: 'b', citations: [{ type: 'char_location' }] }, { type: 'tool_use', id: 'x', name: 'f', input: {}, cache_control }] },
      ],
    })
    expect(notes).toEqual([
      'dropped service_tier',
      'dropped context_management',
      'dropped anything',
      'dropped metadata.team',
      'dropped messages[0].content[0].sparkle',
      'dropped messages[0].content[1].citations',
      'dropped messages[0].content[1].context',
      'dropped messages[1].content[0].citations',
      'dropped messages[1].content[1].cache_control',
      'dropped tool_choice',
    ])
  })

  test('becomes text where it is text', () => {
    const { chat, notes } = read(
      said([
        { type: 'document', title: 'Notes', context: 'of Monday', source: { type: 'text', media_type: 'text/plain', data: 'Rain.' } },
        { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'One.' }, { type: 'text', text: 'Two.' }] }, cache_control },
      ]),
    )
    expect(chat.messages[0]?.content).toEqual([
      { type: 'text', text: 'Notes\n\nof Monday\n\nRain.' },
      { type: 'text', text: 'One.' },
      { type: 'text', text: 'Two.', cache_control },
    ])
    expect(notes).toEqual(['emulated messages[0].content[0] text', 'emulated messages[0].content[1] text'])
  })

  test('a user id longer than others take is replaced by its hash', () => {
    const { chat, notes } = read({ metadata: { user_id: 'u'.repeat(150) } })
    expect(chat.user).toMatch(/^[\w-]{43}$/)
    expect(notes).toEqual(['clamped metadata.user_id its SHA-256'])
  })

  test.each<[object, string]>([
    [{ mcp_servers: [{ type: 'url', url: 'https://example.org', name: 'x' }] }, 'mcp_servers'],
    [{ container: 'container_1' }, 'container'],
    [{ tools: [{ name: 'f', input_schema: { type: 'object' } }, { type: 'web_search_20250305', name: 'web_search' }] }, 'tools[1].type'],
    [said([{ type: 'search_result', source: 's', title: 't', content: [] }]), 'messages[0].content[0].type'],
    [said([{ type: 'server_tool_use', id: 'x', name: 'web_search', input: {} }], 'assistant'), 'messages[0].content[0].type'],
    [said([{ type: 'web_search_tool_result', tool_use_id: 'x', content: [] }], 'assistant'), 'messages[0].content[0].type'],
    [said([{ type: 'document', source: { type: 'url', url: 'https://example.org/a.pdf' } }]), 'messages[0].content[0].source.type'],
    [said([{ type: 'tool_result', tool_use_id: 'x', content: [{ type: 'tool_reference', tool_name: 'f' }] }]), 'messages[0].content[0].content[0].type'],
    [{ system: [{ type: 'image', source: { type: 'url', url: 'https://example.org/a.png' } }] }, 'system[0].type'],
  ])('is refused where leaving it out would change the meaning: %#', (more, param) => {
    expect(refused(more)).toMatchObject({ code: 'unsupported', details: { param }, message: expect.stringContaining(param) })
  })
})

test.each<[object, string, string]>([
  [{ messages: [] }, 'messages', 'fewer than 1'],
  [{ messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].role', 'allowed values'],
  [said(3), 'messages[0].content', 'must be array'],
  [said([{ text: 'x' }]), 'messages[0].content[0].type', 'is required'],
  [said([{ type: 'text' }]), 'messages[0].content[0].text', 'is required'],
  [said([{ type: 'text', text: 'a' }, { type: 'image', source: { type: 'base64', data: '' } }]), 'messages[0].content[1].source.media_type', 'is required'],
  [said([{ type: 'image', source: { type: 'base64', media_type: 'image/png;base64,', data: '' } }]), 'messages[0].content[0].source.media_type', 'pattern'],
  [said([{ type: 'image' }]), 'messages[0].content[0].source', 'is required'],
  [said([{ type: 'tool_result', content: 'x' }]), 'messages[0].content[0].tool_use_id', 'is required'],
  [said([{ type: 'text', text: 'a', cache_control: { type: 'eternal' } }]), 'messages[0].content[0].cache_control.type', 'must be'],
  [said([{ type: 'tool_use', id: 'x', input: {} }], 'assistant'), 'messages[0].content[0].name', 'is required'],
  [said([{ type: 'tool_use', id: 'x', name: 'f' }], 'assistant'), 'messages[0].content[0].input', 'is required'],
  [said([{ type: 'thinking', signature: 'x' }], 'assistant'), 'messages[0].content[0].thinking', 'is required'],
  [{ tools: [{ name: 'f' }] }, 'tools[0].input_schema', 'is required'],
  [{ tools: [{ name: 'f', input_schema: {} }], tool_choice: { type: 'tool' } }, 'tool_choice.name', 'is required'],
  [{ max_tokens: 1.5 }, 'max_tokens', 'must be integer'],
  [{ output_config: { format: { type: 'json_schema' } } }, 'output_config.format.schema', 'is required'],
  [{ system: 7 }, 'system', 'must be array'],
])('a wrong field is refused by its name: %#', (more, param, problem) => {
  const error = refused(more)
  expect(error).toMatchObject({ code: 'invalid_request', details: { param } })
  expect(error.message).toContain(param)
  expect(error.message).toContain(problem)
})
