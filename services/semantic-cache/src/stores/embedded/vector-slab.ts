import { RandomRotation } from './random-rotation.ts'

const SLOTS_PER_CHUNK = 256
const SHIFT = 8
const MASK = SLOTS_PER_CHUNK - 1
/** So many vectors tell where the middle of all is; before that there are no codes, and no partition is large enough to need them. */
const LEARNED_FROM = 1024

interface Chunk {
  readonly vectors: Float32Array
  readonly codes: Uint32Array
  /** The product of each vector and the middle. */
  readonly toMiddle: Float32Array
}

/** A question's vector as the codes are compared with it. */
export interface CodedQuestion {
  readonly code: Uint32Array
  /** How far it is from the middle. */
  readonly length: number
  readonly toMiddle: number
}

/**
 * Vectors of length 1 in numbered slots, and a code of each: memory of few large pieces, reused when a vector goes. A code has the signs of what a
 * vector is beyond the middle of all; embedders put everything in one cone, and around its middle the signs tell more.
 */
export class VectorSlab {
  readonly dimensions: number
  readonly codeBits: number
  readonly #rotation: RandomRotation
  readonly #chunks: Chunk[] = []
  readonly #free: number[] = []
  readonly #middle: Float32Array
  #middleSquare = 0
  #held = 0
  #learned = false

  constructor(dimensions: number) {
    this.dimensions = dimensions
    this.#rotation = new RandomRotation(dimensions)
    this.codeBits = this.#rotation.width
    this.#middle = new Float32Array(dimensions)
  }

  add(vector: Float32Array): number {
    if (this.#free.length === 0) this.#grow()
    const slot = this.#free.pop()!
    this.#chunks[slot >>> SHIFT]!.vectors.set(vector, (slot & MASK) * this.dimensions)
    this.#held++
    if (this.#learned) this.#encode(slot, vector)
    else if (this.#held === LEARNED_FROM) this.#learn()
    return slot
  }

  drop(slot: number): void {
    this.#free.push(slot)
    this.#held--
  }

  coded(vector: Float32Array): CodedQuestion {
    const toMiddle = dot(vector, this.#middle, 0)
    return { code: this.#codeOf(vector), length: this.#lengthBeyond(toMiddle), toMiddle }
  }

  /** In how many bits the codes of a question and a slot differ. */
  distance({ code }: CodedQuestion, slot: number): number {
    const { codes } = this.#chunks[slot >>> SHIFT]!
    const start = (slot & MASK) * code.length
    let bits = 0
    for (let word = 0; word < code.length; word++) {
      let odd = code[word]! ^ codes[start + word]!
      odd -= (odd >>> 1) & 0x55555555
      odd = (odd & 0x33333333) + ((odd >>> 2) & 0x33333333)
      bits += Math.imul((odd + (odd >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
    }
    return bits
  }

  /** The score of a question and a slot, if this is the cosine of what they are beyond the middle. */
  scoreBeyond({ length, toMiddle }: CodedQuestion, slot: number, beyond: number): number {
    const own = this.#chunks[slot >>> SHIFT]!.toMiddle[slot & MASK]!
    return length * this.#lengthBeyond(own) * beyond + toMiddle + own - this.#middleSquare
  }

  /** The cosine of a vector of length 1 and that of a slot. */
  score(vector: Float32Array, slot: number): number {
    return dot(vector, this.#chunks[slot >>> SHIFT]!.vectors, (slot & MASK) * this.dimensions)
  }

  #lengthBeyond(toMiddle: number): number {
    return Math.sqrt(Math.max(0, 1 - 2 * toMiddle + this.#middleSquare))
  }

  #codeOf(vector: Float32Array): Uint32Array {
    const rotated = this.#rotation.rotate(vector.map((value, index) => value - this.#middle[index]!))
    const code = new Uint32Array(this.codeBits / 32)
    for (let index = 0; index < rotated.length; index++) if (rotated[index]! < 0) code[index >>> 5]! |= 1 << (index & 31)
    return code
  }

  #encode(slot: number, vector: Float32Array): void {
    const { codes, toMiddle } = this.#chunks[slot >>> SHIFT]!
    codes.set(this.#codeOf(vector), (slot & MASK) * (this.codeBits / 32))
    toMiddle[slot & MASK] = dot(vector, this.#middle, 0)
  }

  /** Finds the middle once, and makes the codes of all that is there: 1,024 of 1,536 dimensions take 50 ms. */
  #learn(): void {
    const free = new Set(this.#free)
    const slots = Array.from({ length: this.#chunks.length * SLOTS_PER_CHUNK }, (_, slot) => slot).filter(slot => !free.has(slot))
    const vectorOf = (slot: number): Float32Array => this.#chunks[slot >>> SHIFT]!.vectors.subarray((slot & MASK) * this.dimensions, ((slot & MASK) + 1) * this.dimensions)
    for (const slot of slots) vectorOf(slot).forEach((value, index) => (this.#middle[index]! += value / slots.length))
    this.#middleSquare = dot(this.#middle, this.#middle, 0)
    for (const slot of slots) this.#encode(slot, vectorOf(slot))
    this.#learned = true
  }

  #grow(): void {
    const first = this.#chunks.length * SLOTS_PER_CHUNK
    const codes = new Uint32Array((SLOTS_PER_CHUNK * this.codeBits) / 32)
    this.#chunks.push({ vectors: new Float32Array(SLOTS_PER_CHUNK * this.dimensions), codes, toMiddle: new Float32Array(SLOTS_PER_CHUNK) })
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
