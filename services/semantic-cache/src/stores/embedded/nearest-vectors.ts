import type { CodedQuestion, VectorSlab } from './vector-slab.ts'

/** Up to so many entries a partition is compared float by float. The slab has codes from as many on. */
export const COMPARED_WHOLE = 1024
/** Nothing below is ever an answer: semantic thresholds begin at 0.8. */
const FLOOR = 0.8
/** A code errs by more than four standard deviations for one pair in 30,000. */
const DEVIATIONS = 4
const STEPS = 1024

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
 * The k nearest of the candidates that live, the best first. A small partition is compared float by float. Of a larger one the codes say how high each
 * score can be; the floats are compared in that order, until nothing that follows can be among the k best, or reach 0.8.
 */
export function nearestVectors(slab: VectorSlab, candidates: Candidates, { vector, k, now }: { vector: Float32Array; k: number; now: number }): Scored[] {
  const { slots, expiresAt } = candidates
  const best = new Best(k)
  if (slots.length <= COMPARED_WHOLE) {
    for (let place = 0; place < slots.length; place++) if (expiresAt[place]! > now) best.offer(place, slab.score(vector, slots[place]!))
    return best.scored
  }
  const { order, steps } = byHighestScore(slab, candidates, { question: slab.coded(vector), now })
  for (const place of order) {
    if (scoreAt(steps[place]! - 1) < Math.max(best.worst, best.full ? FLOOR : -1)) break
    best.offer(place, slab.score(vector, slots[place]!))
  }
  return best.scored
}

/** The places of those that live, by the highest score that they can have: a counting sort over steps from 1 down to -1. */
function byHighestScore(slab: VectorSlab, { slots, expiresAt }: Candidates, { question, now }: { question: CodedQuestion; now: number }): { order: Uint32Array; steps: Uint16Array } {
  const highest = highestCosines(slab.codeBits)
  const steps = new Uint16Array(slots.length)
  const starts = new Uint32Array(STEPS + 2)
  let living = 0
  for (let place = 0; place < slots.length; place++) {
    if (expiresAt[place]! <= now) continue
    living++
    const slot = slots[place]!
    const step = stepOf(slab.scoreBeyond(question, slot, highest[slab.distance(question, slot)]!))
    steps[place] = step
    starts[step + 1]!++
  }
  for (let step = 1; step < starts.length; step++) starts[step]! += starts[step - 1]!
  const order = new Uint32Array(living)
  for (let place = 0; place < slots.length; place++) if (expiresAt[place]! > now) order[starts[steps[place]!]!++] = place
  return { order, steps }
}

const stepOf = (score: number): number => Math.max(0, Math.min(STEPS, Math.ceil(((1 - score) / 2) * STEPS)))
const scoreAt = (step: number): number => 1 - (2 * step) / STEPS

let known: Float32Array | undefined

/** By the number of bits in which two codes differ, the highest cosine that is still to be expected: bits differ independently, each with the share angle / π. */
function highestCosines(bits: number): Float32Array {
  if (known?.length === bits + 1) return known
  known = Float32Array.from({ length: bits + 1 }, (_, distance) => {
    const share = distance / bits
    const lowest = share - DEVIATIONS * Math.sqrt(Math.max(share * (1 - share), 1 / bits) / bits)
    return Math.cos(Math.PI * Math.max(0, lowest))
  })
  return known
}

/** The k best so far, in order. */
class Best {
  readonly scored: Scored[] = []
  readonly #k: number

  constructor(k: number) {
    this.#k = k
  }

  get full(): boolean {
    return this.scored.length >= this.#k
  }

  /** What has to be surpassed to enter; nothing while there is room. */
  get worst(): number {
    return this.full ? (this.scored.at(-1)?.score ?? Infinity) : -Infinity
  }

  offer(place: number, score: number): void {
    if (score <= this.worst) return
    let index = this.scored.length
    while (index > 0 && this.scored[index - 1]!.score < score) index--
    this.scored.splice(index, 0, { place, score })
    if (this.scored.length > this.#k) this.scored.pop()
  }
}
