import { GCProfiler, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { PassingMap } from './passing-map.ts'

const UNDER_WAY = 64
const MIB = 1024 * 1024

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

interface Entries {
  set(key: string, value: object): unknown
  delete(key: string): boolean
}

/** What collections of young objects left behind, beyond what was there before: the most at any time, in bytes. */
function keptBy(entries: Entries): number {
  for (let at = 0; at < UNDER_WAY; at++) entries.set(`first ${at}`, {})
  // As in a process that runs for a while: the table is old.
  collect()
  collect()
  const profiler = new GCProfiler()
  profiler.start()
  for (let at = 0; at < 60_000; at++) {
    entries.set(`request ${at}`, Array.from({ length: 200 }, (_, index) => ({ index })))
    entries.delete(`request ${at - UNDER_WAY}`)
  }
  const young = profiler.stop()!.statistics.filter(({ gcType }) => gcType === 'Scavenge').map(({ afterGC }) => afterGC.heapStatistics.usedHeapSize)
  expect(young.length).toBeGreaterThan(3)
  return Math.max(...young) - Math.min(...young)
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
    expect(keptBy(new PassingMap())).toBeLessThan(8 * MIB)
  })
})
