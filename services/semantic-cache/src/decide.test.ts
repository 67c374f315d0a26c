import { describe, expect, test } from 'vitest'
import { decide, type Policy } from './decide.ts'

const near = (text: string, score: number) => ({ text, score })
const nothing = () => undefined
const vetoAll = () => 'numbers'
const policy = (more: Partial<Policy> = {}): Policy => ({ mode: 'static', threshold: 0.92, ...more })

describe('a decision', () => {
  test('takes the nearest that is similar enough and passes', () => {
    expect(decide('q', [near('a', 0.97), near('b', 0.95)], { policy: policy(), veto: nothing })).toEqual({ chosen: near('a', 0.97), vetoes: [], near: false })
  })

  test('goes on to the second when a guard refuses the first, and says which guard', () => {
    const veto = (stored: string) => (stored === 'a' ? 'negation' : undefined)
    expect(decide('q', [near('a', 0.99), near('b', 0.93)], { policy: policy(), veto })).toEqual({ chosen: near('b', 0.93), vetoes: ['negation'], near: false })
  })

  test('never takes one below the threshold, and tells the nearly similar from the others', () => {
    expect(decide('q', [near('a', 0.9199)], { policy: policy(), veto: nothing })).toEqual({ chosen: undefined, vetoes: [], near: true })
    expect(decide('q', [near('a', 0.86)], { policy: policy(), veto: nothing })).toEqual({ chosen: undefined, vetoes: [], near: false })
    expect(decide('q', [near('a', 0.99), near('b', 0.5)], { policy: policy(), veto: vetoAll })).toEqual({ chosen: undefined, vetoes: ['numbers'], near: false })
    expect(decide('q', [], { policy: policy(), veto: nothing }).chosen).toBeUndefined()
  })

  test('leaves out an entry whose own limit is higher, but not for its own words, and a guard is asked first', () => {
    const limited = { ...near('a', 0.94), minimum: 0.95 }
    expect(decide('q', [limited, near('b', 0.93)], { policy: policy(), veto: nothing })).toEqual({ chosen: near('b', 0.93), vetoes: ['limit'], near: false })
    expect(decide('q', [{ ...limited, score: 0.95 }], { policy: policy(), veto: nothing }).chosen).toMatchObject({ text: 'a' })
    expect(decide('a', [{ ...limited, score: 0.999, minimum: 1 }], { policy: policy(), veto: nothing }).chosen).toMatchObject({ text: 'a' })
    expect(decide('q', [limited], { policy: policy(), veto: vetoAll }).vetoes).toEqual(['numbers'])
    expect(decide('q', [limited], { policy: policy({ threshold: 0.95 }), veto: nothing })).toEqual({ chosen: undefined, vetoes: [], near: true })
  })

  test('takes in strict mode only nearly the same words', () => {
    const strict = policy({ mode: 'strict' })
    expect(decide('What is the capital of France?', [near('please: what is THE capital of france', 0.99)], { policy: strict, veto: nothing }).chosen).toBeDefined()
    expect(decide('What is the capital of France?', [near('Which city is the French capital?', 0.99)], { policy: strict, veto: nothing })).toEqual({ chosen: undefined, vetoes: ['strict'], near: false })
  })
})
