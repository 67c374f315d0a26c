import { GatewayError } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { inputItems } from './input-items.ts'
import { itemsOf } from './record.ts'

const many = Array.from({ length: 30 }, (_, index) => ({ id: `msg_${index}`, type: 'message', role: 'user', content: [], status: 'completed' }))
const page = (query: object, input: Parameters<typeof inputItems>[0] = many) => inputItems(input, 'resp_1', query as Record<string, unknown>)
const ids = (query: object) => page(query).data.map(({ id }) => id)

describe('the input of a response', () => {
  test('is listed from its end, twenty at a time', () => {
    const first = page({})
    expect(first).toMatchObject({ object: 'list', first_id: 'msg_29', last_id: 'msg_10', has_more: true })
    expect(first.data).toHaveLength(20)
    expect(page({ after: 'msg_10' })).toMatchObject({ first_id: 'msg_9', last_id: 'msg_0', has_more: false })
  })

  test('is listed as the client wants it', () => {
    expect(ids({ order: 'asc', limit: '2' })).toEqual(['msg_0', 'msg_1'])
    expect(ids({ order: 'asc', limit: '2', after: 'msg_1' })).toEqual(['msg_2', 'msg_3'])
    expect(page({ order: 'asc', after: 'msg_29' })).toEqual({ object: 'list', data: [], first_id: null, last_id: null, has_more: false })
  })

  test.each([[{ limit: '0' }, 'limit'], [{ limit: '101' }, 'limit'], [{ limit: 'x' }, 'limit'], [{ order: 'up' }, 'order'], [{ after: 'nobody' }, 'after']])('is refused for %j', (query, param) => {
    const refused = (): unknown => {
      try {
        return page(query)
      } catch (thrown) {
        return thrown
      }
    }
    expect(refused()).toBeInstanceOf(GatewayError)
    expect(refused()).toMatchObject({ code: 'invalid_request', details: { param } })
  })

  test('is told in full, with the same ids every time', () => {
    const input = itemsOf([{ role: 'user', content: 'a' }, { role: 'assistant', content: 'b' }, { type: 'function_call_output', call_id: 'c', output: '1' }, { type: 'reasoning', id: 'rs_1', summary: [] }])
    const told = page({ order: 'asc' }, input)
    expect(told.data).toMatchObject([
      { id: expect.stringMatching(/^msg_[0-9a-f]{40}$/), type: 'message', role: 'user', status: 'completed', content: [{ type: 'input_text', text: 'a' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'b' }] },
      { id: expect.stringMatching(/^fco_/), status: 'completed', output: '1' },
      { id: 'rs_1', type: 'reasoning' },
    ])
    expect(new Set(told.data.map(({ id }) => id)).size).toBe(4)
    expect(page({ order: 'asc' }, input)).toEqual(told)
    expect(page({}, itemsOf('hi')).data).toMatchObject([{ role: 'user', content: [{ type: 'input_text', text: 'hi' }] }])
  })
})
