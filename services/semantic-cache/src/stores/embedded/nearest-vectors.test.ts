import { assert, constantFrom, integer, property, record } from 'fast-check'
import { expect, test } from 'vitest'
import { clusteredVectors } from '../fixtures/clustered-vectors.ts'
import { nearestVectors } from './nearest-vectors.ts'
import { VectorSlab } from './vector-slab.ts'

const K = 8
const MANY = 2048

/** A searched slab beside the same search float by float. */
function searching(vectors: readonly Float32Array[], expiresAt = vectors.map(() => Infinity)) {
  const slab = new VectorSlab(vectors[0]!.length)
  const candidates = { slots: vectors.map(vector => slab.add(vector)), expiresAt }
  const living = candidates.slots.map((slot, place) => ({ slot, place })).filter(({ place }) => expiresAt[place]! > 0)
  return {
    found: (vector: Float32Array, k = K) => nearestVectors(slab, candidates, { vector, k, now: 0 }),
    exact: (vector: Float32Array, k = K) =>
      living
        .map(({ slot, place }) => ({ place, score: slab.score(vector, slot) }))
        .toSorted((a, b) => b.score - a.score || a.place - b.place)
        .slice(0, k),
  }
}

const shapes = (...dimensions: number[]) => record({
  dimensions: constantFrom(...dimensions),
  seed: integer({ min: 1, max: 1_000_000 }),
  cone: integer({ min: 0, max: 10 }).map(tenths => tenths / 10),
  cluster: integer({ min: 3, max: 8 }).map(tenths => tenths / 10),
})

test('what is found are the nearest of all, as if they were compared float by float, whatever the vectors look like', () => {
  assert(
    property(shapes(5, 33, 100, 384), integer({ min: 1, max: 3000 }), integer({ min: 2, max: 60 }), (shape, count, ofASubject) => {
      const { vectors, paraphrase } = clusteredVectors({ ...shape, count, clusters: Math.ceil(count / ofASubject), own: 0.6 })
      const { found, exact } = searching(vectors)
      for (const distance of [0, 0.3, 1, 5]) {
        const vector = paraphrase(count - 1, distance)
        expect(found(vector)).toEqual(exact(vector))
      }
    }),
    { numRuns: 40, seed: 1 },
  )
})

test('vectors that are zero almost everywhere are found just as well', () => {
  const vectors = Array.from({ length: MANY }, (_, index) => {
    const vector = new Float32Array(384)
    for (const step of [1, 7, 31]) vector[(index * step) % 384] = 1 / Math.sqrt(3)
    return vector
  })
  const { found, exact } = searching(vectors)
  for (const place of [0, 500, 2000]) expect(found(vectors[place]!)).toEqual(exact(vectors[place]!))
})

test('what expired is not found, neither in a small partition nor in a large one', () => {
  for (const count of [100, MANY]) {
    const { vectors, paraphrase } = clusteredVectors({ dimensions: 64, count, clusters: 10, cone: 0.2, cluster: 0.6, own: 0.6, seed: 3 })
    const { found, exact } = searching(vectors, vectors.map((_, place) => place % 2))
    const vector = paraphrase(10, 0.1)
    const places = found(vector).map(({ place }) => place)
    expect(places).toHaveLength(K)
    expect(places.every(place => place % 2 === 1)).toBe(true)
    expect(places[0]).toBe(exact(vector)[0]!.place)
  }
})

test('no more are found than there are, and none when none are asked for', () => {
  const { vectors } = clusteredVectors({ dimensions: 16, count: 3, clusters: 1, cone: 1, cluster: 1, own: 1, seed: 3 })
  const { found } = searching(vectors)
  expect(found(vectors[1]!)).toHaveLength(3)
  expect(found(vectors[1]!, 2)).toHaveLength(2)
  expect(found(vectors[1]!, 0)).toEqual([])
})
