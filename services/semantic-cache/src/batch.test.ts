import { expect, test } from 'vitest'
import { Batch } from './batch.ts'

test('what is asked for in one moment goes together, and each gets its own', async () => {
  const asked: (readonly string[])[] = []
  const batch = new Batch({ count: 3, waitMs: 5 }, texts => {
    asked.push(texts)
    return Promise.resolve(texts.map(text => text.toUpperCase()))
  })
  expect(await Promise.all(['a', 'b', 'c', 'd'].map(text => batch.add(text)))).toEqual(['A', 'B', 'C', 'D'])
  expect(asked).toEqual([['a', 'b', 'c'], ['d']])
  expect(await batch.add('e')).toBe('E')
})

test('a failure reaches everybody who was in it, and nobody else', async () => {
  let fail = true
  const batch = new Batch({ count: 2, waitMs: 1 }, texts => (fail ? Promise.reject(new Error('no')) : Promise.resolve([...texts])))
  const both = await Promise.allSettled([batch.add('a'), batch.add('b')])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  fail = false
  expect(await batch.add('c')).toBe('c')
})
