import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from '@gomodel/testing'
import { decide } from '../../services/semantic-cache/src/decide.ts'
import { guardsFor } from '../../services/semantic-cache/src/guards/index.ts'
import type { Pair } from '../../services/semantic-cache/src/pairs/pairs.ts'

const ROUNDS = 20_000
const WARM_UP = 2000
const CANDIDATES = 8

export interface Microseconds {
  readonly p50: number
  readonly p99: number
}

/** How long one decision takes about eight candidates that are all near enough; all texts are read anew, their words are known to the guards by then. */
export function decisionTime(pairs: readonly Pair[]): Microseconds {
  const texts = pairs.flatMap(({ a, b }) => [a, b])
  const times: number[] = []
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    const from = ((round + WARM_UP) * 7) % (texts.length - CANDIDATES)
    const asked = texts[from]!
    const neighbours = texts.slice(from + 1, from + 1 + CANDIDATES).map(text => ({ text, score: 0.99 }))
    const startedAt = performance.now()
    decide(asked, neighbours, { policy: { mode: 'static', threshold: 0.92 }, veto: guardsFor(asked) })
    if (round >= 0) times.push((performance.now() - startedAt) * 1000)
  }
  times.sort((a, b) => a - b)
  return { p50: times[ROUNDS / 2]!, p99: times[Math.floor(ROUNDS * 0.99)]! }
}

const MEASURE = 'services/semantic-cache/src/stores/measure.ts'

/** What the embedded store says of its own speed with ten thousand entries; undefined where it has no such measure, or it fails. */
export function searchTimes(): string | undefined {
  if (!existsSync(join(REPOSITORY, MEASURE))) return undefined
  const { status, stdout } = spawnSync(process.execPath, [MEASURE, '10000'], { cwd: REPOSITORY, encoding: 'utf8', timeout: 300_000 })
  return status === 0 ? stdout.trim() : undefined
}
