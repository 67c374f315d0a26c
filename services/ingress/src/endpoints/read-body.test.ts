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
  ])('that is not JSON is refused with the position: %s', (body, place) => {
    expect(refusal(body)).toMatchObject({ code: 'invalid_request', message: expect.stringContaining(place) })
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

  test('that is no object is refused', () => {
    for (const body of ['[]', '1', 'null', '"text"']) expect(refusal(body).message).toBe('the body must be a JSON object')
  })
})
