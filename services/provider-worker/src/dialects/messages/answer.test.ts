import { NO_TOKENS, type Usage } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import type { HubAnswerMessage, HubChunk, HubDelta, HubMessage } from '../../hub/hub.ts'
import { sealed } from '../../hub/sealed-reasoning.ts'
import type { End, GenerateRequest } from '../../provider.ts'
import { messagesDialect } from './messages.ts'

const request: GenerateRequest = { requestId: 'request-1', endpoint: 'messages', model: 'gpt-5', stream: false, includeUsage: false }
const begun = () => messagesDialect.begin(Buffer.from('{"model":"m","messages":[{"role":"user","content":"hi"}]}'), request, new Changes())
const usage: Usage = { ...NO_TOKENS, inputUncached: 7, inputCacheRead: 100, inputCacheWrite5m: 20, inputCacheWrite1h: 3, outputText: 5, outputReasoning: 4, source: 'final' }
const told = {
  input_tokens: 7,
  cache_creation_input_tokens: 23,
  cache_read_input_tokens: 100,
  cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 3 },
  output_tokens: 9,
  output_tokens_details: { thinking_tokens: 4 },
}
const nothing = { input_tokens: 0, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 0 }

type Message = Partial<HubAnswerMessage>

function whole(message: Message, finish: string | null = 'stop', end: End = {}): Record<string, unknown> {
  const completion = { id: 'chatcmpl-1', object: 'chat.completion' as const, created: 1, model: 'gpt-5-mini', choices: [{ index: 0, message: { role: 'assistant' as const, content: null, ...message }, finish_reason: finish }] }
  return JSON.parse(Buffer.from(begun().answer({ completion, end })).toString()) as Record<string, unknown>
}

interface WireEvent {
  readonly type: string
  readonly [field: string]: unknown
}

function streamed(deltas: readonly HubDelta[], finish: string | null = 'stop', end: End = {}): WireEvent[] {
  const writer = begun().writer()
  const chunk = (delta: HubDelta, finish_reason: string | null): HubChunk => ({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'gpt-5-mini', choices: [{ index: 0, delta, finish_reason }] })
  const bytes = [...deltas.map(delta => writer.chunk(chunk(delta, null))), writer.chunk(chunk({}, finish)), writer.close(end)]
  const events = Buffer.concat(bytes.flatMap(piece => (piece ? [piece] : []))).toString().split('\n\n').slice(0, -1)
  return events.map(event => {
    const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? []
    const parsed = JSON.parse(data ?? '') as WireEvent
    expect(parsed.type).toBe(name)
    return parsed
  })
}

/** The blocks of a stream in short, and a fault where one is begun inside another. */
function blocksIn(events: readonly WireEvent[]): string[] {
  const blocks: string[] = []
  let open: number | undefined
  for (const { type, index, content_block: block, delta } of events) {
    if (type === 'content_block_start') {
      expect({ open, index }).toEqual({ open: undefined, index: blocks.length })
      open = Number(index)
      blocks.push(`${JSON.stringify(block)}`)
    } else if (type === 'content_block_delta') {
      expect(open).toBe(index)
      blocks[blocks.length - 1] += ` ${Object.values(delta as object).slice(1).join('')}`
    } else if (type === 'content_block_stop') {
      expect(open).toBe(index)
      open = undefined
    }
  }
  expect(open).toBeUndefined()
  return blocks
}

const thinking = '{"type":"thinking","thinking":"","signature":""}'
const text = '{"type":"text","text":""}'
const tool = (id: string, name = 'f') => `{"type":"tool_use","id":"${id}","name":"${name}","input":{}}`
const call = (index: number, args: string, id?: string) => ({ tool_calls: [{ index, ...(id && { id, type: 'function' as const }), function: { ...(id && { name: 'f' }), arguments: args } }] })

