import { describe, expect, test } from 'vitest'
import { simulatorWith } from '../fixtures/simulator.ts'

interface Answer {
  readonly data: readonly { readonly index: number; readonly embedding: number[] | string }[]
  readonly model: string
  readonly usage: object
}

const MODEL = 'simulated-embedding-hashed-ngrams'

async function embeddingsOf(input: unknown, more: object = {}): Promise<Answer> {
  const { post } = await simulatorWith()
  return (await (await post('/embeddings', { model: MODEL, input, ...more })).json()) as Answer
}

const vectorsOf = async (input: unknown, more: object = {}): Promise<number[][]> => (await embeddingsOf(input, more)).data.map(({ embedding }) => embedding as number[])

const product = (a: number[] = [], b: number[] = []): number => a.reduce((sum, value, index) => sum + value * (b[index] ?? NaN), 0)

describe('simulated embeddings', () => {
  test('are nearer for texts that share words than for those that do not', async () => {
    const [question, reworded, reordered, other] = await vectorsOf([
      'How do I reset my password?',
      'How can I reset the password of my account?',
      'My password: how do I reset it?',
      'The train to Kraków leaves at noon.',
    ])
    for (const near of [reworded, reordered]) {
      expect(product(question, near)).toBeGreaterThan(0.5)
      expect(product(question, near)).toBeGreaterThan(product(question, other) + 0.3)
    }
    expect(Math.abs(product(question, other))).toBeLessThan(0.25)
  })

  test.each([1, 8, 512, 3072])('have the %i dimensions that are asked for, and the length one', async dimensions => {
    const [vector] = await vectorsOf('a few words', { dimensions })
    expect(vector).toHaveLength(dimensions)
    expect(product(vector, vector)).toBeCloseTo(1, 5)
  })

  test('are the same in base64', async () => {
    const input = ['first', 'second', '!', ' ']
    const floats = await vectorsOf(input)
    const { data } = await embeddingsOf(input, { encoding_format: 'base64' })
    const decoded = data.map(({ embedding }) => {
      const bytes = Buffer.from(embedding as string, 'base64')
      return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readFloatLE(index * 4))
    })
    expect(decoded).toEqual(floats)
    expect(floats.map(({ length }) => length)).toEqual([512, 512, 512, 512])
  })

  test('name their model, count their tokens and keep the order', async () => {
    const { data, model, usage } = await embeddingsOf(['12345', '1234'])
    expect(model).toBe(MODEL)
    expect(data.map(({ index }) => index)).toEqual([0, 1])
    expect(usage).toEqual({ prompt_tokens: 3, total_tokens: 3 })
    expect((await vectorsOf('1234'))[0]).toEqual(data[1]?.embedding)
  })

  test('take token numbers, for one text or for several', async () => {
    const [one] = await vectorsOf([101, 102, 103])
    const several = await vectorsOf([[101, 102, 103], [7]])
    expect(several).toHaveLength(2)
    expect(several[0]).toEqual(one)
    expect((await embeddingsOf([101, 102, 103])).usage).toEqual({ prompt_tokens: 3, total_tokens: 3 })
  })

  test.each([
    ['input', {}],
    ['input', { input: '' }],
    ['input', { input: [] }],
    ['input', { input: Array.from({ length: 2049 }, () => 'x') }],
    ['input', { input: 'x'.repeat(4 * 8193) }],
    ['input', { input: Array.from({ length: 40 }, () => 'x'.repeat(4 * 8000)) }],
    ['input[1]', { input: ['a', 3.5] }],
    ['dimensions', { input: 'a', dimensions: 0 }],
    ['encoding_format', { input: 'a', encoding_format: 'int8' }],
    ['model', { input: 'a', model: 'simulated-chat' }],
  ])('refuse a wrong %s', async (param, body) => {
    const { post } = await simulatorWith()
    const answer = await post('/embeddings', { model: MODEL, ...body })
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { param, type: 'invalid_request_error' } }])
  })
})
