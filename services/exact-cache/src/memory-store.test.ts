import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { until } from '@gomodel/testing'
import { describe, expect, test } from 'vitest'
import { ANSWER, bytesOf, entryOf } from './fixtures/entries.ts'
import { ENTRY_OVERHEAD_BYTES, MemoryStore } from './memory-store.ts'
import type { Entry, Found } from './store.ts'

const KIB = 1024

const storeWith = (more: { limitBytes?: number; ttlMs?: number } = {}) => new MemoryStore({ limitBytes: 1024 * KIB, ttlMs: 60_000, ...more })

const hit = (found: Found): Entry => {
  if (typeof found === 'string') throw new Error(`it is a ${found}`)
  return found
}

describe('answers in memory', () => {
  test('are found again, and nothing else is', () => {
    const store = storeWith()
    expect(store.find('a')).toBe('miss')
    expect(store.keep('a', entryOf('body'))).toBe(true)
    expect(hit(store.find('a'))).toEqual(entryOf('body'))
    expect(store.find('b')).toBe('miss')
  })

  test('are read once, and cannot be changed by one for the next; long ones are read each time', () => {
    const store = storeWith()
    const nativeUsage = { total_tokens: 5, details: { cached: 1 } }
    store.keep('short', { ...entryOf('body'), answer: { ...ANSWER, nativeUsage } })
    const first = hit(store.find('short')).answer
    expect(hit(store.find('short')).answer).toBe(first)
    expect(() => Object.assign(first.nativeUsage!.details as object, { cached: 9 })).toThrow('read only')
    expect(hit(store.find('short')).answer).toEqual({ ...ANSWER, nativeUsage })
    store.keep('long', { ...entryOf('body'), answer: { ...ANSWER, nativeUsage: { said: 'x'.repeat(1024) } } })
    expect(hit(store.find('long')).answer).not.toBe(hit(store.find('long')).answer)
    expect(hit(store.find('long')).answer).toEqual(hit(store.find('long')).answer)
  })

  test('are replaced by what is kept later', () => {
    const store = storeWith()
    store.keep('a', entryOf(bytesOf(100 * KIB)))
    store.keep('a', entryOf('later'))
    expect(hit(store.find('a')).body.toString()).toBe('later')
    expect(store.entries).toBe(1)
    expect(store.bytes).toBeLessThan(3 * KIB)
  })

  test('never take more than the limit, whatever their size', () => {
    const store = storeWith()
    for (const size of [0, 100, 10 * KIB, 300 * KIB]) {
      for (let index = 0; index < 2000; index++) {
        store.keep(`${size}-${index}`, entryOf(Buffer.alloc(size)))
        expect(store.bytes).toBeLessThanOrEqual(1024 * KIB)
      }
      // The blocks of the one that comes are taken before others go.
      expect(store.reservedBytes).toBeLessThanOrEqual(2 * 1024 * KIB)
      expect(store.bytes).toBeGreaterThan(512 * KIB)
      expect(store.entries).toBeLessThanOrEqual((1024 * KIB) / (size + ENTRY_OVERHEAD_BYTES))
    }
  })

  test('that are larger than the limit are not kept, and leave nothing behind', () => {
    const store = storeWith()
    const large = entryOf(Buffer.alloc(1024 * KIB))
    store.keep('a', entryOf('small'))
    for (let index = 0; index < 50; index++) store.keep('a', large)
    expect([store.find('a'), store.entries, store.bytes]).toEqual(['miss', 0, 0])
    expect(store.reservedBytes).toBeLessThanOrEqual(1024 * KIB)
  })

  test('go when they were not asked for the longest', () => {
    const store = storeWith()
    for (const key of ['a', 'b', 'c']) store.keep(key, entryOf(bytesOf(300 * KIB)))
    store.find('a')
    store.keep('d', entryOf(bytesOf(300 * KIB)))
    expect(['a', 'b', 'c', 'd'].filter(key => store.find(key) !== 'miss')).toEqual(['a', 'c', 'd'])
  })

  test('count with what stands beside their bytes', () => {
    const store = storeWith()
    const nativeUsage = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`field_${index}`, index]))
    store.keep('a', { answer: { ...ANSWER, nativeUsage }, body: Buffer.alloc(0) })
    expect(store.bytes).toBeGreaterThan(JSON.stringify(nativeUsage).length)
  })

  test('are a miss when their time is over', async () => {
    const store = storeWith({ ttlMs: 50 })
    store.keep('a', entryOf('body'))
    expect(store.find('a')).not.toBe('miss')
    await until(() => store.find('a') === 'miss', { what: 'the end of its time' })
    expect(store.entries).toBe(0)
  })

  test('are copies that hold on to nothing larger', async () => {
    const store = storeWith()
    const whole = new WeakRef(keepPartOfMessage(store))
    // Until the end of this turn the reference itself keeps it.
    await nextTurn()
    collectGarbage()
    expect(whole.deref()).toBeUndefined()
    expect(Buffer.from(hit(store.find('a')).body).toString()).toBe('x'.repeat(100))
  })

  test('are given as copies: what becomes of one changes no other', () => {
    const store = storeWith()
    keepPartOfMessage(store).fill(0)
    hit(store.find('a')).body.fill(0)
    expect(Buffer.from(hit(store.find('a')).body).toString()).toBe('x'.repeat(100))
  })
})

/** Keeps 100 bytes of a message of 512 KB, and gives the memory of that message. */
function keepPartOfMessage(store: MemoryStore): Uint8Array {
  const message = Buffer.alloc(512 * KIB, 'x')
  store.keep('a', { answer: ANSWER, body: message.subarray(1000, 1100) })
  return message
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
}
