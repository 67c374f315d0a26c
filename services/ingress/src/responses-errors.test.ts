import { GatewayError } from '@gomodel/contracts'
import { expect, test } from 'vitest'
import { responsesErrors } from './responses-errors.ts'

const error = new GatewayError('stream_broken', 'openai broke its answer off', { provider: 'openai' })
const event = (last: string | undefined) => responsesErrors.event(error, 'r', last === undefined ? undefined : Buffer.from(last))
const said = { code: 'stream_broken', message: 'openai broke its answer off', param: null }
const told = (number: number) => `event: error\ndata: ${JSON.stringify({ type: 'error', sequence_number: number, ...said, error: { message: said.message, type: 'provider_error', param: null, code: said.code } })}\n\n`

test.each<[string, string | undefined, string]>([
  ['nothing came', undefined, told(0)],
  ['an event came', 'data: {"type":"a","sequence_number":7}\n\n', told(8)],
  ['several came', 'data: {"sequence_number":11}\n\ndata: {"sequence_number": 12,"delta":"x"}\n\n', told(13)],
  ['a text spoke of numbers', 'data: {"sequence_number":3,"delta":"\\"sequence_number\\":99"}\n\n', told(4)],
  ['an event ends as the provider likes', 'data: {"sequence_number":3}\r\n\r\n', told(4)],
  ['an event was cut', 'data: {"sequence_number":3,"del', `\n\n${told(4)}`],
])('an error inside a stream has the next number when %s', (_, last, expected) => {
  expect(event(last)).toBe(expected)
})

test('an error before the stream is one of OpenAI’s', () => {
  expect([responsesErrors.status(error), responsesErrors.body(error, 'r')]).toEqual([502, { error: { ...said, type: 'provider_error' } }])
})
