import { NO_TOKENS } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import type { GenerateRequest } from '../../provider.ts'
import { openAiDialect } from './dialect.ts'
import { instanceOf } from './fixtures/wire.ts'

const request: GenerateRequest = { requestId: 'r', endpoint: 'embeddings', model: 'm', stream: false, includeUsage: false }

function asked(type: string, body: string) {
  const changes = new Changes()
  const call = openAiDialect(instanceOf(type)).native.embeddings!(Buffer.from(body), request, changes)
  return { call, sent: Buffer.from(call.body).toString(), notes: changes.list.map(({ kind, param, to }) => [kind, param, to].filter(word => word !== undefined).join(' ')) }
}
const answered = (embedding: unknown, more: object = {}) => ({ object: 'list', data: [{ object: 'embedding', index: 0, embedding }], model: 'm-1', usage: { prompt_tokens: 3, total_tokens: 3 }, ...more })
const numbers = [0.5, -2, 0]
const base64 = 'AAAAPwAAAMAAAAAA'

describe('a request for embeddings', () => {
  test('passes untouched but for the model', () => {
    const body = '{ "model":"x", "input":[ "a","b" ], "dimensions":5, "encoding_format":"base64", "z":1.0 }'
    for (const type of ['openai', 'ollama', 'vllm', 'openrouter']) expect(asked(type, body)).toMatchObject({ sent: body.replace('"x"', '"m"'), notes: [] })
  })

  test('has at Mistral another word for its dimensions, and no format', () => {
    const { sent, notes } = asked('mistral', '{"model":"x","input":"a","dimensions":5,"encoding_format":"base64","user":"u"}')
    expect(sent).toBe('{"model":"m","input":"a","output_dimension":5}')
    expect(notes).toEqual(['dropped user', 'renamed dimensions output_dimension'])
  })

  test.each([
    ['openai', 2048],
    ['azure', 2048],
    ['mistral', 256],
    ['cohere', 96],
    ['zai', 64],
  ])('to %s may have %i inputs', (type, most) => {
    const of = (count: number) => JSON.stringify({ model: 'x', input: Array.from({ length: count }, () => 'a') })
    expect(asked(type, of(most)).notes).toEqual([])
    expect(() => asked(type, of(most + 1))).toThrow(expect.objectContaining({ code: 'unsupported', status: 400, details: { param: 'input', provider: type } }))
    expect(asked(type, JSON.stringify({ model: 'x', input: Array.from({ length: most + 1 }, () => 1) })).notes).toEqual([])
  })
})

describe('an answer of embeddings', () => {
  const read = (body: string, answer: unknown, type = 'openai') => {
    const { bytes, end } = asked(type, body).call.answer(Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer)))
    return { text: Buffer.from(bytes).toString(), end }
  }
  const spent = { usage: { ...NO_TOKENS, inputUncached: 3, source: 'final' }, nativeUsage: { prompt_tokens: 3, total_tokens: 3 }, natural: true }

  test('passes byte for byte, and its usage is read', () => {
    const answer = ' { "data":[ {"embedding":[0.10, 1e-3],"index":0} ], "usage":{"prompt_tokens":3,"total_tokens":3} }\n'
    expect(read('{"input":"a"}', answer)).toEqual({ text: answer, end: spent })
    const packed = JSON.stringify(answered(base64))
    expect(read('{"input":"a","encoding_format":"base64"}', packed)).toEqual({ text: packed, end: spent })
  })

  test('is written as the client asked, whatever the provider knows', () => {
    expect(JSON.parse(read('{"input":"a","encoding_format":"base64"}', answered(numbers), 'mistral').text)).toEqual(answered(base64))
    expect(JSON.parse(read('{"input":"a"}', answered(base64)).text)).toEqual(answered(numbers))
  })

  test('may count only in total, or hold nothing', () => {
    expect(read('{}', answered(numbers, { usage: { total_tokens: 3 } })).end.usage).toEqual(spent.usage)
    expect(read('{}', { data: [] })).toEqual({ text: '{"data":[]}', end: { natural: true } })
  })

  test.each([
    ['{"error":{"message":"x","code":429}}', 'rate'],
    ['{"object":"list"}', 'protocol'],
    ['{"data":null}', 'protocol'],
    ['{"message":"x","code":503}', 'overload'],
    ['{"data":[{"embedding":[1', 'transport'],
    ['<html>', 'protocol'],
  ])('is none when it reads %s', (answer, failure) => {
    expect(() => read('{}', answer)).toThrow(expect.objectContaining({ failure }))
  })
})
