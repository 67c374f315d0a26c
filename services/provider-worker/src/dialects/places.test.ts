import { GatewayError } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { sealed } from '../hub/sealed-reasoning.ts'
import { providerOf } from '../providers/index.ts'
import { providerCall } from './index.ts'

type Endpoint = 'responses' | 'messages'

/** What is asked, of whom. */
interface Asked {
  readonly type: string
  readonly model: string
  readonly strict?: boolean
}

function begin(endpoint: Endpoint, { type, model, strict = false }: Asked, fields: object) {
  const provider = providerOf({ name: type, type, apiKey: 'k', baseUrl: 'http://x' })
  return providerCall(provider, type, { body: Buffer.from(JSON.stringify({ model: 'm', ...fields })), request: { requestId: 'r', endpoint, model, stream: false, includeUsage: false, strict } })
}

const notes = (endpoint: Endpoint, asked: Asked, fields: object): string[] =>
  begin(endpoint, asked, fields).changes.list.map(({ kind, param, to }) => [kind, param, ...(to === undefined ? [] : [to])].join(' '))

function refusal(endpoint: Endpoint, asked: Asked, fields: object): GatewayError {
  try {
    begin(endpoint, asked, fields)
  } catch (thrown) {
    return GatewayError.from(thrown)
  }
  throw new Error('it was taken')
}

const gemini: Asked = { type: 'gemini', model: 'gemini-2.5-pro' }
const mistral: Asked = { type: 'mistral', model: 'mistral-large-latest' }
const groq: Asked = { type: 'groq', model: 'llama-3.3-70b-versatile' }
const deepseek: Asked = { type: 'deepseek', model: 'deepseek-chat' }
const claude: Asked = { type: 'anthropic', model: 'claude-sonnet-4-5' }

const cache_control = { type: 'ephemeral' }
const hi = { role: 'user', content: 'hi' }
const address = 'https://example.com/a.png'
const foreign = sealed({ details: [{ type: 'reasoning.encrypted', data: 'x', format: 'somebody-v1' }], calls: { c1: { somebody: 'y' } } })
const schema = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'], additionalProperties: false }

