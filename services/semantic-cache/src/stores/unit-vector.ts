import { StoreFault } from './store-failure.ts'

/** The vector at length 1, as a copy; a StoreFault when it has other dimensions, no direction, or is not made of numbers. */
export function unitVector(vector: Float32Array, dimensions: number): Float32Array {
  if (vector.length !== dimensions) throw new StoreFault(`a vector of ${vector.length} dimensions came to a store of ${dimensions}`)
  let sum = 0
  for (const value of vector) sum += value * value
  const length = Math.sqrt(sum)
  if (!(length > 0 && length < Infinity)) throw new StoreFault('a vector without a direction')
  return vector.map(value => value / length)
}
