import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { freePort, until } from './wait.ts'

test('a check that comes true gives its value', async () => {
  let looks = 0
  expect(await until(() => ++looks > 2 && 'there', { what: 'the third look' })).toBe('there')
})

test('a check that never comes true is named with what it last gave', async () => {
  await expect(until(() => 0, { what: 'a number', timeoutMs: 30 })).rejects.toThrow('waited 30 ms in vain for a number: the last check gave 0')
})

test('a check that throws counts as not yet, and its error is told at the end', async () => {
  let looks = 0
  const shaky = (): boolean => {
    if (++looks < 3) throw new Error('too early')
    return true
  }
  expect(await until(shaky, { what: 'calm' })).toBe(true)
  await expect(until(() => Promise.reject(new Error('still no')), { what: 'calm', timeoutMs: 20 })).rejects.toThrow('still no')
})

test('nobody listens on a free port', async () => {
  const port = await freePort()
  const refused = new Promise((resolve) => {
    connect({ host: '127.0.0.1', port }).once('error', (error) => resolve((error as NodeJS.ErrnoException).code))
  })
  expect(await refused).toBe('ECONNREFUSED')
})
