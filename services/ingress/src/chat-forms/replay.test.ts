import type { CachedAnswer } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { replay } from './replay.ts'

const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 }
const identity = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 7, model: 'gpt-x' }
const USAGE_CHUNK = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"gpt-x","choices":[],"usage":${JSON.stringify(usage)}}\n\n`
const DONE = 'data: [DONE]\n\n'

type Fields = Record<string, unknown>
const chunk = (delta: Fields, choice: Fields = {}, fields: Fields = {}) => ({ ...identity, ...fields, choices: [{ index: 0, delta, finish_reason: null, ...choice }] })
const sse = (...chunks: object[]) => chunks.map(one => `data: ${JSON.stringify(one)}\n\n`).join('')
const answer = (form: 'stream' | 'whole', nativeUsage: Fields | null = usage): CachedAnswer => ({ provider: 'openai', form, storedAt: 0, ...(nativeUsage && { nativeUsage }) })

const again = (text: string, includeUsage = false, stored = answer('stream')) => replay(stored, Buffer.from(text), { stream: true, includeUsage })?.toString()
const wholeText = (text: string, stored = answer('stream')) => replay(stored, Buffer.from(text), { stream: false, includeUsage: false })?.toString()
const whole = (...chunks: object[]): Fields | undefined => {
  const text = wholeText(sse(...chunks))
  return text === undefined ? undefined : (JSON.parse(text) as Fields)
}
/** The message that deltas add up to. */
const message = (...deltas: Fields[]): unknown => (whole(...deltas.map(delta => chunk(delta)))?.choices as [{ message: unknown }] | undefined)?.[0].message

const content = sse(chunk({ role: 'assistant', content: '' }), chunk({ content: 'Hel' }), chunk({ content: 'lo' }), chunk({}, { finish_reason: 'stop' }))

describe('a stored stream for a client that streams', () => {
  test('is the same bytes, with one end', () => {
    expect(again(content)).toBe(`${content}${DONE}`)
    expect(again(`${content}${DONE}`)).toBe(`${content}${DONE}`)
    expect(again(`${content}${DONE}${DONE}`)).toBe(`${content}${DONE}`)
  })

  test('tells usage to a client that asks, from what is stored or beside it', () => {
    expect(again(content, true)).toBe(`${content}${USAGE_CHUNK}${DONE}`)
    const own = 'data: {"choices": [], "usage": {"prompt_tokens": 3.0}, "x": 1}\n\n'
    expect(again(`${content}${own}${DONE}`, true)).toBe(`${content}${own}${DONE}`)
    expect(again(`${content}${own}`, true, answer('stream', null))).toBe(`${content}${own}${DONE}`)
  })

  test('tells no usage to a client that does not', () => {
    expect(again(`${content}${USAGE_CHUNK}${DONE}`)).toBe(`${content}${DONE}`)
    expect(again(`${content}data: {"usage":{"prompt_tokens":3}}\n\n`)).toBe(`${content}${DONE}`)
  })

  test('is a miss when a client wants usage that nobody knows', () => {
    expect(again(content, true, answer('stream', null))).toBeUndefined()
    expect(again(content, false, answer('stream', null))).toBe(`${content}${DONE}`)
  })

  test('does not tell usage twice when the provider told it with the finish reason', () => {
    const text = content.replace('"stop"}]', `"stop"}],"usage":${JSON.stringify(usage)}`)
    expect(again(text, true)).toBe(`${text}${DONE}`)
  })

  test('does not tell usage that came with the finish reason to a client that does not ask', () => {
    const text = content.replace('"stop"}]', `"stop"}],"usage":${JSON.stringify(usage)}`)
    expect(again(text)).toBe(`${content}${DONE}`)
  })

  test('takes usage that the answer only speaks of for text', () => {
    const text = sse(chunk({ content: '"usage":{"a":1}' }), chunk({ tool_calls: [{ index: 0, usage: { a: 1 } }] }), chunk({}, { finish_reason: 'stop' }, { usage: null, x_groq: { usage } }))
    expect(again(text)).toBe(`${text}${DONE}`)
    expect(again(text, true)).toBe(`${text}${USAGE_CHUNK}${DONE}`)
  })

  test.each([
    ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
    ['CR', (text: string) => text.replaceAll('\n', '\r')],
    ['comments', (text: string) => text.replaceAll('data:', ': still there\n\n: and there\ndata:')],
    ['no space', (text: string) => text.replaceAll('data: ', 'data:')],
    ['names and ids', (text: string) => text.replaceAll('data: ', 'event: message\nid: 1\ndata: ')],
    ['more than one line of data', (text: string) => text.replaceAll(',"choices"', '\ndata: ,"choices"')],
    ['both CRLF and more than one line', (text: string) => text.replaceAll('data: ', 'event: message\ndata: ').replaceAll('\n', '\r\n')],
    ['more than one empty line', (text: string) => text.replaceAll('\n\n', '\n\n\n')],
  ])('keeps and understands events with %s', (_, spelled) => {
    const text = spelled(`${content}${USAGE_CHUNK}${DONE}`)
    const plain = spelled(content)
    expect(again(text)?.startsWith(plain)).toBe(true)
    expect(again(text)?.slice(plain.length)).toMatch(/^(:.*|\s)*data: \[DONE\]\n\n$/)
    expect(again(text, true)?.match(/"usage"/g)).toHaveLength(1)
    expect(JSON.parse(wholeText(text)!)).toEqual(JSON.parse(wholeText(content)!))
  })

  test('ends an event whose empty line was lost', () => {
    expect(again(content.trimEnd())).toBe(`${content}${DONE}`)
  })

  test('passes bytes that are no text', () => {
    const bytes = Buffer.concat([Buffer.from('data: {"choices":[{"x":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}]}\n\n')])
    expect(replay(answer('stream'), bytes, { stream: true, includeUsage: false })).toEqual(Buffer.concat([bytes, Buffer.from(DONE)]))
  })
})

describe('a stored whole answer for a client that does not stream', () => {
  test('is the same bytes', () => {
    const bytes = Buffer.from(' {"id": 1.0, "choices": [ ]}\n')
    expect(replay(answer('whole'), bytes, { stream: false, includeUsage: false })).toEqual(bytes)
  })
})

describe('a stored stream for a client that does not', () => {
  test('is one document with all that the chunks say', () => {
    const fields = { service_tier: 'default', system_fingerprint: 'fp', unheard_of: { a: [1] } }
    const text = sse(
      { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: [{ prompt_index: 0 }] },
      chunk({ role: 'assistant', content: '', refusal: null }, { logprobs: null }, { ...fields, obfuscation: 'x', usage: null }),
      chunk({ content: 'Hel' }, { logprobs: { content: [{ token: 'Hel', logprob: -0.1 }], refusal: null } }, { ...fields, obfuscation: 'yz', usage: null }),
      chunk({ content: 'lo' }, { logprobs: { content: [{ token: 'lo', logprob: -0.2 }], refusal: null } }, { ...fields, created: 8, usage: null }),
      chunk({}, { finish_reason: 'stop', logprobs: null, content_filter_results: {} }, fields),
      { ...identity, choices: [], usage: { prompt_tokens: 1 } },
    )
    expect(wholeText(`${text}${DONE}`)).toBe(JSON.stringify({
      id: 'chatcmpl-1', object: 'chat.completion', created: 7, model: 'gpt-x', prompt_filter_results: [{ prompt_index: 0 }], ...fields,
      choices: [{
        index: 0,
        message: { role: 'assistant', content: 'Hello', refusal: null },
        logprobs: { content: [{ token: 'Hel', logprob: -0.1 }, { token: 'lo', logprob: -0.2 }], refusal: null },
        finish_reason: 'stop',
        content_filter_results: {},
      }],
      usage,
    }))
  })

  test('has the usage of its stream when none is stored beside it, or none', () => {
    const text = sse(chunk({ content: 'x' }), { ...identity, choices: [], usage: { prompt_tokens: 1 } })
    expect(JSON.parse(wholeText(text, answer('stream', null))!)).toHaveProperty('usage', { prompt_tokens: 1 })
    expect(JSON.parse(wholeText(content, answer('stream', null))!)).not.toHaveProperty('usage')
  })

  test('has every choice in order', () => {
    const choices = whole(
      { ...identity, choices: [{ index: 1, delta: { role: 'assistant', content: 'b' } }, { index: 0, delta: { content: 'a' } }] },
      { ...identity, choices: [{ index: 0, delta: { content: 'A' }, finish_reason: 'stop' }] },
      { ...identity, choices: [{ index: 1, delta: { content: 'B' }, finish_reason: 'length' }] },
    )?.choices
    expect(choices).toEqual([
      { index: 0, message: { role: 'assistant', content: 'aA' }, finish_reason: 'stop' },
      { index: 1, message: { role: 'assistant', content: 'bB' }, finish_reason: 'length' },
    ])
  })

  test.each<[string, Fields[], Fields]>([
    ['texts are joined', [{ reasoning: 'a', reasoning_content: 'b', refusal: 'c', unheard_of: 'd' }, { reasoning: 'a', reasoning_content: 'b', refusal: 'c', unheard_of: 'e' }], { content: null, reasoning: 'aa', reasoning_content: 'bb', refusal: 'cc', unheard_of: 'de' }],
    ['no content is null, empty content is empty', [{ content: null }, { content: '' }], { content: '' }],
    ['a role may be told again', [{ role: 'assistant', name: 'M' }, { role: 'assistant', name: 'M', content: 'x' }], { name: 'M', content: 'x' }],
    ['tool calls', [
      { tool_calls: [{ index: 1, id: 'b', type: 'function', function: { name: 'g', arguments: '' } }] },
      { tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"x"' } }, { index: 1, function: { arguments: '{}' } }] },
      { tool_calls: [{ index: 0, type: 'function', function: { name: '', arguments: ':1}' } }], content: '' },
    ], { tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }, { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } }], content: '' }],
    ['whole tool calls without an index', [{ tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }] }, { tool_calls: [{ id: 'b', function: { name: 'f', arguments: '{}' } }] }], { content: null, tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }, { id: 'b', function: { name: 'f', arguments: '{}' } }] }],
    ['custom tool calls', [{ tool_calls: [{ index: 0, id: 'a', type: 'custom', custom: { name: 'f', input: 'x' } }] }, { tool_calls: [{ index: 0, custom: { input: 'x' } }] }], { content: null, tool_calls: [{ id: 'a', type: 'custom', custom: { name: 'f', input: 'xx' } }] }],
    ['the function call of old', [{ function_call: { name: 'f', arguments: '{' } }, { function_call: { arguments: '}' } }], { content: null, function_call: { name: 'f', arguments: '{}' } }],
    ['lists go on', [{ annotations: [{ type: 'a' }] }, { annotations: [], images: [1] }, { annotations: [{ type: 'b' }] }], { content: null, annotations: [{ type: 'a' }, { type: 'b' }], images: [1] }],
    ['elements with an index are one', [{ reasoning_details: [{ index: 0, type: 't', text: 'a', format: 'v1' }] }, { reasoning_details: [{ index: 0, type: 't', text: 'b', format: 'v1', signature: 's' }, { index: 1, type: 'u' }] }], { content: null, reasoning_details: [{ index: 0, type: 't', text: 'ab', format: 'v1', signature: 's' }, { index: 1, type: 'u' }] }],
    ['parts of content go on in the next delta', [{ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'a' }] }] }, { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'b' }] }, { type: 'text', text: 'c' }] }, { content: [{ type: 'text', text: 'd' }, { type: 'text', text: 'e' }] }, { content: '' }], { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'ab' }] }, { type: 'text', text: 'cd' }, { type: 'text', text: 'e' }] }],
    ['parts of content that say more stay apart', [{ content: [{ type: 'text', text: 'a', x: 1 }] }, { content: [{ type: 'text', text: 'b' }] }, { content: [{ type: 'text', text: 'c', x: 1 }] }], { content: [{ type: 'text', text: 'a', x: 1 }, { type: 'text', text: 'b' }, { type: 'text', text: 'c', x: 1 }] }],
    ['objects that complete each other', [{ extra: { a: 1, b: { c: 2 } } }, { extra: { b: { d: 3 }, a: 1 } }], { content: null, extra: { a: 1, b: { c: 2, d: 3 } } }],
    ['a name that objects have already', [JSON.parse('{"__proto__":"a"}') as Fields, JSON.parse('{"__proto__":"b"}') as Fields], JSON.parse('{"content":null,"__proto__":"ab"}') as Fields],
  ])('merges deltas: %s', (_, deltas, expected) => {
    expect(JSON.stringify(message(...deltas))).toBe(JSON.stringify({ role: 'assistant', ...('content' in expected && { content: expected.content }), ...expected }))
  })

  test.each<[string, Fields[]]>([
    ['a text that becomes a list', [{ content: 'a' }, { content: [{ type: 'text', text: 'b' }] }]],
    ['a number that changes', [{ x: 1 }, { x: 2 }]],
    ['an object that changes', [{ audio: { id: 'a', data: 'AA==' } }, { audio: { data: 'BB==' } }]],
    ['two roles', [{ role: 'assistant' }, { role: 'tool' }]],
    ['an unknown text that is told again', [{ x: 'same' }, { x: 'same' }]],
    ['two calls under one index', [{ tool_calls: [{ index: 0, id: 'a' }] }, { tool_calls: [{ index: 0, id: 'b' }] }]],
    ['two names for one call', [{ tool_calls: [{ index: 0, id: 'a', function: { name: 'get' } }] }, { tool_calls: [{ index: 0, function: { name: 'weather' } }] }]],
    ['pieces of calls without an index', [{ tool_calls: [{ id: 'a', function: { arguments: '{' } }] }, { tool_calls: [{ function: { arguments: '}' } }] }]],
    ['calls with and without an index', [{ tool_calls: [{ id: 'a', index: 0 }] }, { tool_calls: [{ id: 'b' }] }]],
  ])('is a miss where merging would be a guess: %s', (_, deltas) => {
    expect(message({ content: 'x' })).toBeDefined()
    expect(message(...deltas)).toBeUndefined()
  })

  test.each([
    ['nothing', ''],
    ['no choices', sse({ ...identity, choices: [] })],
    ['what is not JSON', `${content}data: oops\n\n`],
    ['no object', `${content}data: []\n\n`],
    ['choices that are none', sse({ ...identity, choices: [1] })],
    ['a choice without a number', sse(chunk({ content: 'x' }, { index: 'a' }))],
    ['a delta that is none', sse(chunk({ content: 'x' }), { ...identity, choices: [{ index: 0, delta: 'x' }] })],
    ['a message beside the deltas', sse(chunk({ content: 'x' }, { message: { content: 'x' } }))],
    ['two finish reasons', sse(chunk({}, { finish_reason: 'stop' }), chunk({}, { finish_reason: 'length' }))],
    ['a field that differs between chunks', sse(chunk({}, {}, { system_fingerprint: 'a' }), chunk({}, {}, { system_fingerprint: 'b' }))],
    ['a number that JavaScript cannot hold', content.replace('"created":7', '"created":12345678901234567890')],
    ['a nesting without measure', `data: {"choices":[{"delta":{"x":${'['.repeat(100_000)}${']'.repeat(100_000)}}}]}\n\n`],
  ])('is a miss when the stream holds %s', (_, text) => {
    expect(wholeText(text)).toBeUndefined()
  })
})
