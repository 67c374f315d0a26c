import type { Contender } from './contenders.ts'
import type { Outcome } from './job.ts'
import { LANES, type ContenderName, type LaneName } from './lanes.ts'
import type { LaneResults, Results } from './run.ts'
import { SENT, wholeStream } from './sent.ts'
import { DELTAS } from './traffic.ts'

/** The middle of some rounds and their bounds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** One contender beside another one, round by round. */
export interface Beside {
  /** How many times its rate. */
  readonly rate: Spread
  /** How much longer half of its answers take, at the least. */
  readonly p50AddedMs: Spread
}

/** What one contender did in one lane. */
export interface Row {
  readonly name: ContenderName
  readonly perSecond: Spread
  readonly deltasPerSecond: number
  readonly beside: ReadonlyMap<ContenderName, Beside>
  readonly p50Ms: number
  readonly p99Ms: number
  readonly stallMaxMs: number
  readonly stallP99Ms: number
  readonly firstByteP99Ms: number
  /** Processor microseconds per answer, by process. */
  readonly cpuUs: ReadonlyMap<string, number>
  readonly exact: number
  readonly rewritten: number
  readonly wrong: number
  readonly miscached: number
  readonly failed: number
  readonly examples: readonly string[]
  readonly foreignShare: number
  readonly idleShare: number
  /** Of one core; the most in any round. */
  readonly generatorShare: number
  readonly upstreamShare: number
}

export interface LaneSummary {
  readonly lane: LaneName
  readonly title: string
  readonly rows: readonly Row[]
  /** Those that were not measured, and why. */
  readonly refused: ReadonlyMap<ContenderName, string>
}

/** Makes rows of rounds; a lane in which no system takes part is left out. */
export function summaries(results: Results): LaneSummary[] {
  const lanes = [...results.lanes].map(([lane, seen]) => ({
    lane,
    title: LANES[lane].title,
    rows: [...seen.rounds.keys()].map(contender => rowOf(contender, seen, results)),
    refused: seen.refused,
  }))
  return lanes.filter(({ rows, refused }) => rows.length + refused.size > 0)
}

/** The middle of some values and their bounds. */
export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  const median = sorted.length % 2 === 1 ? sorted[half] : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2
  return { median: median ?? NaN, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN }
}

function rowOf(contender: Contender, seen: LaneResults, { generatorPid, upstreamPid }: Results): Row {
  const { name, system } = contender
  const rounds = seen.rounds.get(contender) ?? []
  const over = (read: (outcome: Outcome) => number): Spread => spread(rounds.map(read))
  const total = (read: (outcome: Outcome) => number): number => rounds.reduce((sum, outcome) => sum + read(outcome), 0)
  const beside = (others: readonly Outcome[]): Beside => {
    const pairs = rounds.flatMap((own, round) => (others[round] ? [[own, others[round]] as const] : []))
    return { rate: spread(pairs.map(([own, other]) => rate(own) / rate(other))), p50AddedMs: spread(pairs.map(([own, other]) => own.p50Ms - other.p50Ms)) }
  }
  return {
    name,
    perSecond: over(rate),
    deltasPerSecond: over(({ bytes, seconds }) => ((bytes / STREAM_BYTES) * DELTAS) / seconds).median,
    beside: new Map([...seen.rounds].filter(([other]) => other !== contender).map(([other, others]) => [other.name, beside(others)])),
    p50Ms: over(({ p50Ms }) => p50Ms).median,
    p99Ms: over(({ p99Ms }) => p99Ms).median,
    stallMaxMs: over(({ stallMaxMs }) => stallMaxMs).max,
    stallP99Ms: over(({ stallP99Ms }) => stallP99Ms).median,
    firstByteP99Ms: over(({ firstByteP99Ms }) => firstByteP99Ms).median,
    cpuUs: new Map(system.processes.map(({ name: process, pid }) => [process, over(({ cpuMs, answers }) => ((cpuMs[pid] ?? NaN) * 1000) / answers).median])),
    exact: total(({ exact }) => exact),
    rewritten: total(({ rewritten }) => rewritten),
    wrong: total(({ wrong }) => wrong),
    miscached: total(({ miscached }) => miscached),
    failed: total(({ failed }) => failed),
    examples: rounds.flatMap(({ examples }) => examples),
    foreignShare: over(({ foreignShare }) => foreignShare).max,
    idleShare: over(({ idleShare }) => idleShare).median,
    generatorShare: over(shareOfCore(generatorPid)).max,
    upstreamShare: over(shareOfCore(upstreamPid)).max,
  }
}

const STREAM_BYTES = wholeStream(SENT.chat).length

const rate = ({ answers, seconds }: Outcome): number => answers / seconds

const shareOfCore = (pid: number) => ({ cpuMs, seconds }: Outcome): number => (cpuMs[pid] ?? NaN) / 1000 / seconds
