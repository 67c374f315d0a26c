import { GatewayError } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import { sealed } from '../../hub/sealed-reasoning.ts'
import type { GenerateRequest } from '../../provider.ts'
import { responsesDialect } from './index.ts'

const request: GenerateRequest = { requestId: 'r1', endpoint: 'responses', model: 'm', stream: false, includeUsage: false }

function read(body: object, more: Partial<GenerateRequest> = {}) {
  const changes = new Changes()
  const { chat } = responsesDialect.begin(Buffer.from(JSON.stringify({ model: 'x/m', ...body })), { ...request, ...more }, changes)
  return { chat, changes: changes.list }
}

function refusal(body: object, more: Partial<GenerateRequest> = {}): GatewayError {
  try {
    read(body, more)
  } catch (thrown) {
    return GatewayError.from(thrown)
  }
  throw new Error('it was accepted')
}

const messages = (input: unknown) => read({ input: input as object[] }).chat.messages
const hi = { role: 'user', content: 'hi' }

describe('input', () => {
  test.each<[string, unknown, object[]]>([
    ['a text', 'hi', [hi]],
    ['the easy form', [hi, { role: 'assistant', content: 'ho' }], [hi, { role: 'assistant', content: 'ho' }]],
    ['every role', [{ role: 'system', content: 's' }, { role: 'developer', content: 'd' }, hi], [{ role: 'system', content: 's' }, { role: 'developer', content: 'd' }, hi]],
    ['one part of text', [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] }], [hi]],
    [
      'a picture, a file and sound',
      [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'see', cache_control: { type: 'ephemeral' } },
            { type: 'input_image', image_url: 'data:image/png;base64,AA', detail: 'low' },
            { type: 'input_file', file_data: 'data:application/pdf;base64,AA', filename: 'a.pdf' },
            { type: 'input_file', file_id: 'file-1' },
            { type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } },
          ],
        },
      ],
      [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'see', cache_control: { type: 'ephemeral' } },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AA', detail: 'low' } },
            { type: 'file', file: { file_data: 'data:application/pdf;base64,AA', filename: 'a.pdf' } },
            { type: 'file', file: { file_id: 'file-1' } },
            { type: 'input_audio', input_audio: { data: 'AA', format: 'wav' } },
          ],
        },
      ],
    ],
    [
      'what a model said before',
      [{ type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: 'a', annotations: [], logprobs: [] }, { type: 'refusal', refusal: 'no' }] }],
      [{ role: 'assistant', content: 'a', refusal: 'no' }],
    ],
    [
      'calls and their results',
      [
        { type: 'message', role: 'assistant', content: 'let me see' },
        { type: 'function_call', id: 'fc_1', call_id: 'c1', name: 'f', arguments: '{"a":1}', status: 'completed' },
        { type: 'function_call', call_id: 'c2', name: 'g', arguments: '', extra_content: { google: { thought_signature: 's' } } },
        { type: 'function_call_output', call_id: 'c1', output: 'one' },
        { type: 'function_call_output', call_id: 'c2', output: [{ type: 'input_text', text: 'two' }, { type: 'input_image', image_url: 'http://x/y.png' }] },
      ],
      [
        {
          role: 'assistant',
          content: 'let me see',
          tool_calls: [
            { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
            { id: 'c2', type: 'function', function: { name: 'g', arguments: '' }, extra_content: { google: { thought_signature: 's' } } },
          ],
        },
        { role: 'tool', tool_call_id: 'c1', content: 'one' },
        { role: 'tool', tool_call_id: 'c2', content: [{ type: 'text', text: 'two' }, { type: 'image_url', image_url: { url: 'http://x/y.png' } }] },
      ],
    ],
    [
      'two messages of a model, and a text behind its call',
      [
        { role: 'assistant', content: 'a' },
        { role: 'assistant', content: 'b' },
        { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
        { role: 'assistant', content: 'c' },
        { type: 'function_call_output', call_id: 'c', output: '' },
      ],
      [
        { role: 'assistant', content: 'a' },
        { role: 'assistant', content: [{ type: 'text', text: 'b' }, { type: 'text', text: 'c' }], tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'c', content: '' },
      ],
    ],
    [
      'thinking that OpenAI encrypted',
      [{ type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'gAAA' }, { role: 'assistant', content: 'a' }],
      [
        {
          role: 'assistant',
          content: 'a',
          reasoning_content: 'hm',
          reasoning_details: [
            { type: 'reasoning.summary', summary: 'hm', format: 'openai-responses-v1', id: 'rs_1' },
            { type: 'reasoning.encrypted', data: 'gAAA', format: 'openai-responses-v1', id: 'rs_1' },
          ],
        },
      ],
    ],
    [
      'thinking that can only be read',
      [{ type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'hm' }] }, { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }],
      [{ role: 'assistant', content: null, reasoning_content: 'hm', tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }] }],
    ],
    [
      'thinking that was sealed here, before and behind the call that it is about',
      [
        { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: sealed({ details: [{ type: 'reasoning.text', text: 'hm', signature: 's', format: 'anthropic-claude-v1', index: 0 }] }) },
        { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
        { type: 'reasoning', summary: [], encrypted_content: sealed({ details: [], calls: { c: { google: { thought_signature: 't' } } } }) },
        { type: 'function_call_output', call_id: 'c', output: '1' },
      ],
      [
        {
          role: 'assistant',
          content: null,
          reasoning_content: 'hm',
          reasoning_details: [{ type: 'reasoning.text', text: 'hm', signature: 's', format: 'anthropic-claude-v1', index: 0 }],
          tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' }, extra_content: { google: { thought_signature: 't' } } }],
        },
        { role: 'tool', tool_call_id: 'c', content: '1' },
      ],
    ],
  ])('is %s', (_, input, expected) => {
    expect(messages(input)).toEqual(expected)
  })

  test('follows the instructions', () => {
    expect(read({ input: 'hi', instructions: 'be brief' }).chat.messages).toEqual([{ role: 'system', content: 'be brief' }, hi])
  })
})