describe('a whole answer', () => {
  test('is a Message', () => {
    expect(whole({ content: 'Hi.' }, 'stop', { usage })).toEqual({
      id: 'msg_chatcmpl-1',
      type: 'message',
      role: 'assistant',
      model: 'gpt-5-mini',
      content: [{ type: 'text', text: 'Hi.' }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      stop_details: null,
      usage: told,
    })
  })

  const calls = (...args: string[]) => args.map((json, place) => ({ id: `call_${place}`, type: 'function' as const, function: { name: 'f', arguments: json } }))
  test.each<[string, Message, unknown[]]>([
    ['nothing', { content: '' }, []],
    ['a thought, text and calls in this order', { content: 'b', reasoning_content: 'a', tool_calls: calls('{"x":1}', '{}') }, [
      { type: 'thinking', thinking: 'a', signature: '' },
      { type: 'text', text: 'b' },
      { type: 'tool_use', id: 'call_0', name: 'f', input: { x: 1 } },
      { type: 'tool_use', id: 'call_1', name: 'f', input: {} },
    ]],
    ['arguments that are missing, no object, or no JSON', { tool_calls: calls('', '[1]', '{"a":') }, [
      { type: 'tool_use', id: 'call_0', name: 'f', input: {} },
      { type: 'tool_use', id: 'call_1', name: 'f', input: { INVALID_JSON: '[1]' } },
      { type: 'tool_use', id: 'call_2', name: 'f', input: { INVALID_JSON: '{"a":' } },
    ]],
    ['thoughts with what Anthropic wants back, each by itself', { reasoning_content: 'ab', reasoning_details: [
      { type: 'reasoning.text', text: 'a', signature: 's1', format: 'anthropic-claude-v1', index: 0 },
      { type: 'reasoning.encrypted', data: 'secret', format: 'anthropic-claude-v1', index: 1 },
      { type: 'reasoning.text', text: 'b', signature: 's2', format: 'anthropic-claude-v1', index: 2 },
    ] }, [
      { type: 'thinking', thinking: 'a', signature: 's1' },
      { type: 'redacted_thinking', data: 'secret' },
      { type: 'thinking', thinking: 'b', signature: 's2' },
    ]],
    ['a thought with what another provider wants back', { reasoning_content: 'a', reasoning_details: [{ type: 'reasoning.encrypted', data: 'x', format: 'openai-responses-v1', id: 'rs_1' }] }, [
      { type: 'thinking', thinking: 'a', signature: '' },
      { type: 'redacted_thinking', data: sealed({ details: [{ type: 'reasoning.encrypted', data: 'x', format: 'openai-responses-v1', id: 'rs_1', index: 0 }] }) },
    ]],
    ['details without index as thoughts of their own', { reasoning_details: [{ type: 'reasoning.text', text: 'a' }, { type: 'reasoning.text', text: 'b' }] }, [
      { type: 'thinking', thinking: 'a', signature: '' },
      { type: 'thinking', thinking: 'b', signature: '' },
    ]],
  ])('says %s', (_, message, content) => {
    expect(whole(message)['content']).toEqual(content)
  })

  test.each<[string | null, Message, string]>([
    ['stop', { content: 'a' }, 'end_turn'],
    ['length', { content: 'a' }, 'max_tokens'],
    ['tool_calls', { tool_calls: calls('{}') }, 'tool_use'],
    ['stop', { tool_calls: calls('{}') }, 'tool_use'],
    ['length', { tool_calls: calls('{}') }, 'max_tokens'],
    ['content_filter', { content: 'a' }, 'refusal'],
    ['stop', { refusal: 'I will not.' }, 'refusal'],
    [null, { content: 'a' }, 'end_turn'],
  ])('that ended by %s with %j stops for %s', (finish, message, reason) => {
    expect(whole(message, finish)).toMatchObject({ stop_reason: reason, stop_details: reason === 'refusal' ? { type: 'refusal', category: null, explanation: null } : null })
  })

  test('keeps the digits of ids of 64 bits', () => {
    const completion = { id: 'c', object: 'chat.completion' as const, created: 0, model: 'm', choices: [{ index: 0, message: { role: 'assistant' as const, content: null, tool_calls: calls('{"id":12345678901234567890}') }, finish_reason: 'tool_calls' }] }
    expect(Buffer.from(begun().answer({ completion, end: {} })).toString()).toContain('"input":{"id":12345678901234567890}')
  })

  test('without usage or id says what is known', () => {
    const completion = { id: '', object: 'chat.completion' as const, created: 0, model: '', choices: [] }
    expect(JSON.parse(Buffer.from(begun().answer({ completion, end: {} })).toString())).toMatchObject({ id: 'msg_request-1', model: 'gpt-5', content: [], usage: nothing })
  })
})

describe('a stream', () => {
  test('is the events of a Message', () => {
    expect(streamed([{ role: 'assistant', content: '' }, { content: 'Hi' }, { content: '.' }], 'stop', { usage })).toEqual([
      { type: 'message_start', message: { id: 'msg_chatcmpl-1', type: 'message', role: 'assistant', model: 'gpt-5-mini', content: [], stop_reason: null, stop_sequence: null, stop_details: null, usage: nothing } },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '.' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null, stop_details: null }, usage: told },
      { type: 'message_stop' },
    ])
  })

  test.each<[string, HubDelta[], string[]]>([
    ['nothing', [], []],
    ['a thought, then text, then a call', [{ reasoning_content: 'a' }, { reasoning_content: 'b' }, { content: 'c' }, call(0, '{"x"', 'c0'), call(0, ':1}')], [`${thinking} a b`, `${text} c`, `${tool('c0')} {"x" :1}`]],
    ['kinds that change in one chunk', [{ reasoning_content: 'a', content: 'b', ...call(0, '{}', 'c0') }], [`${thinking} a`, `${text} b`, `${tool('c0')} {}`]],
    ['text after a thought after text', [{ content: 'a' }, { reasoning_content: 'b' }, { content: 'c' }], [`${text} a`, `${thinking} b`, `${text} c`]],
    ['a refusal', [{ refusal: 'No.' }], [`${text} No.`]],
    ['calls one after the other', [call(0, '{}', 'c0'), call(1, '{"a":', 'c1'), call(1, '1}')], [`${tool('c0')} {}`, `${tool('c1')} {"a": 1}`]],
    ['calls that interleave', [call(0, '{"a":', 'c0'), call(1, '{"b":', 'c1'), call(2, '', 'c2'), call(0, '1}'), call(2, '{}'), call(1, '2}')], [`${tool('c0')} {"a": 1}`, `${tool('c1')} {"b": 2}`, `${tool('c2')} {}`]],
    ['text that comes inside a call, after it', [call(0, '{"a":', 'c0'), { content: 'so' }, call(0, '1}'), { content: ' it is' }], [`${tool('c0')} {"a": 1}`, `${text} so  it is`]],
    ['calls without arguments', [call(0, '', 'c0'), call(1, '', 'c1')], [tool('c0'), tool('c1')]],
    ['calls whose arguments never become JSON', [call(0, '{"a":', 'c0'), call(1, '{}', 'c1')], [`${tool('c0')} {"a":`, `${tool('c1')} {}`]],
    ['calls that all have the same index', [call(0, '{}', 'c0'), call(0, '{"a":1}', 'c1')], [`${tool('c0')} {}`, `${tool('c1')} {"a":1}`]],
    ['the rest of a call that was whole, not again', [call(0, '{}', 'c0'), { content: 'a' }, call(0, '\n', 'c0'), { content: 'b' }], [`${tool('c0')} {}`, `${text} a b`]],
    ['a call without an id', [{ tool_calls: [{ index: 0, function: { name: 'f', arguments: '{}' } }] }], [`${tool('toolu_msg_chatcmpl-1_0')} {}`]],
    ['a signature that follows its thought', [
      { reasoning_content: 'a', reasoning_details: [{ type: 'reasoning.text', text: 'a', format: 'anthropic-claude-v1', index: 0 }] },
      { reasoning_details: [{ type: 'reasoning.text', signature: 'sig', format: 'anthropic-claude-v1', index: 0 }] },
      { content: 'b' },
    ], [`${thinking} a sig`, `${text} b`]],
    ['a signature that is repeated once', [
      { reasoning_details: [{ type: 'reasoning.text', text: 'a', signature: 'sig', format: 'anthropic-claude-v1', index: 0 }] },
      { reasoning_details: [{ type: 'reasoning.text', text: 'b', signature: 'sig', format: 'anthropic-claude-v1', index: 0 }] },
      { reasoning_details: [{ type: 'reasoning.text', text: 'c', signature: '', format: 'anthropic-claude-v1', index: 0 }] },
    ], [`${thinking} a b c sig`]],
    ['of several signatures of a thought the last', [
      { reasoning_content: 'a' },
      { reasoning_details: [{ type: 'reasoning.text', signature: 's1', format: 'anthropic-claude-v1', index: 0 }] },
      { reasoning_details: [{ type: 'reasoning.text', signature: 's2', format: 'anthropic-claude-v1', index: 0 }] },
    ], [`${thinking} a s2`]],
    ['thoughts of different index apart, the hidden one whole', [
      { reasoning_details: [{ type: 'reasoning.text', text: 'a', signature: 's1', format: 'anthropic-claude-v1', index: 0 }] },
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'x', format: 'anthropic-claude-v1', index: 1 }] },
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'y', format: 'anthropic-claude-v1', index: 1 }] },
      { reasoning_details: [{ type: 'reasoning.text', text: 'b', format: 'anthropic-claude-v1', index: 2 }] },
    ], [`${thinking} a s1`, '{"type":"redacted_thinking","data":"xy"}', `${thinking} b`]],
  ])('says %s', (_, deltas, blocks) => {
    expect(blocksIn(streamed(deltas))).toEqual(blocks)
  })

  test('that stops for tools, length or a refusal says so', () => {
    const reason = (events: WireEvent[]) => events.find(({ type }) => type === 'message_delta')
    expect(reason(streamed([call(0, '{}', 'c0')], 'stop'))).toMatchObject({ delta: { stop_reason: 'tool_use' }, usage: nothing })
    expect(reason(streamed([{ content: 'a' }], 'length'))).toMatchObject({ delta: { stop_reason: 'max_tokens' } })
    expect(reason(streamed([{ refusal: 'a' }]))).toMatchObject({ delta: { stop_reason: 'refusal', stop_details: { type: 'refusal' } } })
  })
})

