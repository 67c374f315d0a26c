import { GCProfiler, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { PassingMap } from './passing-map.ts'

const UNDER_WAY = 64
const MIB = 1024 * 1024

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

interface Entries {
  add(key: string, value: object): unknown
  delete(key: string, value: object): unknown
}

const passing = (map = new PassingMap<string, object>()): Entries => ({ add: (key, value) => map.set(key, value), delete: key => map.delete(key) })
const plain = (map = new Map<string, object>()): Entries => ({ add: (key, value) => map.set(key, value), delete: key => map.delete(key) })
const set = (values = new Set<object>()): Entries => ({ add: (_, value) => values.add(value), delete: (_, value) => values.delete(value) })

/** What outlived collections of young objects, in bytes, and how many of these there were, and of the whole heap. */
function keptBy(entries: Entries): { bytes: number; young: number; whole: number } {
  const underWay: object[] = []
  const come = (at: number, value: object): void => {
    entries.add(`request ${at}`, value)
    underWay[at % UNDER_WAY] = value
  }
  for (let at = 0; at < UNDER_WAY; at++) come(at, {})
  // As in a process that runs for a while: the table is old.
  collect()
  collect()
  const profiler = new GCProfiler()
  profiler.start()
  for (let at = UNDER_WAY; at < 30_000; at++) {
    const going = underWay[at % UNDER_WAY]!
    come(at, Array.from({ length: 400 }, (_, index) => ({ index })))
    entries.delete(`request ${at - UNDER_WAY}`, going)
  }
  let bytes = 0
  let young = 0
  let whole = 0
  let before: number | undefined
  for (const { gcType, afterGC } of profiler.stop()!.statistics) {
    const used = afterGC.heapStatistics.usedHeapSize
    if (gcType === 'Scavenge') young++
    else whole++
    // A collection of the whole heap takes away what was kept until then.
    if (gcType === 'Scavenge' && before !== undefined) bytes += Math.max(0, used - before)
    before = gcType === 'Scavenge' ? used : undefined
  }
  return { bytes, young, whole }
}

describe('a map of what stays a moment', () => {
  test('is a map', () => {
    const map = new PassingMap<string, { at: number }>()
    map.set('a', { at: 1 })
    map.set('b', { at: 2 })
    map.set('a', { at: 3 })
    expect([map.size, map.has('a'), map.get('a'), map.get('c')]).toEqual([2, true, { at: 3 }, undefined])
    expect([...map]).toEqual([['a', { at: 3 }], ['b', { at: 2 }]])
    expect([map.delete('a'), map.delete('a'), map.has('a'), map.size]).toEqual([true, false, false, 1])
    expect([[...map.keys()], [...map.values()]]).toEqual([['b'], [{ at: 2 }]])
  })

  test('may lose entries while somebody goes through it', () => {
    const map = new PassingMap<number, { at: number }>()
    for (let at = 0; at < 5; at++) map.set(at, { at })
    const seen: number[] = []
    for (const { at } of map.values()) {
      seen.push(at)
      map.delete(at + 1)
    }
    expect(seen).toEqual([0, 2, 4])
  })

  test('keeps nothing of what is gone', () => {
    const { bytes, young, whole } = keptBy(passing())
    expect(bytes).toBeLessThan(8 * MIB)
    expect(young).toBeGreaterThan(3)
    expect(whole).toBe(0)
  })

  // Once these fail, V8 has mended it, and a plain Map will do.
  test.each([['Map', plain], ['Set', set]])('a plain %s keeps what is gone until the whole heap is collected', (_, entries) => {
    expect(keptBy(entries()).whole).toBeGreaterThan(2)
  })
})
