import { describe, expect, test } from 'vitest'
import { dispatched, type Dispatch } from './dispatch.ts'

const never = () => new Promise<never>(() => {})
const run = (dispatch: Partial<Dispatch>, ways: { look: () => Promise<string | undefined>; call: (signal: AbortSignal) => Promise<string> }) => {
  const dropped: string[] = []
  const signals: AbortSignal[] = []
  const call = (signal: AbortSignal) => {
    signals.push(signal)
    return ways.call(signal)
  }
  const result = dispatched({ mode: 'race', hedgeMs: 1, ...dispatch }, { look: ways.look, call, drop: late => dropped.push(late) }, new AbortController().signal)
  return { result, signals, dropped }
}
const hit = () => Promise.resolve('hit')
const miss = () => Promise.resolve(undefined)

describe('waiting', () => {
  test('calls nobody when the cache knows', async () => {
    const { result, signals } = run({ mode: 'wait' }, { look: hit, call: never })
    expect(await result).toEqual({ hit: 'hit' })
    expect(signals).toHaveLength(0)
  })

  test('calls when it does not', async () => {
    expect(await run({ mode: 'wait' }, { look: miss, call: () => Promise.resolve('answer') }).result).toEqual({ called: 'answer' })
  })
})

describe('a hedge', () => {
  test('calls nobody when the cache is in time', async () => {
    const { result, signals } = run({ mode: 'hedge', hedgeMs: 10_000 }, { look: hit, call: never })
    expect(await result).toEqual({ hit: 'hit' })
    expect(signals).toHaveLength(0)
  })

  test('calls when the cache is late, and takes what comes first', async () => {
    expect(await run({ mode: 'hedge' }, { look: never, call: () => Promise.resolve('answer') }).result).toEqual({ called: 'answer' })
    const late = Promise.withResolvers<string>()
    const { result, signals } = run({ mode: 'hedge' }, { look: () => late.promise, call: never })
    await expect.poll(() => signals.length, { timeout: 5000, interval: 2 }).toBe(1)
    late.resolve('hit')
    expect(await result).toEqual({ hit: 'hit' })
    expect(signals[0]!.aborted).toBe(true)
  })
})

describe('a race', () => {
  test('aborts the call that the cache overtakes, and tells of one that was too late to abort', async () => {
    const calling = Promise.withResolvers<string>()
    const { result, signals, dropped } = run({}, { look: hit, call: () => calling.promise })
    expect(await result).toEqual({ hit: 'hit' })
    expect(signals[0]!.aborted).toBe(true)
    calling.resolve('late')
    await expect.poll(() => dropped, { timeout: 5000, interval: 2 }).toEqual(['late'])
  })

  test('takes the answer when it comes first, or when the cache knows nothing', async () => {
    const { result, signals } = run({}, { look: never, call: () => Promise.resolve('answer') })
    expect(await result).toEqual({ called: 'answer' })
    expect(signals[0]!.aborted).toBe(false)
    expect(await run({}, { look: miss, call: () => Promise.resolve('answer') }).result).toEqual({ called: 'answer' })
  })

  test('that the provider loses by failing is won by the cache, and lost when that knows nothing', async () => {
    const late = Promise.withResolvers<string | undefined>()
    const { result } = run({}, { look: () => late.promise, call: () => Promise.reject(new Error('down')) })
    late.resolve('hit')
    expect(await result).toEqual({ hit: 'hit' })
    await expect(run({}, { look: miss, call: () => Promise.reject(new Error('down')) }).result).rejects.toThrow('down')
  })
})
