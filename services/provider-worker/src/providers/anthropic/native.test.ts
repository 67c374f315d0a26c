import { NO_TOKENS } from '@gomodel/contracts'
import { array, assert, integer, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import type { GenerateRequest } from '../../provider.ts'
import { EventSplitter } from '../../sse.ts'
import { HAIKU, ask, block, calling, passed, provider, start, stop, text, wire } from './fixtures/calls.ts'

const asked = (body: string, request: Partial<GenerateRequest> = {}) => provider.native.messages!(Buffer.from(body), ask({ endpoint: 'messages', ...request }), new Changes())
const reader = () => asked('{"model":"m"}', { stream: true }).reader()
const usage = { ...NO_TOKENS, inputUncached: 10, outputText: 20, source: 'final' }

describe('a request in the provider’s own dialect', () => {
  test('passes byte for byte but for the name of the model', () => {
    const call = asked('{"model":"anthropic/claude","max_tokens":1.0, "future":12345678901234567890}')
    expect(Buffer.from(call.body).toString()).toBe(`{"model":"${HAIKU}","max_tokens":1.0, "future":12345678901234567890}`)
    expect(call.path).toBe('/messages')
    expect(call.headers).toEqual([])
  })

  test('takes along what the client said of version and betas, and nothing that is no such thing', () => {
    const headers = { 'anthropic-version': '2024-10-22', 'anthropic-beta': 'context-1m-2025-08-07, files-api-2025-04-14', 'x-api-key': 'mine' }
    expect(asked('{}', { headers }).headers).toEqual(['anthropic-version', '2024-10-22', 'anthropic-beta', 'context-1m-2025-08-07,files-api-2025-04-14'])
    expect(asked('{}', { headers: { 'anthropic-version': 'x\r\ny: z', 'anthropic-beta': 'ö' } }).headers).toEqual([])
  })
})

describe('a whole answer in it', () => {
  test('passes as it is', () => {
    const cost = { input_tokens: 10, output_tokens: 20, service_tier: 'standard' }
    const bytes = Buffer.from(JSON.stringify({ type: 'message', id: 'msg_1', model: 'claude-x', content: [], stop_reason: 'end_turn', usage: cost }))
    const answer = asked('{}').answer(bytes)
    expect(answer.bytes).toBe(bytes)
    expect(answer.end).toEqual({ usage, nativeUsage: cost, finish: 'end_turn', natural: true })
  })

  test('that is an error, or none, is a failure', () => {
    expect(() => asked('{}').answer(Buffer.from('{"status":"queued"}'))).toThrow(expect.objectContaining({ failure: 'protocol', code: 'provider_failed' }) as Error)
    expect(() => asked('{}').answer(Buffer.from('{"type":"error","error":{"type":"api_error","message":"m"}}'))).toThrow(expect.objectContaining({ failure: 'overload' }) as Error)
  })
})

describe('a stream in it', () => {
  const events = [start(), { type: 'ping' }, ...text(0, 'Zażółć', ' 🙂'), ...calling(1, 't', '{"a":1}'), ...stop('tool_use', { input_tokens: 10, output_tokens: 20, server_tool_use: { web_search_requests: 1 } })]

  test('passes byte for byte, and is taken note of', () => {
    expect(passed(reader(), wire(events))).toEqual({
      bytes: wire(events).toString(),
      end: { usage, nativeUsage: { input_tokens: 10, output_tokens: 20, server_tool_use: { web_search_requests: 1 } }, finish: 'tool_use', natural: true },
    })
  })

  test('is the same wherever the network cuts it', () => {
    const bytes = wire(events)
    const whole = passed(reader(), bytes)
    const cuts = array(integer({ min: 1, max: bytes.length - 1 }), { maxLength: 40 })
    assert(property(cuts, places => void expect(passed(reader(), bytes, places)).toEqual(whole)))
    expect(passed(reader(), bytes, Array.from(bytes.keys()))).toEqual(whole)
  })

  test.each<[string, object[], boolean]>([
    ['a text that begins', [start(), { type: 'ping' }, text(0)[0]!], false],
    ['a thought that begins', [start(), block(0, { type: 'thinking', thinking: '' })[0]!], false],
    ['a piece of text', [start(), ...text(0, 'x').slice(0, 2)], true],
    ['a call that begins', [start(), calling(0, 't')[0]!], true],
    ['an end without content', [start(), stop('refusal')[0]!], true],
  ])('speaks, or not, with %s', (_, given, speaking) => {
    const open = reader()
    for (const event of new EventSplitter().push(wire(given))) open.read(event)
    expect(open.speaking).toBe(speaking)
  })

  test('speaks with a piece of content however it is spelled', () => {
    const open = reader()
    const raw = Buffer.from('data: { "index": 0, "delta": {}, "type": "content_block_delta" }\n\n')
    for (const event of new EventSplitter().push(raw)) expect(open.read(event)).toEqual(raw)
    expect(open.speaking).toBe(true)
  })

  test('is over with message_stop', () => {
    const open = reader()
    expect(passed(open, wire([...events, { type: 'error', error: { type: 'api_error', message: 'm' } }])).bytes).toBe(wire(events).toString())
    expect(open.done).toBe(true)
  })

  test('is closed where only its last event is missing', () => {
    expect(passed(reader(), wire(events.slice(0, -1))).bytes).toBe(wire(events).toString())
  })

  test('that is cut off is a failure', () => {
    const open = reader()
    expect(() => passed(open, wire(events.slice(0, -2)))).toThrow(expect.objectContaining({ failure: 'transport', code: 'provider_failed' }) as Error)
    expect(open.end).toMatchObject({ usage: { inputUncached: 10, outputText: 1, source: 'partial' }, natural: false })
  })

  test('with an error inside is a failure', () => {
    expect(() => passed(reader(), wire([start(), { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }]))).toThrow(expect.objectContaining({ failure: 'overload' }) as Error)
  })
})

describe('a count of tokens', () => {
  const count = (body: string) => provider.native.count_tokens!(Buffer.from(body), ask({ endpoint: 'count_tokens', headers: { 'anthropic-beta': 'b-1' } }), new Changes())

  test('is asked for in the client’s bytes and costs nothing', () => {
    const call = count('{"model":"m","messages":[]}')
    expect({ ...call, body: Buffer.from(call.body).toString() }).toMatchObject({ path: '/messages/count_tokens', body: `{"model":"${HAIKU}","messages":[]}`, headers: ['anthropic-beta', 'b-1'] })
    expect(call.answer(Buffer.from('{"input_tokens":14}'))).toEqual({ bytes: Buffer.from('{"input_tokens":14}'), end: { natural: true } })
  })

  test('that is none is a failure', () => {
    expect(() => count('{}').answer(Buffer.from('{}'))).toThrow(expect.objectContaining({ failure: 'protocol' }) as Error)
    expect(() => count('{}').answer(Buffer.from('oops'))).toThrow(expect.objectContaining({ failure: 'protocol' }) as Error)
  })
})
