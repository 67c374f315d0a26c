import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { TurnQueue } from './turn-queue.ts'

test('the first of a turn runs at once, the others in their order at its end', async () => {
  const queue = new TurnQueue()
  const ran: number[] = []
  for (const job of [1, 2, 3]) queue.run(() => ran.push(job))
  expect(ran).toEqual([1])
  await nextTurn()
  expect(ran).toEqual([1, 2, 3])
  queue.run(() => ran.push(4))
  expect(ran).toEqual([1, 2, 3, 4])
})

test('after a busy turn the first waits as well, until a turn was quiet', async () => {
  const queue = new TurnQueue()
  const ran: number[] = []
  const add = (job: number): void => queue.run(() => ran.push(job))
  for (const job of [1, 2, 3, 4, 5]) add(job)
  await nextTurn()
  add(6)
  expect(ran).toEqual([1, 2, 3, 4, 5])
  await nextTurn()
  expect(ran).toEqual([1, 2, 3, 4, 5, 6])
  add(7)
  expect(ran).toEqual([1, 2, 3, 4, 5, 6, 7])
})

test('what a job queues runs in a later turn', async () => {
  const queue = new TurnQueue()
  const ran: string[] = []
  queue.run(() => {
    ran.push('outer')
    queue.run(() => ran.push('inner'))
  })
  expect(ran).toEqual(['outer'])
  await nextTurn()
  expect(ran).toEqual(['outer', 'inner'])
})
