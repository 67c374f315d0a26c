import { type Change, NO_TOKENS } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import type { GenerateRequest } from '../../provider.ts'
import { bytesOf, identity, request } from './fixtures/asking.ts'
import { geminiProvider } from './gemini.ts'

const asked: GenerateRequest = { ...request, endpoint: 'embeddings', model: 'models/gemini-embedding-001' }

function called(body: object) {
  const changes = new Changes()
  const call = geminiProvider(identity).native.embeddings!(bytesOf(body), asked, changes)
  return { call, path: call.path, sent: JSON.parse(Buffer.from(call.body).toString()) as unknown, changes: changes.list as readonly Change[] }
}
function answered(body: object, answer: unknown) {
  const { bytes, end } = called(body).call.answer(bytesOf(answer))
  return { given: JSON.parse(Buffer.from(bytes).toString()) as Record<string, unknown>, end }
}

describe('embeddings', () => {
  test('are asked for text by text', () => {
    expect(called({ model: 'x', input: ['Hello', 'World'], dimensions: 256, encoding_format: 'float', task_type: 'RETRIEVAL_QUERY', user: 'u' })).toMatchObject({
      path: '/models/gemini-embedding-001:batchEmbedContents',
      sent: {
        requests: ['Hello', 'World'].map(text => ({ model: 'models/gemini-embedding-001', content: { parts: [{ text }] }, outputDimensionality: 256, taskType: 'RETRIEVAL_QUERY' })),
      },
      changes: [{ kind: 'dropped', param: 'user' }],
    })
    expect(called({ input: 'Hello' }).sent).toEqual({ requests: [{ model: 'models/gemini-embedding-001', content: { parts: [{ text: 'Hello' }] } }] })
  })

  test.each([
    [[1, 2, 3], 'unsupported'],
    [[[1, 2], [3]], 'unsupported'],
    [Array.from({ length: 101 }, () => 'a'), 'unsupported'],
    [[], 'invalid_request'],
    [undefined, 'invalid_request'],
    [{ text: 'a' }, 'invalid_request'],
  ])('of %o are refused', (input, code) => {
    expect(() => called({ input })).toThrow(expect.objectContaining({ code, details: expect.objectContaining({ param: 'input' }) as unknown }))
  })

  test('are given in OpenAI’s shape, their tokens estimated from the text', () => {
    const { given, end } = answered({ input: ['12345', 'a'] }, { embeddings: [{ values: [0.5, -1] }, { values: [0, 1] }] })
    expect(given).toEqual({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0.5, -1] }, { object: 'embedding', index: 1, embedding: [0, 1] }],
      model: 'models/gemini-embedding-001',
      usage: { prompt_tokens: 3, total_tokens: 3 },
    })
    expect(end).toEqual({ usage: { ...NO_TOKENS, inputUncached: 3, source: 'estimated' }, nativeUsage: { prompt_tokens: 3, total_tokens: 3 }, natural: true })
  })

  test('count what Gemini counted, where it did', () => {
    expect(answered({ input: '12345' }, { embeddings: [{ values: [1] }], usageMetadata: { promptTokenCount: 9 } }).end.usage).toEqual({ ...NO_TOKENS, inputUncached: 9, source: 'final' })
  })

  test('are floats of 32 bits in base64 where that is asked for', () => {
    const { given } = answered({ input: 'a', encoding_format: 'base64' }, { embeddings: [{ values: [1, -0.5] }] })
    expect(given.data).toEqual([{ object: 'embedding', index: 0, embedding: Buffer.from(new Float32Array([1, -0.5]).buffer).toString('base64') }])
  })

  test.each([
    [{ embeddings: [] }, 'protocol'],
    [{ embeddings: [{ values: ['x'] }] }, 'protocol'],
    [{ error: { code: 429, message: 'slow', status: 'RESOURCE_EXHAUSTED' } }, 'rate'],
    ['{"embeddings":[', 'transport'],
    ['no JSON', 'protocol'],
  ])('are no answer: %o', (answer, failure) => {
    expect(() => answered({ input: 'a' }, answer)).toThrow(expect.objectContaining({ failure }))
  })
})
