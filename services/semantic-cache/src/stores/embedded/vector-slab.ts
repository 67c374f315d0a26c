import { VectorCodes } from './vector-codes.ts'

const SLOTS_PER_CHUNK = 256
const SHIFT = 8
const MASK = SLOTS_PER_CHUNK - 1

/** Vectors of length 1 in numbered slots, and a code of each: memory of few large pieces, reused when a vector goes. */
export class VectorSlab {
  readonly codes: VectorCodes
  readonly #dimensions: number
  readonly #chunks: Float32Array[] = []
  readonly #free: number[] = []

  constructor(dimensions: number, codes = new VectorCodes(dimensions)) {
    this.#dimensions = dimensions
    this.codes = codes
  }

  add(vector: Float32Array): number {
    if (this.#free.length === 0) this.#grow()
    const slot = this.#free.pop()!
    this.#chunks[slot >>> SHIFT]!.set(vector, (slot & MASK) * this.#dimensions)
    this.codes.set(slot, vector)
    return slot
  }

  drop(slot: number): void {
    this.#free.push(slot)
  }

  /** The cosine of a vector of length 1 and that of a slot. */
  score(vector: Float32Array, slot: number): number {
    return dot(vector, this.#chunks[slot >>> SHIFT]!, (slot & MASK) * this.#dimensions)
  }

  #grow(): void {
    const first = this.#chunks.length * SLOTS_PER_CHUNK
    this.#chunks.push(new Float32Array(SLOTS_PER_CHUNK * this.#dimensions))
    for (let slot = first + MASK; slot >= first; slot--) this.#free.push(slot)
  }
}

/** The product of a vector and that which starts somewhere in a list. */
function dot(vector: Float32Array, list: Float32Array, start: number): number {
  const end = vector.length - (vector.length % 4)
  let [a, b, c, d] = [0, 0, 0, 0]
  // Four sums that do not wait for each other: about twice as fast as one.
  for (let index = 0; index < end; index += 4) {
    a += vector[index]! * list[start + index]!
    b += vector[index + 1]! * list[start + index + 1]!
    c += vector[index + 2]! * list[start + index + 2]!
    d += vector[index + 3]! * list[start + index + 3]!
  }
  for (let index = end; index < vector.length; index++) a += vector[index]! * list[start + index]!
  return a + b + c + d
}
