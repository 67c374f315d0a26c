import type { CachedAnswer } from '@gomodel/contracts'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { replay } from './replay.ts'

const usage = { prompt_tokens: 3 }
const stored: CachedAnswer = { provider: 'openai', form: 'whole', storedAt: 0, nativeUsage: usage }
const stream = (whole: unknown, includeUsage = false, answer = stored) => replay(answer, Buffer.from(JSON.stringify(whole)), { stream: true, includeUsage })
const back = (events: Buffer) => JSON.parse(replay({ ...stored, form: 'stream' }, events, { stream: false, includeUsage: false })!.toString()) as { choices: { message: unknown }[] }

interface Chunk { choices: [{ delta: Record<string, unknown>; finish_reason: unknown; logprobs?: unknown; index: number }]; [field: string]: unknown }
function chunks(events: Buffer | undefined): Chunk[] {
  const parts = events!.toString().split('\n\n')
  expect(parts.slice(-2)).toEqual(['data: [DONE]', ''])
  return parts.slice(0, -2).map(part => JSON.parse(part.slice('data: '.length)) as Chunk)
}
const deltas = (message: object) => chunks(stream({ choices: [{ message }] })).map(({ choices: [{ delta }] }) => delta)

describe('a stored whole answer for a client that streams', () => {
  test('says who, then what, then why it ended', () => {
    const whole = { id: 'x', object: 'chat.completion', created: 7, model: 'm', system_fingerprint: 'fp', x_groq: { id: 'r' }, usage: { old: 1 }, choices: [{ index: 0, message: { role: 'assistant', content: 'Hello', refusal: null }, logprobs: null, finish_reason: 'stop', content_filter_results: {} }] }
    const envelope = { id: 'x', object: 'chat.completion.chunk', created: 7, model: 'm', system_fingerprint: 'fp' }
    const plain = { index: 0, logprobs: null, finish_reason: null }
    const expected = [
      { ...envelope, x_groq: { id: 'r' }, choices: [{ ...plain, delta: { role: 'assistant', refusal: null } }] },
      { ...envelope, choices: [{ ...plain, delta: { content: 'Hello' } }] },
      { ...envelope, choices: [{ ...plain, delta: {}, finish_reason: 'stop', content_filter_results: {} }] },
    ]
    expect(chunks(stream(whole))).toEqual(expected)
    expect(chunks(stream(whole, true))).toEqual([...expected, { id: 'x', object: 'chat.completion.chunk', created: 7, model: 'm', choices: [], usage }])
    const { nativeUsage: _, ...without } = stored
    expect(chunks(stream(whole, true, without)).at(-1)).toMatchObject({ choices: [], usage: { old: 1 } })
    expect(stream({ ...whole, usage: undefined }, true, without)).toBeUndefined()
  })

  test('thinks before it speaks, and acts at last', () => {
    const call = { id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }
    expect(deltas({ content: 'c', reasoning_content: 'r', tool_calls: [call, { ...call, id: 'b' }], role: 'assistant', annotations: [1], unheard_of: { a: 1 }, audio: null, refusal: 'no' })).toEqual([
      { role: 'assistant', audio: null },
      { reasoning_content: 'r' },
      { content: 'c' },
      { refusal: 'no' },
      { tool_calls: [{ ...call, index: 0 }, { ...call, id: 'b', index: 1 }] },
      { annotations: [1], unheard_of: { a: 1 } },
      {},
    ])
  })

  test('comes in pieces of some words, and not of unbounded number or size', () => {
    const content = `${'some words and more '.repeat(100)}${'字'.repeat(1001)}${'\u{1f600}'.repeat(500)}`
    const pieces = deltas({ role: 'assistant', content }).flatMap(delta => (typeof delta.content === 'string' ? [delta.content] : []))
    expect(pieces.join('')).toBe(content)
    expect(pieces[0]).toBe('some words and more some words and')
    expect(Math.max(...pieces.map(piece => [...piece].length))).toBeLessThanOrEqual(64)
    expect(pieces.length).toBeLessThan(110)
    expect(pieces.every(piece => piece.isWellFormed())).toBe(true)
  })

  test('has its tokens beside the text that they make up', () => {
    const logprobs = { content: [{ token: 'a' }, { token: 'b' }], refusal: null }
    const said = (message: object) => chunks(stream({ choices: [{ message, logprobs, finish_reason: 'stop' }] })).map(({ choices: [choice] }) => choice)
    expect(said({ role: 'assistant', content: 'many words '.repeat(30) })).toEqual([
      { index: 0, delta: { role: 'assistant' }, logprobs: null, finish_reason: null },
      { index: 0, delta: { content: 'many words '.repeat(30) }, logprobs, finish_reason: null },
      { index: 0, delta: {}, logprobs: null, finish_reason: 'stop' },
    ])
    expect(said({ role: 'assistant', content: null }).map(choice => choice.logprobs)).toEqual([null, logprobs])
  })

  test.each([[{}], [{ choices: [] }], [{ choices: [{}] }], [{ choices: [1] }], [{ choices: [{ message: { tool_calls: 'x' } }] }], [[]], [null], ['text']])('is a miss when it is no chat answer: %j', whole => {
    expect(stream(whole)).toBeUndefined()
  })

  test('is a miss when it holds a number that JavaScript cannot hold', () => {
    const seeded = (seed: string) => replay(stored, Buffer.from(`{"seed":${seed},"choices":[{"message":{"content":"x"}}]}`), { stream: true, includeUsage: false })
    for (const seed of ['9007199254740991', '-0.1234567890123456789', '"12345678901234567890 1e999"']) expect(seeded(seed)?.toString()).toContain('"seed":')
    for (const seed of ['12345678901234567890', '-9007199254740993', '1e999', '[{"a":-1E+999}]']) expect(seeded(seed)).toBeUndefined()
  })
})

