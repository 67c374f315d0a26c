import { GatewayError } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import type { HubMessage } from '../../hub/hub.ts'
import { HAIKU, begun } from './fixtures/calls.ts'

const PNG = 'iVBORw0KGgo='
const PDF = 'JVBERi0xLjQ='
const user = (content: HubMessage['content']): HubMessage => ({ role: 'user', content })
const toolCall = (id: string, text: string) => ({ id, type: 'function' as const, function: { name: 'weather', arguments: text } })
const WEATHER = { type: 'function' as const, function: { name: 'weather', description: 'Tells it.', parameters: { type: 'object', properties: { city: { type: 'string' } } } } }

function refused(chat: Parameters<typeof begun>[0], request: Parameters<typeof begun>[1] = {}): GatewayError {
  try {
    begun(chat, request)
  } catch (thrown) {
    return GatewayError.from(thrown)
  }
  throw new Error('it was accepted')
}

describe('a conversation', () => {
  const cases: [string, HubMessage[], object, string[]][] = [
    ['of one word', [user('Hello')], { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] }, []],
    [
      'with system and developer messages ahead of it, and where a prefix ends',
      [{ role: 'system', content: 'Be brief.' }, { role: 'developer', content: [{ type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral', ttl: '1h' } }] }, user('Hi')],
      {
        system: [
          { type: 'text', text: 'Be brief.' },
          { type: 'text', text: 'Be kind.', cache_control: { type: 'ephemeral', ttl: '1h' } },
        ],
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
      },
      [],
    ],
    [
      'with a system message in its middle',
      [user('Hi'), { role: 'system', content: 'In French.' }],
      { system: [{ type: 'text', text: 'In French.' }], messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }] },
      ['emulated messages[1] system'],
    ],
    [
      'whose speakers repeat themselves, or say nothing',
      [user('One.'), user(''), user([{ type: 'text', text: ' ' }, { type: 'text', text: 'Two.' }]), { role: 'assistant', content: null }, { role: 'assistant', content: 'Three.' }, { role: 'assistant', content: 'Four.' }, user('Five.')],
      {
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'One.' }, { type: 'text', text: 'Two.' }] },
          { role: 'assistant', content: [{ type: 'text', text: 'Three.' }, { type: 'text', text: 'Four.' }] },
          { role: 'user', content: [{ type: 'text', text: 'Five.' }] },
        ],
      },
      [],
    ],
    [
      'with tools: thoughts unchanged and ahead of the calls, results ahead of what the user adds',
      [
        user('Where is it warm?'),
        {
          role: 'assistant',
          content: 'I look.',
          reasoning_content: 'Two cities.',
          reasoning_details: [
            { type: 'reasoning.text', text: 'Two cities.', signature: 'sig', format: 'anthropic-claude-v1', index: 0 },
            { type: 'reasoning.encrypted', data: 'hidden', format: 'anthropic-claude-v1', index: 1 },
          ],
          tool_calls: [toolCall('toolu_1', '{"city":"Rome","id":12345678901234567890}'), toolCall('toolu_2', '')],
        },
        { role: 'tool', tool_call_id: 'toolu_1', content: '30 degrees' },
        user('Quickly.'),
        { role: 'tool', tool_call_id: 'toolu_2', is_error: true, content: [{ type: 'text', text: 'no city' }, { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` }, cache_control: { type: 'ephemeral' } }] },
      ],
      {
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'Where is it warm?' }] },
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'Two cities.', signature: 'sig' },
              { type: 'redacted_thinking', data: 'hidden' },
              { type: 'text', text: 'I look.' },
              { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Rome', id: 12345678901234567000 } },
              { type: 'tool_use', id: 'toolu_2', name: 'weather', input: {} },
            ],
          },
          {
            role: 'user',
            content: [
              { type: 'tool_result', tool_use_id: 'toolu_1', content: '30 degrees' },
              {
                type: 'tool_result',
                tool_use_id: 'toolu_2',
                content: [
                  { type: 'text', text: 'no city' },
                  { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
                ],
                is_error: true,
                cache_control: { type: 'ephemeral' },
              },
              { type: 'text', text: 'Quickly.' },
            ],
          },
        ],
      },
      [],
    ],
    [
      'with the pieces of thoughts as a stream gave them',
      [
        {
          role: 'assistant',
          content: 'Yes.',
          reasoning_details: [
            { type: 'reasoning.text', text: 'I ', format: 'anthropic-claude-v1', index: 0 },
            { type: 'reasoning.text', text: 'think.', format: 'anthropic-claude-v1', index: 0 },
            { type: 'reasoning.text', signature: 'sig', format: 'anthropic-claude-v1', index: 0 },
          ],
        },
        user('Sure?'),
      ],
      {
        messages: [
          { role: 'assistant', content: [{ type: 'thinking', thinking: 'I think.', signature: 'sig' }, { type: 'text', text: 'Yes.' }] },
          { role: 'user', content: [{ type: 'text', text: 'Sure?' }] },
        ],
      },
      [],
    ],
    [
      'with the thoughts of others, names and tool ids that are not accepted',
      [
        { role: 'user', name: 'eve', content: 'Hi' },
        { role: 'assistant', content: null, annotations: [], reasoning_content: 'Hm.', tool_calls: [{ ...toolCall('call|1', '{}'), extra_content: { google: {} } }] },
        { role: 'tool', tool_call_id: 'call|1', content: '' },
        { role: 'assistant', refusal: 'No.', reasoning_details: [{ type: 'reasoning.encrypted', data: 'x', format: 'openai-responses-v1' }] },
        user('Why?'),
      ],
      {
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
          { role: 'assistant', content: [{ type: 'tool_use', id: 'call_7c1', name: 'weather', input: {} }] },
          { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_7c1' }] },
          { role: 'assistant', content: [{ type: 'text', text: 'No.' }] },
          { role: 'user', content: [{ type: 'text', text: 'Why?' }] },
        ],
      },
      [
        'dropped messages[0].name',
        'dropped messages[1].reasoning_content',
        'dropped messages[1].tool_calls[0].extra_content',
        'renamed messages[1].tool_calls[0].id call_7c1',
        'renamed messages[2].tool_call_id call_7c1',
        'dropped messages[3].reasoning_details',
      ],
    ],
    [
      'that the model is to continue',
      [user('Count.'), { role: 'assistant', content: 'One, two, ' }],
      { messages: [{ role: 'user', content: [{ type: 'text', text: 'Count.' }] }, { role: 'assistant', content: [{ type: 'text', text: 'One, two,' }] }] },
      ['clamped messages without white space at the end'],
    ],
    [
      'with images and files',
      [
        user([
          { type: 'image_url', image_url: { url: `data:image/jpeg;base64,${PNG}`, detail: 'high' }, cache_control: { type: 'ephemeral' } },
          { type: 'image_url', image_url: { url: 'https://example.com/cat.webp', detail: 'auto' } },
          { type: 'file', file: { file_data: `data:application/pdf;base64,${PDF}`, filename: 'a.pdf' } },
          { type: 'file', file: { file_data: `data:text/plain;charset=utf-8;base64,${Buffer.from('Zażółć').toString('base64')}` } },
          { type: 'file', file: { file_id: 'file_1' } },
        ]),
      ],
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: PNG }, cache_control: { type: 'ephemeral' } },
              { type: 'image', source: { type: 'url', url: 'https://example.com/cat.webp' } },
              { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: PDF }, title: 'a.pdf' },
              { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Zażółć' } },
              { type: 'document', source: { type: 'file', file_id: 'file_1' } },
            ],
          },
        ],
      },
      ['dropped messages[0].content[0].image_url.detail'],
    ],
  ]

  test.each(cases)('%s', (_, messages, expected, notes) => {
    const asked = begun({ messages })
    expect(asked.body).toEqual({ model: HAIKU, max_tokens: 64_000, ...expected })
    expect(asked.notes).toEqual(notes)
  })

  test('keeps every digit of a tool’s arguments', () => {
    const { call } = begun({ messages: [user('Hi'), { role: 'assistant', tool_calls: [toolCall('t', '{"id":12345678901234567890,"x":1.5}')] }, { role: 'tool', tool_call_id: 't', content: 'ok' }] })
    expect(Buffer.from(call.body).toString()).toContain('"input":{"id":12345678901234567890,"x":1.5}')
  })

  test('that names a stored file asks for the beta of files', () => {
    expect(begun({ messages: [user([{ type: 'file', file: { file_id: 'f' } }])] }).call.headers).toEqual(['anthropic-beta', 'files-api-2025-04-14'])
    expect(begun({}).call.headers).toEqual([])
  })

  test.each<[string, HubMessage[], string, string]>([
    ['sound', [user([{ type: 'input_audio', input_audio: { data: '', format: 'wav' } }])], 'messages[0].content[0]', 'unsupported'],
    ['an image of another kind', [user([{ type: 'image_url', image_url: { url: 'data:image/bmp;base64,Qk0=' } }])], 'messages[0].content[0].image_url.url', 'unsupported'],
    ['an image at no address', [user([{ type: 'image_url', image_url: { url: 'cat.png' } }])], 'messages[0].content[0].image_url.url', 'unsupported'],
    ['a file of another kind', [user([{ type: 'file', file: { file_data: 'data:application/zip;base64,UEs=' } }])], 'messages[0].content[0].file.file_data', 'unsupported'],
    ['a file that is none', [user([{ type: 'file', file: {} }])], 'messages[0].content[0].file', 'invalid_request'],
    ['an image in the system prompt', [{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }] }, user('Hi')], 'messages[0].content[0]', 'unsupported'],
    ['a role of olden times', [{ role: 'function', name: 'f', content: '1' }], 'messages[0].role', 'unsupported'],
    ['arguments that are no JSON', [user('Hi'), { role: 'assistant', tool_calls: [toolCall('a', '{}'), toolCall('b', '{"city":')] }], 'messages[1].tool_calls[1].function.arguments', 'invalid_request'],
    ['arguments that are no object', [user('Hi'), { role: 'assistant', tool_calls: [toolCall('a', '[1]')] }], 'messages[1].tool_calls[0].function.arguments', 'invalid_request'],
    ['a result of no call', [user('Hi'), { role: 'tool', content: '1' }], 'messages[1].tool_call_id', 'invalid_request'],
    ['nothing at all', [{ role: 'system', content: 'Be brief.' }, user('')], 'messages', 'invalid_request'],
  ])('of %s is refused by its place', (_, messages, param, code) => {
    expect(refused({ messages }).toWire()).toMatchObject({ code, param })
  })
})

describe('tools', () => {
  test('are told with schema, strictness and cache mark', () => {
    const strict = { type: 'function' as const, function: { name: 'pay', parameters: { properties: { amount: { type: 'number', minimum: 1 } } }, strict: true }, cache_control: { type: 'ephemeral' as const } }
    const { body, notes } = begun({ tools: [WEATHER, strict, { type: 'function', function: { name: 'now' } }] })
    expect(body.tools).toEqual([
      { name: 'weather', description: 'Tells it.', input_schema: WEATHER.function.parameters },
      { name: 'pay', input_schema: { type: 'object', properties: { amount: { type: 'number', description: '(minimum: 1)' } }, additionalProperties: false }, strict: true, cache_control: { type: 'ephemeral' } },
      { name: 'now', input_schema: { type: 'object', properties: {} } },
    ])
    expect(notes).toEqual(['emulated tools[1].function.parameters without minimum'])
  })

  test('are not strict where the model does not know that, or the schema is open', () => {
    const strict = { type: 'function' as const, function: { name: 'pay', parameters: { type: 'object', properties: {} }, strict: true } }
    const open = { type: 'function' as const, function: { name: 'put', parameters: { type: 'object' }, strict: true } }
    expect(begun({ tools: [strict] }, { model: 'claude-sonnet-4-20250514' }).notes).toEqual(['dropped tools[0].function.strict'])
    expect(begun({ tools: [strict, open] }).notes).toEqual(['dropped tools[1].function.strict'])
  })

  test('that take anything but an object are refused', () => {
    expect(refused({ tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'array' } } }] }).toWire()).toMatchObject({ code: 'unsupported', param: 'tools[0].function.parameters' })
  })

  test.each<[string, Parameters<typeof begun>[0], object | undefined, string[]]>([
    ['left to it', { tool_choice: 'auto' }, { type: 'auto' }, []],
    ['unsaid', {}, undefined, []],
    ['forbidden', { tool_choice: 'none', parallel_tool_calls: false }, { type: 'none' }, []],
    ['required', { tool_choice: 'required' }, { type: 'any' }, []],
    ['named, one at a time', { tool_choice: { type: 'function', function: { name: 'weather' } }, parallel_tool_calls: false }, { type: 'tool', name: 'weather', disable_parallel_tool_use: true }, []],
    ['one at a time', { parallel_tool_calls: false }, { type: 'auto', disable_parallel_tool_use: true }, []],
    ['required of one that thinks', { tool_choice: 'required', reasoning_effort: 'low' }, { type: 'auto' }, ['renamed reasoning_effort thinking.budget_tokens 4096', 'emulated tool_choice auto']],
  ])('the use of which is %s', (_, chat, choice, notes) => {
    const asked = begun({ tools: [WEATHER], ...chat })
    expect(asked.body.tool_choice).toEqual(choice)
    expect(asked.notes).toEqual(notes)
  })

  test('are not forced on a model that takes no force', () => {
    const { body, notes } = begun({ tools: [WEATHER], tool_choice: 'required' }, { model: 'claude-opus-5-5' })
    expect(body.tool_choice).toEqual({ type: 'auto' })
    expect(notes).toEqual(['emulated tool_choice auto'])
  })

  test('that are not there cannot be required', () => {
    expect(begun({ tool_choice: 'required' })).toMatchObject({ notes: ['dropped tool_choice'] })
    expect(begun({ tool_choice: 'required' }).body).not.toHaveProperty('tool_choice')
  })
})
