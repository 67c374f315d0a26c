import { expect, test } from 'vitest'
import { Batch } from './batch.ts'

test('what is asked for in one moment goes together, for the first who asked, and each gets its own', async () => {
  const asked: (readonly [readonly string[], number])[] = []
  const batch = new Batch<string, number>({ count: 3, waitMs: 5 }, (texts, first) => {
    asked.push([texts, first])
    return Promise.resolve(texts.map(text => text.toUpperCase()))
  })
  expect(await Promise.all(['a', 'b', 'c', 'd'].map((text, place) => batch.add(text, place)))).toEqual(['A', 'B', 'C', 'D'])
  expect(asked).toEqual([[['a', 'b', 'c'], 0], [['d'], 3]])
  expect(await batch.add('e', 4)).toBe('E')
})

test('a failure reaches everybody who was in it, and nobody else', async () => {
  let fail = true
  const batch = new Batch<string, undefined>({ count: 2, waitMs: 1 }, texts => (fail ? Promise.reject(new Error('no')) : Promise.resolve([...texts])))
  const both = await Promise.allSettled([batch.add('a', undefined), batch.add('b', undefined)])
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  fail = false
  expect(await batch.add('c', undefined)).toBe('c')
})