describe('a setting', () => {
  const schema = { type: 'object', properties: {} }
  test.each<[string, object, object, object[]]>([
    ['temperature and their like', { temperature: 0, top_p: 0.5, user: 'u', service_tier: 'flex', prompt_cache_key: 'k', safety_identifier: 's', parallel_tool_calls: false }, { temperature: 0, top_p: 0.5, user: 'u', service_tier: 'flex', prompt_cache_key: 'k', safety_identifier: 's', parallel_tool_calls: false }, []],
    ['the longest answer', { max_output_tokens: 7 }, { max_completion_tokens: 7 }, []],
    ['effort and verbosity', { reasoning: { effort: 'low' }, text: { verbosity: 'high' } }, { reasoning_effort: 'low', verbosity: 'high' }, []],
    ['whatever summary of the thinking there is', { reasoning: { effort: null, summary: 'auto' } }, {}, []],
    ['a summary of one kind, which nobody gives', { reasoning: { summary: 'detailed' } }, {}, [{ kind: 'dropped', param: 'reasoning.summary' }]],
    ['a schema', { text: { format: { type: 'json_schema', name: 'n', schema, strict: true } } }, { response_format: { type: 'json_schema', json_schema: { name: 'n', schema, strict: true } } }, []],
    ['any JSON', { text: { format: { type: 'json_object' } } }, { response_format: { type: 'json_object' } }, []],
    ['plain text', { text: { format: { type: 'text' } } }, {}, []],
    ['tokens and their likelihood', { top_logprobs: 2 }, { logprobs: true, top_logprobs: 2 }, []],
    ['what to include', { include: ['message.output_text.logprobs', 'reasoning.encrypted_content', 'file_search_call.results'] }, { logprobs: true }, [{ kind: 'dropped', param: 'include[2]' }]],
    ['what says nothing to the model', { metadata: { a: 'b' }, store: false, truncation: 'disabled', background: false, stream_options: { include_obfuscation: false } }, {}, []],
    ['what no chat has', { max_tool_calls: 3, truncation: 'auto', stream_options: { include_obfuscation: true }, unheard_of: 1, absent: null }, {}, [{ kind: 'dropped', param: 'unheard_of' }, { kind: 'dropped', param: 'max_tool_calls' }, { kind: 'dropped', param: 'truncation' }, { kind: 'dropped', param: 'stream_options.include_obfuscation' }]],
    ['functions', { tools: [{ type: 'function', name: 'f', description: 'd', parameters: schema, strict: true }, { type: 'function', name: 'g', parameters: null, strict: null }], tool_choice: { type: 'function', name: 'f' } }, { tools: [{ type: 'function', function: { name: 'f', description: 'd', parameters: schema, strict: true } }, { type: 'function', function: { name: 'g' } }], tool_choice: { type: 'function', function: { name: 'f' } } }, []],
    ['a choice in a word', { tools: [{ type: 'function', name: 'f' }], tool_choice: 'required' }, { tools: [{ type: 'function', function: { name: 'f' } }], tool_choice: 'required' }, []],
    ['some of the functions', { tools: [{ type: 'function', name: 'f' }, { type: 'function', name: 'g' }], tool_choice: { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'g' }] } }, { tools: [{ type: 'function', function: { name: 'g' } }], tool_choice: 'required' }, [{ kind: 'emulated', param: 'tool_choice', to: 'tools' }]],
    ['a function with more than a chat knows', { tools: [{ type: 'function', name: 'f', defer_loading: true }] }, { tools: [{ type: 'function', function: { name: 'f' } }] }, [{ kind: 'dropped', param: 'tools[0].defer_loading' }]],
  ])('is %s', (_, body, expected, changes) => {
    const result = read({ input: 'hi', ...body })
    expect(result.chat).toEqual({ model: 'x/m', messages: [hi], ...expected })
    expect(result.changes).toEqual(changes)
  })

  test('of an item that no model reads is noted', () => {
    expect(read({ input: [{ role: 'user', content: [{ type: 'input_text', text: 'hi', prompt_cache_breakpoint: { mode: 'explicit' } }], phase: 'commentary' }] }).changes).toEqual([
      { kind: 'dropped', param: 'input[0].phase' },
      { kind: 'dropped', param: 'input[0].content[0].prompt_cache_breakpoint' },
    ])
  })

  test('may name the earlier response that was joined with the input', () => {
    expect(read({ input: 'hi' }, { continues: 'resp_1' }).chat.messages).toEqual([hi])
    expect(refusal({ input: 'hi', previous_response_id: 'resp_1' })).toMatchObject({ code: 'unsupported', details: { param: 'previous_response_id' } })
  })
})