const said = fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.lorem({ maxCount: 60 }))
const maybe = fc.option(said)
// An index makes elements of one; a role, a text or a list of calls is made of what it must be.
const name = fc.string().filter(text => !['index', 'role', 'content', 'tool_calls'].includes(text))
const unknown = fc.dictionary(name, fc.jsonValue(), { maxKeys: 3 }).filter(value => !JSON.stringify(value).includes('"index"'))
const called = fc.record({ id: fc.uuid(), type: fc.constant('function'), function: fc.record({ name: fc.string(), arguments: said }) })
const withinReach = (_: string, value: unknown) => (Number.isInteger(value) && !Number.isSafeInteger(value) ? 1 : value)
const anyMessage = fc.tuple(
  fc.record({ role: fc.constant('assistant'), content: maybe }),
  fc.record({ reasoning: maybe, reasoning_content: maybe, refusal: maybe, tool_calls: fc.array(called), annotations: fc.array(unknown), function_call: fc.record({ name: said, arguments: said }) }, { requiredKeys: [] }),
  unknown,
).map(([needed, known, others]) => JSON.parse(JSON.stringify({ ...others, ...needed, ...known }), withinReach) as object)
const anyLogprobs = fc.option(fc.record({ content: fc.array(fc.record({ token: fc.string(), logprob: fc.double({ noNaN: true, noDefaultInfinity: true, min: -9e15, max: 0 }) })), refusal: fc.constant(null) }))

describe('form and back', () => {
  test('a whole answer that was streamed is that answer again', () => {
    const choice = fc.record({ message: anyMessage, logprobs: anyLogprobs, finish_reason: fc.constantFrom('stop', 'length', null) })
    fc.assert(fc.property(fc.array(choice, { minLength: 1, maxLength: 3 }), choices => {
      const whole = JSON.parse(JSON.stringify({ id: 'x', object: 'chat.completion', created: 7, model: 'm', x: { y: 1 }, choices: choices.map((one, index) => ({ index, ...one })), usage })) as object
      expect(back(stream(whole, true)!)).toStrictEqual(whole)
    }), { numRuns: 300 })
  })

  test('a stream adds up to the texts of its deltas', () => {
    const delta = fc.record({ content: maybe, reasoning: maybe, refusal: maybe }, { requiredKeys: [] })
    fc.assert(fc.property(fc.array(delta, { minLength: 1, maxLength: 20 }), given => {
      const events = given.map(one => `data: ${JSON.stringify({ choices: [{ index: 0, delta: one }] })}\n\n`).join('')
      const [{ message }] = back(Buffer.from(events)).choices as [{ message: Record<string, unknown> }]
      for (const field of ['content', 'reasoning', 'refusal'] as const) expect(message[field] ?? '').toBe(given.map(one => one[field] ?? '').join(''))
    }))
  })
})