describe('a client of Responses is told of', () => {
  const call = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' }
  const result = { type: 'function_call_output', call_id: 'c1', output: 'r' }
  const tool = (name: string, more: object = {}) => ({ type: 'function', name, ...more })

  test.each<[string, Asked, object, string[]]>([
    ['the limit', gemini, { input: 'hi', max_output_tokens: 9 }, ['renamed max_output_tokens maxOutputTokens']],
    ['the effort', gemini, { input: 'hi', reasoning: { effort: 'low' } }, ['renamed reasoning.effort thinkingBudget 1024']],
    ['the form of the answer', deepseek, { input: 'hi', text: { format: { type: 'json_schema', name: 'n', schema } } }, ['emulated text.format json_object']],
    ['a keyword of its schema', gemini, { input: 'hi', text: { format: { type: 'json_schema', name: 'n', schema: { ...schema, not: {} } } } }, ['renamed text.format responseJsonSchema', 'dropped text.format.schema.not']],
    ['likelihoods that it included', groq, { input: 'hi', include: ['message.output_text.logprobs'] }, ['dropped include[0]']],
    ['likelihoods that it counted, once', groq, { input: 'hi', top_logprobs: 1 }, ['dropped top_logprobs']],
    ['the words of a part', groq, { instructions: 's', input: [{ role: 'user', content: [{ type: 'input_text', text: 'a' }, { type: 'input_text', text: 'b', cache_control }] }] }, ['dropped input[0].content[1].cache_control']],
    ['the detail of a picture', gemini, { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:image/png;base64,AA', detail: 'low' }] }] }, ['dropped input[0].content[0].detail']],
    ['the name of a file', gemini, { input: [{ role: 'user', content: [{ type: 'input_text', text: 'a' }, { type: 'input_file', file_data: 'data:application/pdf;base64,AA', filename: 'a.pdf' }] }] }, ['dropped input[0].content[1].filename']],
    ['what a tool showed', groq, { input: [hi, call, { ...result, output: [{ type: 'input_image', image_url: address }] }] }, ['emulated input[2].output a user message behind it']],
    ['words in the second message of a turn', groq, { input: [hi, call, { role: 'assistant', content: [{ type: 'output_text', text: 'a', cache_control }] }, result] }, ['dropped input[2].content[0].cache_control']],
    ['a refusal behind other words', gemini, { input: [hi, { role: 'assistant', content: [{ type: 'output_text', text: 'a' }, { type: 'refusal', refusal: 'no' }] }] }, ['emulated input[1] text']],
    ['ids of a call and its result', mistral, { input: [hi, { role: 'assistant', content: 'a' }, call, result] }, ['renamed input[2].call_id ', 'renamed input[3].call_id ']],
    ['thoughts of another provider, and what it put beside a call', groq, { input: [hi, { type: 'reasoning', summary: [], encrypted_content: foreign }, call, result] }, ['dropped input[1]']],
    ['what somebody put beside a call in the open', groq, { input: [hi, { type: 'reasoning', summary: [{ type: 'summary_text', text: 't' }] }, { ...call, extra_content: {} }, result] }, ['dropped input[1]', 'dropped input[2].extra_content']],
    ['roles, also behind a message that is put in', deepseek, { input: [hi, { role: 'developer', content: 'd' }], text: { format: { type: 'json_schema', name: 'n', schema } } }, ['renamed input[1].role system', 'emulated text.format json_object']],
    ['ids behind a message that is put in', mistral, { input: [hi, { ...call, call_id: 'aaaaaaaaa' }, { ...result, call_id: 'aaaaaaaaa', output: [{ type: 'input_image', image_url: address }] }, { role: 'user', content: 'so' }, { ...call, call_id: 'c2' }, { ...result, call_id: 'c2' }] }, ['emulated input[2].output a user message behind it', 'renamed input[4].call_id ', 'renamed input[5].call_id ']],
    ['tools, of which not all are shown', groq, { input: 'hi', tools: [tool('f'), tool('g', { cache_control })], tool_choice: { type: 'allowed_tools', mode: 'auto', tools: [{ type: 'function', name: 'g' }] } }, ['emulated tool_choice tools', 'dropped tools[1].cache_control']],
    ['a keyword of a tool', gemini, { input: 'hi', tools: [tool('f', { parameters: { ...schema, not: {} } })] }, ['dropped tools[0].parameters.not']],
    ['what the system says late', gemini, { input: [hi, { role: 'system', content: 's' }] }, ['emulated input[1] systemInstruction']],
  ])('%s', (_, asked, fields, expected) => {
    const told = notes('responses', asked, fields)
    // Ids are made short by a digest.
    expect(told.map(note => note.replace(/(call_id) \w{9}$/, '$1 '))).toEqual(expected)
  })

  test.each<[string, Asked, object, string[]]>([
    ['a picture by address', gemini, { input: [{ role: 'user', content: [{ type: 'input_image', image_url: address }] }] }, ['unsupported', 'input[0].content[0].image_url']],
    ['a file by the id of another', gemini, { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file-1' }] }] }, ['unsupported', 'input[0].content[0].file_id']],
    ['a result without its call', gemini, { input: [hi, result] }, ['invalid_request', 'input[1].call_id']],
    ['arguments that are no object', gemini, { input: [hi, { ...call, arguments: '[]' }] }, ['invalid_request', 'input[1].arguments']],
    ['no words of the user', gemini, { input: [{ role: 'system', content: 's' }] }, ['invalid_request', 'input']],
    ['an unknown effort', claude, { input: 'hi', reasoning: { effort: 'extreme' } }, ['unsupported', 'reasoning.effort']],
    ['a tool that is called with no object', claude, { input: 'hi', tools: [tool('f', { parameters: { type: 'string' } })] }, ['unsupported', 'tools[0].parameters']],
  ])('%s by the name in its error', (_, asked, fields, expected) => {
    const { code, message, details } = refusal('responses', asked, fields)
    expect([code, details.param]).toEqual(expected)
    expect(message.startsWith(`${details.param} `)).toBe(true)
  })

  test('its own field where it wants all or nothing', () => {
    const { message, details } = refusal('responses', { ...deepseek, strict: true }, { input: 'hi', text: { format: { type: 'json_schema', name: 'n', schema } } })
    expect(details.param).toBe('text.format')
    expect(message).toContain(': text.format would be emulated')
  })
})

describe('a client of Messages is told of', () => {
  const use = { type: 'tool_use', id: 'c1', name: 'f', input: {} }
  const result = { type: 'tool_result', tool_use_id: 'c1', content: 'r' }
  const user = (...content: object[]) => ({ role: 'user', content })
  const model = (...content: object[]) => ({ role: 'assistant', content })
  const thought = { type: 'thinking', thinking: 't', signature: foreign }
  const pdf = { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AA' } }
  const tool = { name: 'f', input_schema: schema }

  test.each<[string, Asked, object, string[]]>([
    ['where to stop', gemini, { stop_sequences: ['a'], messages: [hi] }, ['renamed stop_sequences stopSequences']],
    ['who asks', gemini, { metadata: { user_id: 'u' }, messages: [hi] }, ['dropped metadata.user_id']],
    ['how much to think, in tokens', gemini, { thinking: { type: 'enabled', budget_tokens: 2000 }, messages: [hi] }, ['renamed thinking thinkingBudget 1024']],
    ['how much to think, in a word', gemini, { output_config: { effort: 'low' }, messages: [hi] }, ['renamed output_config.effort thinkingBudget 1024']],
    ['the form of the answer', gemini, { output_config: { format: { type: 'json_schema', schema: { ...schema, not: {} } } }, messages: [hi] }, ['renamed output_config.format responseJsonSchema', 'dropped output_config.format.schema.not']],
    ['the form of the answer by its older name', deepseek, { output_format: { type: 'json_schema', schema }, messages: [hi] }, ['emulated output_format json_object']],
    ['calls one at a time', gemini, { tools: [tool], tool_choice: { type: 'auto', disable_parallel_tool_use: true }, messages: [hi] }, ['dropped tool_choice.disable_parallel_tool_use']],
    ['a keyword of a tool', gemini, { tools: [{ name: 'f', input_schema: { ...schema, not: {} } }], messages: [hi] }, ['dropped tools[0].input_schema.not']],
    ['a mark in what the system says', groq, { system: [{ type: 'text', text: 's', cache_control }], messages: [hi] }, ['dropped system[0].cache_control']],
    ['a mark of a result, which its last part has', groq, { messages: [hi, model(use), user({ ...result, cache_control })] }, ['dropped messages[2].content[0].cache_control']],
    ['a mark behind results', groq, { system: 's', messages: [hi, model(use), user(result, { type: 'text', text: 'a', cache_control })] }, ['dropped messages[2].content[1].cache_control']],
    ['a failed call', groq, { messages: [hi, model(use), user({ ...result, is_error: true })] }, ['dropped messages[2].content[0].is_error']],
    ['the title of a document', gemini, { messages: [user({ ...pdf, title: 'a.pdf' })] }, ['dropped messages[0].content[0].title']],
    ['no title that it did not give', gemini, { messages: [user(pdf)] }, []],
    ['ids of a call and its result', mistral, { messages: [hi, model({ type: 'text', text: 'a' }, use), user(result)] }, ['renamed messages[1].content[1].id ', 'renamed messages[2].content[0].tool_use_id ']],
    ['thoughts of another provider, and what it put beside a call', groq, { messages: [hi, model({ type: 'text', text: 'a' }, thought, use), user(result)] }, ['dropped messages[1].content[1]']],
    ['what the system says late', gemini, { messages: [hi, { role: 'system', content: 's' }] }, ['emulated messages[1] systemInstruction']],
  ])('%s', (_, asked, fields, expected) => {
    const told = notes('messages', asked, fields)
    expect(told.map(note => note.replace(/(id) \w{9}$/, '$1 '))).toEqual(expected)
  })

  test.each<[string, object, string[]]>([
    ['a picture by address', { system: 's', messages: [hi, user({ type: 'text', text: 'a' }, { type: 'image', source: { type: 'url', url: address } })] }, ['unsupported', 'messages[1].content[1].source.url']],
    ['a file of another', { messages: [user({ type: 'document', source: { type: 'file', file_id: 'file-1' } })] }, ['unsupported', 'messages[0].content[0].source.file_id']],
    ['a picture in a result', { messages: [hi, model(use), user({ ...result, content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA' } }] })] }, ['unsupported', 'messages[2].content[0].content']],
    ['arguments that are no object', { messages: [hi, model({ ...use, input: [] })] }, ['invalid_request', 'messages[1].content[0].input']],
    ['a result without its call', { messages: [hi, user(result)] }, ['invalid_request', 'messages[1].content[0].tool_use_id']],
  ])('%s by the name in its error', (_, fields, expected) => {
    const { code, message, details } = refusal('messages', { ...gemini, model: 'gemini-2.0-flash' }, fields)
    expect([code, details.param]).toEqual(expected)
    expect(message.startsWith(`${details.param} `)).toBe(true)
  })
})
