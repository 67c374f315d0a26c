import { nearestVectors } from './nearest-vectors.ts'
import { VectorSlab } from './vector-slab.ts'
import type { IndexedRow } from './entry-rows.ts'

/** The entries of one partition, each at the same place of all three lists. */
interface Partition {
  readonly numbers: number[]
  readonly slots: number[]
  readonly expiresAt: number[]
}

/** The vectors of all entries in memory, by partition. */
export class EntryIndex {
  readonly #slab: VectorSlab
  readonly #partitions = new Map<string, Partition>()
  readonly #homes = new Map<number, string>()

  constructor(dimensions: number) {
    this.#slab = new VectorSlab(dimensions)
  }

  add({ number, partition: name, expiresAt, vector }: IndexedRow): void {
    let partition = this.#partitions.get(name)
    if (!partition) this.#partitions.set(name, (partition = { numbers: [], slots: [], expiresAt: [] }))
    partition.numbers.push(number)
    partition.slots.push(this.#slab.add(vector))
    partition.expiresAt.push(expiresAt)
    this.#homes.set(number, name)
  }

  drop(numbers: readonly number[]): void {
    const leaving = new Set(numbers)
    const names = new Set(numbers.flatMap(number => this.#homes.get(number) ?? []))
    for (const name of names) this.#thin(name, leaving)
  }

  /** The numbers of the nearest that live, the best first. */
  nearest({ partition: name, ...question }: { partition: string; vector: Float32Array; k: number; now: number }): { number: number; score: number }[] {
    const partition = this.#partitions.get(name)
    if (!partition) return []
    return nearestVectors(this.#slab, partition, question).map(({ place, score }) => ({ number: partition.numbers[place]!, score }))
  }

  /** One pass over a partition, however many of it leave. */
  #thin(name: string, leaving: ReadonlySet<number>): void {
    const { numbers, slots, expiresAt } = this.#partitions.get(name)!
    let kept = 0
    for (let place = 0; place < numbers.length; place++) {
      const number = numbers[place]!
      if (leaving.has(number)) {
        this.#slab.drop(slots[place]!)
        this.#homes.delete(number)
        continue
      }
      numbers[kept] = number
      slots[kept] = slots[place]!
      expiresAt[kept++] = expiresAt[place]!
    }
    for (const list of [numbers, slots, expiresAt]) list.length = kept
    if (kept === 0) this.#partitions.delete(name)
  }
}
