import { describe, expect, test } from 'vitest'
import { vectorsIn } from './embedding-answer.ts'

const body = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
const base64 = (...values: number[]): string => Buffer.from(Float32Array.from(values).buffer).toString('base64')

describe('an answer of an embedder', () => {
  test('gives vectors of length 1 in the order of the texts, in either form', () => {
    const vectors = vectorsIn(body({ data: [{ index: 1, embedding: base64(0, 2) }, { index: 0, embedding: [3, 4] }] }), 2)
    expect(vectors.map(vector => [...vector].map(value => Number(value.toFixed(3))))).toEqual([[0.6, 0.8], [0, 1]])
  })

  test.each([
    ['too few', { data: [{ index: 0, embedding: [1] }] }],
    ['none', { data: [] }],
    ['zeros', { data: [{ embedding: [0, 0] }, { embedding: [1, 0] }] }],
    ['words', { data: [{ embedding: ['a'] }, { embedding: [1] }] }],
    ['two for one text', { data: [{ index: 0, embedding: [1] }, { index: 0, embedding: [1] }] }],
    ['an error', { error: { message: 'no' } }],
  ])('is refused with %s', (_, answer) => {
    expect(() => vectorsIn(body(answer), 2)).toThrow(/the embedder/)
  })
})
