import { ChatRequest, GatewayError } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { bodyReader } from './read-body.ts'

const readChat = bodyReader(ChatRequest)

const refusal = (body: string): GatewayError => {
  try {
    readChat(Buffer.from(body))
  } catch (thrown) {
    return GatewayError.from(thrown)
  }
  throw new Error('it was accepted')
}
const messages = [{ role: 'user', content: 'hi' }]

describe('a chat body', () => {
  test('is read with whatever else it holds', () => {
    const body = { model: 'm', messages, stream: null, temperature: 0.5, unheard_of: { deep: [1] } }
    expect(readChat(Buffer.from(JSON.stringify(body)))).toEqual(body)
  })

  test.each([
    ['hello', 'position 0 (line 1, column 1)'],
    ['', 'position 0'],
    ['{"model":"m",}', 'position 13'],
    ['{"model":"m"', 'position 12'],
    ['{"model":\n "m"} x', 'position 16 (line 2, column 7)'],
    ["{'model':1}", 'position 1'],
    ['{"model":\n\n  "m",\n oops}', 'position 19 (line 4, column 2)'],
    ['{"model":"m" // the best\n}', 'position 13'],
    ['{"model":"a\nb"}', 'position 11'],
    ['{"model":"\\q"}', 'position 10'],
    ['{"model" "m"}', 'position 9'],
    ['{"n":01}', 'position 6'],
    ['{"n":-}', 'position 5'],
    ['[1,]', 'position 3'],
    ['[,]', 'position 1'],
    ['[{}}', 'position 3'],
  ])('that is not JSON is refused with the position: %s', (body, place) => {
    expect(refusal(body)).toMatchObject({ code: 'invalid_request', message: expect.stringContaining(place) })
  })

  test.each([
    ['brackets that nothing closes', '['.repeat(100_000), 100_000],
    ['members that nothing closes', `{"model":"m","x":${'{"a":'.repeat(5000)}`, 25_017],
    ['a comma behind them', `{"x":${'['.repeat(20_000)}${']'.repeat(20_000)},}`, 40_006],
    ['commas alone', `[${','.repeat(1_000_000)}`, 1],
    ['the wrong bracket in their middle', `${'['.repeat(20_000)}}`, 20_000],
    ['a text that nothing closes', `{"x":"${'\\n'.repeat(500_000)}`, 1_000_006],
  ])('that is not JSON is refused with the position however deep or long it is: %s', (_, body, offset) => {
    expect(refusal(body)).toMatchObject({ code: 'invalid_request', message: expect.stringContaining(`position ${offset} (line 1, column ${offset + 1})`) })
  })

  test.each([
    [{ messages }, 'model', 'is required'],
    [{ model: 'm' }, 'messages', 'is required'],
    [{ model: 'm', messages: [] }, 'messages', 'fewer than 1'],
    [{ model: 7, messages }, 'model', 'must be string'],
    [{ model: 'm', messages: 'hi' }, 'messages', 'must be array'],
    [{ model: 'm', messages: [{ role: 'user' }, { content: 'x' }] }, 'messages[1].role', 'is required'],
    [{ model: 'm', messages: [{ role: 3 }] }, 'messages[0].role', 'must be string'],
    [{ model: 'm', messages, stream: 'yes' }, 'stream', 'must be boolean'],
    [{ model: 'm', messages, n: 0 }, 'n', 'must be >= 1'],
    [{ model: 'm', messages, temperature: 'hot' }, 'temperature', 'must be number'],
    [{ model: 'm', messages, stream_options: { include_usage: 1 } }, 'stream_options.include_usage', 'must be boolean'],
  ])('with a wrong field is refused by its name: %j', (body, param, problem) => {
    const error = refusal(JSON.stringify(body))
    expect(error).toMatchObject({ code: 'invalid_request', details: { param } })
    expect(error.message).toContain(`${param} `)
    expect(error.message).toContain(problem)
  })

  test('with many wrong fields is refused by the first of them', () => {
    const wrong = (elements: unknown[], more: object = {}) => refusal(JSON.stringify({ model: 'm', messages, ...more, tools: elements })).details.param
    const many = Array.from({ length: 100_000 }, () => ({}))
    expect(wrong([...many, 1, ...many, 2])).toBe('tools[100000]')
    expect(wrong([1, 2, 3], { messages: [...messages, 1, 2, 3] })).toBe('messages[1]')
    expect(wrong([1, 2, 3], { messages: 1, n: 0 })).toBe('messages')
  })

  test('that is no object is refused', () => {
    for (const body of ['[]', '1', 'null', '"text"']) expect(refusal(body).message).toBe('the body must be a JSON object')
  })
})
