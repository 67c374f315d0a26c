import type { CachedAnswer } from '@gomodel/contracts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventsFromResponse } from './events-from-response.ts'
import { replayResponse } from './replay.ts'

const stored: CachedAnswer = { provider: 'openai', form: 'whole', storedAt: 0 }
const bytesOf = (value: unknown): Buffer => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
const toEvents = (response: unknown) => replayResponse(stored, bytesOf(response), { stream: true })
const toWhole = (events: Buffer) => replayResponse({ ...stored, form: 'stream' }, events, { stream: false })

interface Event { type: string; sequence_number: number; [field: string]: unknown }

const read = (events: Buffer | undefined): Event[] =>
  events!.toString().split('\n\n').slice(0, -1).map(event => {
    const [, name, data] = /^event: (\S+)\ndata: (.*)$/.exec(event) ?? []
    const parsed = JSON.parse(data!) as Event
    expect(parsed.type).toBe(name)
    return parsed
  })

const message = { id: 'msg_1', type: 'message', status: 'completed', role: 'assistant', content: [{ type: 'output_text', text: 'Hello', annotations: [], logprobs: [] }] }
const response = { id: 'resp_1', object: 'response', status: 'completed', completed_at: 5, incomplete_details: null, output: [message], usage: { input_tokens: 1 }, unheard_of: [1] }
const withOutput = (...output: object[]) => ({ ...response, output })

describe('a stored whole response for a client that streams', () => {
  test('has every event in its order, and the whole at its end', () => {
    const events = read(toEvents(response))
    expect(events.map(({ type }) => type.replace('response.', ''))).toEqual(['created', 'in_progress', 'output_item.added', 'content_part.added', 'output_text.delta', 'output_text.done', 'content_part.done', 'output_item.done', 'completed'])
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index))
    expect(events[0]?.response).toEqual({ ...response, status: 'in_progress', completed_at: null, output: [], usage: null })
    expect(events[2]).toMatchObject({ output_index: 0, item: { id: 'msg_1', status: 'in_progress', content: [] } })
    expect(events[4]).toEqual({ type: 'response.output_text.delta', sequence_number: 4, item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'Hello', logprobs: [] })
    expect(events.at(-1)?.response).toEqual(response)
  })

  test.each<[string, object, string[]]>([
    ['a call', { id: 'fc', type: 'function_call', status: 'completed', call_id: 'c', name: 'f', arguments: '{"a":1}' }, ['function_call_arguments.delta', 'function_call_arguments.done']],
    ['thinking in sum', { id: 'rs', type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'e' }, ['reasoning_summary_part.added', 'reasoning_summary_text.delta', 'reasoning_summary_text.done', 'reasoning_summary_part.done']],
    ['thinking in full', { id: 'rs', type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'hm' }] }, ['content_part.added', 'reasoning_text.delta', 'reasoning_text.done', 'content_part.done']],
    ['a refusal', { ...message, content: [{ type: 'refusal', refusal: 'no' }] }, ['content_part.added', 'refusal.delta', 'refusal.done', 'content_part.done']],
    ['a text with a source', { ...message, content: [{ type: 'output_text', text: 'a', annotations: [{ type: 'url_citation' }] }] }, ['content_part.added', 'output_text.delta', 'output_text.annotation.added', 'output_text.done', 'content_part.done']],
    ['what a tool of the provider did', { id: 'ws', type: 'web_search_call', status: 'completed' }, []],
  ])('has %s as it would have come', (_, item, types) => {
    const events = read(toEvents(withOutput(item))).slice(3, -2)
    expect(events.map(({ type }) => type.replace('response.', ''))).toEqual(types)
  })

  test('comes in pieces of some words, and in one where tokens stand beside it', () => {
    const text = `${'some words and more '.repeat(100)}${'字'.repeat(1001)}`
    const deltas = (part: object) => read(toEvents(withOutput({ ...message, content: [{ ...message.content[0], text, ...part }] }))).filter(({ type }) => type.endsWith('text.delta'))
    expect(deltas({}).length).toBeGreaterThan(20)
    expect(deltas({}).map(({ delta }) => delta).join('')).toBe(text)
    expect(deltas({ logprobs: [{ token: 'a' }] })).toMatchObject([{ delta: text, logprobs: [{ token: 'a' }] }])
  })

  test('can begin behind any event', () => {
    const all = read(eventsFromResponse(bytesOf(response)))
    for (const { sequence_number: number } of all) expect(read(eventsFromResponse(bytesOf(response), number))).toEqual(all.slice(number + 1))
  })

  test.each(['{', '[]', '{}', '{"output":[]}', '{"status":"queued","output":[]}', '{"status":"completed","output":[1]}', '{"status":"completed","output":[],"n":12345678901234567890}'])('is a miss when it is none that is over: %s', text => {
    expect(toEvents(text)).toBeUndefined()
  })
})

describe('a stored stream', () => {
  test('is what its last event says', () => {
    expect(JSON.parse(toWhole(toEvents(response)!)!.toString())).toEqual(response)
  })

  test('has its items from where they were told, when its end is silent about them', () => {
    const events = [
      { type: 'response.output_item.done', output_index: 1, item: { id: 'b' } },
      { type: 'response.output_item.done', output_index: 0, item: { id: 'a' } },
      { type: 'response.completed', response: withOutput() },
    ]
    expect(JSON.parse(toWhole(bytesOf(events.map(event => `data: ${JSON.stringify(event)}\n\n`).join('')))!.toString())).toMatchObject({ output: [{ id: 'a' }, { id: 'b' }] })
  })

  test.each(['', 'data: {}\n\n', 'data: {"type":"response.created","response":{"output":[]}}\n\n', 'data: {"type":"response.completed"}\n\n', 'data: {\n\n'])('is a miss without its end: %j', text => {
    expect(toWhole(Buffer.from(text))).toBeUndefined()
  })
})

test('a whole response that was streamed is that response again, and passes as it is in its own form', () => {
  const text = fc.string({ unit: 'binary', maxLength: 100 })
  const item = fc.oneof(
    fc.record({ id: fc.uuid(), type: fc.constant('message'), status: fc.constant('completed'), content: fc.array(fc.record({ type: fc.constant('output_text'), text, annotations: fc.constant([]) })) }),
    fc.record({ id: fc.uuid(), type: fc.constant('function_call'), arguments: text }),
    fc.record({ id: fc.uuid(), type: fc.constant('reasoning'), summary: fc.array(fc.record({ type: fc.constant('summary_text'), text })) }),
  )
  fc.assert(fc.property(fc.array(item, { minLength: 1, maxLength: 4 }), output => {
    const whole = bytesOf(withOutput(...output))
    const events = toEvents(whole.toString())!
    expect(toWhole(events)).toEqual(whole)
    expect(replayResponse(stored, whole, { stream: false })).toEqual(whole)
    expect(replayResponse({ ...stored, form: 'stream' }, events, { stream: true })).toEqual(events)
  }))
})
