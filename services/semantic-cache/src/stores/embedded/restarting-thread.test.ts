import { expect, onTestFinished, test } from 'vitest'
import { RestartingThread } from './restarting-thread.ts'

function threadOf(program: string, timeoutMs = 20_000): RestartingThread {
  const thread = new RestartingThread({
    program: new URL(`../fixtures/${program}`, import.meta.url),
    data: { file: ':memory:', limitBytes: 1, sweepMs: 1000 },
    timeoutMs,
    onDamage: () => undefined,
  })
  onTestFinished(() => thread.close())
  return thread
}

test('a thread that dies fails what it was asked, and is started and opened again by the next call', async () => {
  const thread = threadOf('mortal-thread.ts')
  expect(await thread.open(7)).toBe(7)
  const first = await thread.call('number', [])
  const waiting = Promise.allSettled([thread.call('die', []), thread.call('number', [])])
  for (const { status, ...rest } of await waiting) expect({ status, ...rest }).toMatchObject({ status: 'rejected', reason: { message: 'its thread ended' } })
  const second = await thread.call('number', [])
  expect(second).toEqual(expect.any(Number))
  expect(second).not.toBe(first)
})

test('a call that is not known, and one before it is open, are failures and nothing more', async () => {
  const thread = threadOf('mortal-thread.ts')
  await expect(thread.call('number', [])).rejects.toThrow('it is not open')
  await thread.open(1)
  await expect(thread.call('unheard of', [])).rejects.toThrow('unforeseen')
  expect(await thread.call('number', [])).toEqual(expect.any(Number))
})
