const BLOCK = 64
const ROUNDS = 3
// Codes are made anew at every start, so that the seed may change; a fixed one makes runs repeatable.
const SEED = 0x9e3779b9

/**
 * A fixed random rotation. After it the numbers of a vector are about equally large, whatever the embedder's look like (sparse, or with a few
 * dimensions that outweigh all others), so that all are rounded equally well.
 */
export class RandomRotation {
  /** Dimensions of what comes out: those of the input, rounded up to a multiple of 64. */
  readonly width: number
  /** How much longer what comes out is: every transform stretches by the root of its size. */
  readonly stretch = BLOCK ** (ROUNDS / 2)
  readonly #signs: Float32Array[] = []
  readonly #orders: Int32Array[] = []
  #from: Float32Array
  #to: Float32Array

  constructor(dimensions: number) {
    this.width = Math.ceil(dimensions / BLOCK) * BLOCK
    this.#from = new Float32Array(this.width)
    this.#to = new Float32Array(this.width)
    const random = randomNumbers(SEED)
    for (let round = 0; round < ROUNDS; round++) {
      this.#signs.push(Float32Array.from({ length: this.width }, () => (random() < 0.5 ? -1 : 1)))
      this.#orders.push(shuffled(this.width, random))
    }
  }

  /** The rotated vector, `stretch` times as long; valid until the next call. */
  rotate(vector: Float32Array): Float32Array {
    this.#from.fill(0)
    this.#from.set(vector)
    for (let round = 0; round < ROUNDS; round++) {
      const signs = this.#signs[round]!
      const order = this.#orders[round]!
      for (let index = 0; index < this.width; index++) this.#to[index] = this.#from[order[index]!]! * signs[index]!
      hadamardBlocks(this.#to)
      ;[this.#from, this.#to] = [this.#to, this.#from]
    }
    return this.#from
  }
}

/** The Walsh-Hadamard transform of each block: every output is a sum of all 64 inputs with signs of its own. */
function hadamardBlocks(values: Float32Array): void {
  for (let half = 1; half < BLOCK; half *= 2) {
    for (let start = 0; start < values.length; start += 2 * half) {
      for (let index = start; index < start + half; index++) {
        const left = values[index]!
        const right = values[index + half]!
        values[index] = left + right
        values[index + half] = left - right
      }
    }
  }
}

function shuffled(length: number, random: () => number): Int32Array {
  const order = Int32Array.from({ length }, (_, index) => index)
  for (let index = length - 1; index > 0; index--) {
    const other = Math.floor(random() * (index + 1))
    ;[order[index], order[other]] = [order[other]!, order[index]!]
  }
  return order
}

/** Numbers from 0 to 1 by xorshift; the same ones for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
