import { productMemory, type ProductMemory } from './product-program.ts'
import { RandomRotation, randomNumbers } from './random-rotation.ts'

/** Added to a memory at once. */
const GROWN_BYTES = 2 ** 20
/** A WebAssembly memory ends at 4 GB. */
const MEMORY_BYTES = 2 ** 30
/** The largest number of a code, and of a question. */
const [MOST, MOST_ASKED] = [127, 32_767]
/** By Hoeffding's inequality rounding moves one score of 20 billion by more than so many steps. */
const DOUBTFUL_STEPS = 3.5
const SEED = 0x2545f491

/** What is known of the question that is asked now. */
interface Asked {
  /** Of its rounded numbers. */
  readonly step: number
  /** How far rounding moved it. */
  readonly moved: number
}

/**
 * A code of each vector of length 1, by numbered slots: a byte a dimension, multiplied with a question by a program of WebAssembly. Numbers are rounded
 * up or down by chance, the more often to the nearer side. So no vectors, however they are made, have errors that add up, and the true score is
 * almost as sure as it would be from the floats to be within a small doubt.
 */
export class VectorCodes {
  readonly #rotation: RandomRotation
  readonly #random = randomNumbers(SEED)
  /** Slots of a memory, as a power of two. */
  readonly #shift: number
  readonly #mostAsked: number
  readonly #memories: ProductMemory[] = []
  /** How far apart the values are that a code's numbers may have. */
  readonly #steps: number[] = []
  #asked: Asked = { step: 0, moved: 0 }

  constructor(dimensions: number, memoryBytes = MEMORY_BYTES) {
    this.#rotation = new RandomRotation(dimensions)
    const { width } = this.#rotation
    this.#shift = Math.floor(Math.log2(memoryBytes / width))
    // The sum of all products has to be a number of 32 bits.
    this.#mostAsked = Math.min(MOST_ASKED, Math.floor((2 ** 31 - 1) / ((MOST + 1) * width)))
  }

  set(slot: number, vector: Float32Array): void {
    const rotated = this.#rotation.rotate(vector)
    const step = largest(rotated) / MOST
    const code = new Int8Array(rotated.length)
    for (let index = 0; index < code.length; index++) code[index] = Math.min(MOST, Math.floor(rotated[index]! / step + this.#random()))
    new Int8Array(this.#memoryFor(slot).buffer).set(code, this.#address(slot))
    this.#steps[slot] = step / this.#rotation.stretch
  }

  /** What `score` and `doubt` are about from now on. */
  ask(vector: Float32Array): void {
    const rotated = this.#rotation.rotate(vector)
    const step = largest(rotated) / this.#mostAsked
    const numbers = Int16Array.from(rotated, value => Math.round(value / step))
    const moved = Math.sqrt(numbers.reduce((sum, value, index) => sum + (value * step - rotated[index]!) ** 2, 0))
    for (const { buffer } of this.#memories) new Int16Array(buffer).set(numbers)
    this.#asked = { step: step / this.#rotation.stretch, moved: moved / this.#rotation.stretch }
  }

  /** The cosine of the question and a slot, more or less. */
  score(slot: number): number {
    const address = this.#address(slot)
    return this.#memories[slot >>> this.#shift]!.product(address, address + this.#rotation.width) * this.#steps[slot]! * this.#asked.step
  }

  /** How much more or less. */
  doubt(slot: number): number {
    const { moved } = this.#asked
    return moved + (1 + moved) * this.#steps[slot]! * DOUBTFUL_STEPS
  }

  /** The question comes first in every memory. */
  #address(slot: number): number {
    return (2 + (slot & ((1 << this.#shift) - 1))) * this.#rotation.width
  }

  #memoryFor(slot: number): ProductMemory {
    const index = slot >>> this.#shift
    while (index >= this.#memories.length) this.#memories.push(productMemory())
    const memory = this.#memories[index]!
    const missing = this.#address(slot) + this.#rotation.width - memory.buffer.byteLength
    if (missing > 0) memory.grow(missing + GROWN_BYTES)
    return memory
  }
}

function largest(values: Float32Array): number {
  let most = 0
  for (const value of values) most = Math.max(most, Math.abs(value))
  return most
}