describe('a request is refused', () => {
  test.each<[string, object]>([
    ['tools[1].type', { input: 'hi', tools: [{ type: 'function', name: 'f' }, { type: 'web_search' }] }],
    ['tools[0].type', { input: 'hi', tools: [{ type: 'custom', name: 'c' }] }],
    ['tool_choice.type', { input: 'hi', tool_choice: { type: 'mcp', server_label: 'x' } }],
    ['tool_choice.tools[0].type', { input: 'hi', tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'mcp' }] } }],
    ['background', { input: 'hi', background: true }],
    ['conversation', { input: 'hi', conversation: 'conv_1' }],
    ['prompt', { prompt: { id: 'p' } }],
    ['input[1].type', { input: [hi, { type: 'computer_call_output' }] }],
    ['input[0].id', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
    ['input[0].id', { input: [{ id: 'msg_1' }] }],
    ['input[0].content[0].type', { input: [{ role: 'user', content: [{ type: 'input_video' }] }] }],
    ['input[0].content[0].file_id', { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'f' }] }] }],
    ['input[0].content[0].file_url', { input: [{ role: 'user', content: [{ type: 'input_file', file_url: 'http://x' }] }] }],
  ])('that asks for what no chat has: %s', (param, body) => {
    expect(refusal(body)).toMatchObject({ code: 'unsupported', details: { param } })
  })

  test.each<[string, object]>([
    ['input', {}],
    ['input', { input: [] }],
    ['input', { input: 7 }],
    ['input[0].type', { input: [{}] }],
    ['input[0].role', { input: [{ role: 'robot', content: '' }] }],
    ['input[0].content', { input: [{ role: 'user' }] }],
    ['input[0].content[1].text', { input: [{ role: 'user', content: [{ type: 'input_text', text: '' }, { type: 'input_text' }] }] }],
    ['input[0].content[0].image_url', { input: [{ role: 'user', content: [{ type: 'input_image' }] }] }],
    ['input[0].content[0].file_data', { input: [{ role: 'user', content: [{ type: 'input_file' }] }] }],
    ['input[0].call_id', { input: [{ type: 'function_call', name: 'f', arguments: '' }] }],
    ['input[0].output', { input: [{ type: 'function_call_output', call_id: 'c' }] }],
    ['tools[0].name', { input: 'hi', tools: [{ type: 'function' }] }],
    ['text.format.name', { input: 'hi', text: { format: { type: 'json_schema', schema: {} } } }],
    ['text.format.type', { input: 'hi', text: { format: { type: 'xml' } } }],
    ['max_output_tokens', { input: 'hi', max_output_tokens: 0 }],
  ])('that is wrong at %s', (param, body) => {
    expect(refusal(body)).toMatchObject({ code: 'invalid_request', details: { param } })
  })
})
