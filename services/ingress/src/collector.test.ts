import { assert, array, property, uint8Array } from 'fast-check'
import { expect, test } from 'vitest'
import { Collector, CollectorBudget } from './collector.ts'

test('keeps every byte in order, whatever the pieces, and gives all memory back', () => {
  assert(property(array(uint8Array({ maxLength: 5000 })), pieces => {
    const budget = new CollectorBudget({ maxEntryBytes: 1024 * 1024, maxTotalBytes: 4 * 1024 * 1024 })
    const collector = new Collector(budget)
    for (const piece of pieces) collector.add(piece)
    expect(collector.bytes?.equals(Buffer.concat(pieces))).toBe(true)
    collector.release()
    expect(budget.take(4 * 1024 * 1024)).toBe(true)
  }))
})

test('gives up an answer that is larger than an entry may be, and stays given up', () => {
  const budget = new CollectorBudget({ maxEntryBytes: 10_000, maxTotalBytes: 16_384 })
  const collector = new Collector(budget)
  collector.add(Buffer.alloc(10_000))
  expect(collector.bytes?.length).toBe(10_000)
  for (let more = 0; more < 2; more++) {
    expect(collector.add(Buffer.alloc(1))).toBe(false)
    expect(collector.bytes).toBeUndefined()
    expect(collector.kept.length).toBe(10_000)
  }
  collector.release()
  expect(budget.take(16_384)).toBe(true)
})

test('gives up an answer for which all answers together leave no room', () => {
  const budget = new CollectorBudget({ maxEntryBytes: 10_000, maxTotalBytes: 4096 })
  const [first, second, third] = [new Collector(budget), new Collector(budget), new Collector(budget)]
  for (const collector of [first, second, third]) collector.add(Buffer.alloc(100))
  expect([first, second, third].map(collector => collector.bytes?.length)).toEqual([100, 100, undefined])
  first.release()
  const fourth = new Collector(budget)
  fourth.add(Buffer.alloc(100))
  expect(fourth.bytes?.length).toBe(100)
})

test('keeps an answer that comes whole without a copy, and counts what it takes', () => {
  const budget = new CollectorBudget({ maxEntryBytes: 1000, maxTotalBytes: 1500 })
  const [first, second] = [new Collector(budget), new Collector(budget)]
  const answer = Buffer.alloc(1000, 'a')
  expect([first.add(answer, true), second.add(answer, true)]).toEqual([true, false])
  expect(first.bytes?.buffer).toBe(answer.buffer)
  expect([first.bytes?.length, second.bytes]).toEqual([1000, undefined])
  first.release()
  second.release()
  expect(budget.take(1500)).toBe(true)
})