test('what another provider wants back of thoughts and calls finds its way back to it, whole and streamed', () => {
  const details = [
    { type: 'reasoning.summary' as const, summary: 'why', signature: 'g', format: 'google-gemini-v1', index: 0 },
    { type: 'reasoning.encrypted' as const, data: 'zzz', format: 'openai-responses-v1', id: 'rs_1', index: 1 },
  ]
  const tool_calls = [{ id: 'call_1', type: 'function' as const, function: { name: 'f', arguments: '{"a":1}' }, extra_content: { google: { thought_signature: 'tttt' } } }]
  const expected = { role: 'assistant', content: 'so', reasoning_content: 'why', reasoning_details: details, tool_calls }
  const replayed = (content: unknown): HubMessage | undefined => {
    const body = { model: 'm', messages: [{ role: 'assistant', content }] }
    return messagesDialect.begin(Buffer.from(JSON.stringify(body)), request, new Changes()).chat.messages[0]
  }
  const message = { content: 'so', reasoning_content: 'why', reasoning_details: details, tool_calls }
  expect(replayed(whole(message)['content'])).toEqual(expected)

  const content: Record<string, unknown>[] = []
  for (const { type, content_block: block, delta } of streamed([{ ...message, tool_calls: tool_calls.map(one => ({ ...one, index: 0 })) }])) {
    const said = delta as Record<string, string> | undefined
    if (type === 'content_block_start') content.push(block as Record<string, unknown>)
    const last = content.at(-1)
    if (type !== 'content_block_delta' || !last || !said) continue
    if (said['type'] === 'signature_delta') last['signature'] = said['signature']
    else if (said['type'] === 'thinking_delta') last['thinking'] = `${String(last['thinking'])}${said['thinking']}`
    else if (said['type'] === 'text_delta') last['text'] = `${String(last['text'])}${said['text']}`
    else last['input'] = JSON.parse(said['partial_json'] ?? '')
  }
  expect(replayed(content)).toEqual(expected)
})
