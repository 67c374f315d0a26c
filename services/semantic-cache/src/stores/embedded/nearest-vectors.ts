import type { VectorSlab } from './vector-slab.ts'

/** What one partition has in a slab: the slot of each entry, and when it expires. */
export interface Candidates {
  readonly slots: readonly number[]
  readonly expiresAt: readonly number[]
}

/** An entry of the candidates by its place among them. */
export interface Scored {
  readonly place: number
  readonly score: number
}

/**
 * The k nearest of the candidates that live, the best first. Their codes say what each score is at least and at most; those that may be
 * better than the k best are at least, about one in a hundred, are compared float by float.
 */
export function nearestVectors(slab: VectorSlab, { slots, expiresAt }: Candidates, { vector, k, now }: { vector: Float32Array; k: number; now: number }): Scored[] {
  const { codes } = slab
  codes.ask(vector)
  const atLeast = new Best(k)
  const atMost = new Float64Array(slots.length).fill(-Infinity)
  for (let place = 0; place < slots.length; place++) {
    if (expiresAt[place]! <= now) continue
    const slot = slots[place]!
    const score = codes.score(slot)
    const doubt = codes.doubt(slot)
    atMost[place] = score + doubt
    atLeast.offer(place, score - doubt)
  }
  const best = new Best(k)
  const worst = Math.max(atLeast.worst, -Number.MAX_VALUE)
  for (let place = 0; place < slots.length; place++) if (atMost[place]! >= worst) best.offer(place, slab.score(vector, slots[place]!))
  return best.scored
}

/** The k best so far, in order. */
class Best {
  readonly scored: Scored[] = []
  /** What has to be surpassed to enter; nothing while there is room. */
  worst: number
  readonly #k: number

  constructor(k: number) {
    this.#k = k
    this.worst = k > 0 ? -Infinity : Infinity
  }

  offer(place: number, score: number): void {
    if (score <= this.worst) return
    let index = this.scored.length
    while (index > 0 && this.scored[index - 1]!.score < score) index--
    this.scored.splice(index, 0, { place, score })
    if (this.scored.length > this.#k) this.scored.pop()
    if (this.scored.length === this.#k) this.worst = this.scored.at(-1)!.score
  }
}
