import { afterEach, expect, test, vi } from 'vitest'
import { startProcess } from './processes.ts'

const ECHO = 'shared/testing/src/fixtures/echo.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

test('a process gets its arguments and its own environment only', async () => {
  vi.stubEnv('SECRET', 'of the machine')
  await using echo = startProcess(ECHO, { args: ['one', 'two'], env: { GREETING: 'hello' } })
  expect(await echo.waitFor(/args .*\n/)).toBe('args one,two GREETING=hello SECRET=undefined\n')
})

test('it is asked to end and says how it did', async () => {
  const echo = startProcess(ECHO)
  await echo.waitFor('args')
  expect(await echo.stop()).toEqual({ code: 3, signal: null })
  expect(echo.output).toContain('leaving')
  expect(echo.running).toBe(false)
})

test('one that is frozen is woken to be stopped', async () => {
  const echo = startProcess(ECHO)
  await echo.waitFor('args')
  echo.kill('SIGSTOP')
  expect(await echo.stop()).toEqual({ code: 3, signal: null })
})

test('waiting fails at once when the process ends without the words', async () => {
  const echo = startProcess(ECHO)
  await echo.waitFor('args')
  echo.kill('SIGKILL')
  await expect(echo.waitFor('never said', 20_000)).rejects.toThrow(/ended without never said.*args/s)
  expect(await echo.exited).toEqual({ code: null, signal: 'SIGKILL' })
})
