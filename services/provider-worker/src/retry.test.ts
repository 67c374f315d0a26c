import { describe, expect, test } from 'vitest'
import { type Failure, ProviderError } from './provider.ts'
import { backoffMs, withRetries } from './retry.ts'
import { RetryBudget } from './retry-budget.ts'
import { retryAfterMs } from './retry-after.ts'

const settings = { maxRetries: 2, initialBackoffMs: 200, maxBackoffMs: 500 }
const failure = (kind: Failure, retryAfter?: number): ProviderError => new ProviderError(kind, 'provider_failed', kind, { retryAfterMs: retryAfter })
const always = (random: number) => ({ settings, random: () => random })

describe('another try', () => {
  test('waits a random part of a time that doubles up to its limit', () => {
    const waits = [0, 1, 2, 3].map(tries => backoffMs(failure('overload'), tries, { settings: { ...settings, maxRetries: 9 }, random: () => 1 }))
    expect(waits).toEqual([200, 400, 500, 500])
    expect(backoffMs(failure('transport'), 0, always(0.5))).toBe(100)
    expect(backoffMs(failure('rate'), 0, always(0))).toBe(0)
  })

  test.each(['protocol', 'timeout', 'key', 'caller', 'cancelled'] as const)('is not made after a failure of kind %s', kind => {
    expect(backoffMs(failure(kind), 0, always(1))).toBeUndefined()
  })

  test('is made once where the model misspoke', () => {
    expect(backoffMs(failure('misspoke'), 0, always(1))).toBe(200)
    expect(backoffMs(failure('misspoke'), 1, always(1))).toBeUndefined()
    expect(backoffMs(failure('misspoke'), 0, { settings: { ...settings, maxRetries: 0 }, random: () => 1 })).toBeUndefined()
  })

  test('is not made once the client saw content', () => {
    expect(backoffMs(new ProviderError('transport', 'stream_broken', ''), 0, always(1))).toBeUndefined()
  })

  test('waits as long as the provider asks, up to two seconds', () => {
    expect(backoffMs(failure('rate', 2000), 0, always(1))).toBe(2000)
    expect(backoffMs(failure('overload', 50), 0, always(1))).toBe(200)
    expect(backoffMs(failure('rate', 2001), 0, always(1))).toBeUndefined()
  })

  test('is made until the retries are used up, and the last failure is the one told', async () => {
    const seen: (string | undefined)[] = []
    const run = withRetries(
      lastFailure => {
        seen.push(lastFailure?.message)
        return Promise.reject(new ProviderError('overload', 'provider_failed', `try ${seen.length}`))
      },
      { ...always(0), budget: new RetryBudget(), signal: new AbortController().signal, onRetry: () => undefined },
    )
    await expect(run).rejects.toThrow('try 3')
    expect(seen).toEqual([undefined, 'try 1', 'try 2'])
  })

  test('is made for at most a tenth of the requests, after the first few, while everything fails', async () => {
    const budget = new RetryBudget()
    let tries = 0
    for (let i = 0; i < 1000; i++) {
      const run = withRetries(() => Promise.reject(failure('overload', ++tries && 0)), { settings: { maxRetries: 2, initialBackoffMs: 0, maxBackoffMs: 0 }, random: () => 0, budget, signal: new AbortController().signal, onRetry: () => undefined })
      await expect(run).rejects.toThrow('overload')
    }
    expect(tries).toBeGreaterThan(1100)
    expect(tries).toBeLessThanOrEqual(1110)
  })

  test('is not waited for when the caller leaves', async () => {
    const leaving = new AbortController()
    const hour = { maxRetries: 2, initialBackoffMs: 3_600_000, maxBackoffMs: 3_600_000 }
    const run = withRetries(() => Promise.reject(failure('overload')), {
      settings: hour,
      budget: new RetryBudget(),
      random: () => 1,
      signal: leaving.signal,
      onRetry: () => leaving.abort(),
    })
    await expect(run).rejects.toMatchObject({ code: 'cancelled' })
  })

  test('is not made after what is no failure of a provider', async () => {
    const run = withRetries(() => Promise.reject(new TypeError('a bug')), { ...always(0), budget: new RetryBudget(), signal: new AbortController().signal, onRetry: () => undefined })
    await expect(run).rejects.toThrow('a bug')
  })
})

describe('Retry-After', () => {
  const now = Date.parse('2026-11-22T10:00:00Z')
  test.each([
    [{ 'retry-after': '3' }, 3000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after': 'Sun, 22 Nov 2026 10:00:07 GMT' }, 7000],
    [{ 'retry-after': '9', 'retry-after-ms': '120' }, 120],
    [{ 'retry-after': '9', 'retry-after-ms': '-1' }, 9000],
    [{ 'retry-after': ['4', '5'] }, 4000],
    [{ 'retry-after': '0' }, undefined],
    [{ 'retry-after': '-1' }, undefined],
    [{ 'retry-after': 'Sun, 22 Nov 2026 09:00:00 GMT' }, undefined],
    [{ 'retry-after': 'soon' }, undefined],
    [{}, undefined],
  ])('%o is %s ms', (headers, expected) => {
    expect(retryAfterMs(headers, now)).toBe(expected)
  })
})
