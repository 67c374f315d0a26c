import { veto } from '../guards/index.ts'
import type { Pair } from './pairs.ts'

/** How many pairs were dealt with rightly. */
export interface Score {
  readonly right: number
  readonly total: number
}

/** What the guards make of labelled pairs. */
export interface Scores {
  /** Traps that a guard vetoes, by kind and overall. */
  readonly caught: ReadonlyMap<string, Score>
  readonly caughtOverall: Score
  /** Paraphrases that no guard vetoes. */
  readonly kept: Score
}

/** Scores the guards; pairs that differ in their contexts are left out, since entries of two conversations never meet. */
export function score(pairs: readonly Pair[]): Scores {
  const judged = pairs.filter(({ contexts }) => contexts === undefined).map(pair => ({ ...pair, vetoed: veto(pair.a, pair.b) !== undefined }))
  const traps = judged.filter(({ same }) => !same)
  const kinds = [...new Set(traps.map(({ kind }) => kind))]
  return {
    caught: new Map(kinds.map(kind => [kind, count(traps.filter(trap => trap.kind === kind), true)])),
    caughtOverall: count(traps, true),
    kept: count(judged.filter(({ same }) => same), false),
  }
}

function count(pairs: readonly { readonly vetoed: boolean }[], vetoed: boolean): Score {
  return { right: pairs.filter(pair => pair.vetoed === vetoed).length, total: pairs.length }
}
