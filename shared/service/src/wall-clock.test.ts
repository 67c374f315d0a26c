import { expect, onTestFinished, test, vi } from 'vitest'
import { wallClock } from './wall-clock.ts'

test('the time has fractions, never runs back by itself, and follows the system when that is set', () => {
  const times = Array.from({ length: 1000 }, () => wallClock())
  expect(times).toEqual(times.toSorted((a, b) => a - b))
  expect(times.some(time => !Number.isInteger(time))).toBe(true)
  expect(Math.abs(wallClock() - Date.now())).toBeLessThan(1000)
  const anHourAgo = Date.now() - 3_600_000
  vi.useFakeTimers({ toFake: ['Date'], now: anHourAgo })
  onTestFinished(() => void vi.useRealTimers())
  expect(wallClock()).toBe(anHourAgo)
})
