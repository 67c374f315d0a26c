import { assert, constantFrom, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { unitVector } from '../unit-vector.ts'
import { randomNumbers } from './random-rotation.ts'
import { VectorCodes } from './vector-codes.ts'

/** Makers of a number from a random one: evenly spread, all positive, with a few that outweigh all others, of two values only, and zero almost everywhere. */
const SPREADS: Readonly<Record<string, (random: number) => number>> = {
  even: random => random - 0.5,
  positive: random => random,
  outweighed: random => (random > 0.99 ? 100 : random - 0.5),
  binary: random => (random > 0.5 ? 1 : -1),
  sparse: random => (random > 0.98 ? 1 : 0),
}

function vectorsOf(spread: string, { dimensions, count, seed }: { dimensions: number; count: number; seed: number }): Float32Array[] {
  const random = randomNumbers(seed)
  return Array.from({ length: count }, () => unitVector(Float32Array.from({ length: dimensions }, (_, index) => SPREADS[spread]!(random()) + (index === 0 ? 0.01 : 0)), dimensions))
}

const product = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, index) => sum + value * b[index]!, 0)

test('a true score is never further away than the doubt, whatever the vectors look like', () => {
  assert(
    property(constantFrom(...Object.keys(SPREADS)), constantFrom(3, 64, 100, 384, 1536, 3072), integer({ min: 1, max: 1_000_000 }), (spread, dimensions, seed) => {
      const vectors = vectorsOf(spread, { dimensions, count: 50, seed })
      const codes = new VectorCodes(dimensions)
      for (const [slot, vector] of vectors.entries()) codes.set(slot, vector)
      for (const question of [...vectors.slice(0, 5), vectors[0]!.map(value => -value)]) {
        codes.ask(question)
        for (const [slot, vector] of vectors.entries()) expect(Math.abs(codes.score(slot) - product(question, vector))).toBeLessThanOrEqual(codes.doubt(slot))
      }
    }),
    { numRuns: 60, seed: 1 },
  )
})

test('the doubt is small, and errors are none on average', () => {
  for (const [dimensions, most] of [[384, 0.009], [1536, 0.005]] as const) {
    const vectors = vectorsOf('even', { dimensions, count: 2000, seed: 5 })
    const codes = new VectorCodes(dimensions)
    for (const [slot, vector] of vectors.entries()) codes.set(slot, vector)
    codes.ask(vectors[7]!)
    const errors = vectors.map((vector, slot) => codes.score(slot) - product(vectors[7]!, vector))
    expect(Math.max(...vectors.map((_, slot) => codes.doubt(slot)))).toBeLessThan(most)
    expect(Math.abs(errors.reduce((sum, error) => sum + error, 0) / errors.length)).toBeLessThan(most / 50)
  }
})

test('what does not fit one memory is in the next', () => {
  const vectors = vectorsOf('even', { dimensions: 64, count: 300, seed: 3 })
  const codes = new VectorCodes(64, 100 * 64)
  for (const [slot, vector] of vectors.entries()) codes.set(slot, vector)
  for (const slot of [0, 63, 64, 150, 299]) {
    codes.ask(vectors[slot]!)
    expect(codes.score(slot)).toBeCloseTo(1, 2)
    expect(codes.score((slot + 64) % 300)).toBeLessThan(0.8)
  }
})

test('a slot has the code that was put there last', () => {
  const [before, after] = vectorsOf('even', { dimensions: 100, count: 2, seed: 9 }) as [Float32Array, Float32Array]
  const codes = new VectorCodes(100)
  codes.set(0, before)
  codes.set(0, after)
  codes.ask(after)
  expect(codes.score(0)).toBeCloseTo(1, 2)
})
