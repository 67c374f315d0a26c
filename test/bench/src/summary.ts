import type { Outcome } from './job.ts'
import { LANES, type LaneName } from './lanes.ts'
import type { SystemName } from './options.ts'
import type { Results } from './run.ts'
import type { System } from './systems.ts'
import { DELTAS, WHOLE_STREAM } from './traffic.ts'

/** The middle of some rounds and their bounds. */
export interface Spread {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** What one system did in one lane. Ratios and differences are taken round by round, then their median. */
export interface Row {
  readonly system: SystemName
  readonly perSecond: Spread
  readonly deltasPerSecond: number
  readonly ofDirect: number
  readonly ofStandalone: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly p50AddedMs: number
  readonly p99AddedMs: number
  readonly stallMaxMs: number
  readonly stallP99Ms: number
  readonly firstByteP99Ms: number
  /** Processor microseconds per answer, by process. */
  readonly cpuUs: ReadonlyMap<string, number>
  readonly exact: number
  readonly rewritten: number
  readonly wrong: number
  readonly failed: number
  readonly examples: readonly string[]
  readonly foreignShare: number
  readonly idleShare: number
}

export interface LaneSummary {
  readonly lane: LaneName
  readonly title: string
  readonly rows: readonly Row[]
}

/** Makes rows of rounds. */
export function summaries({ lanes, systems }: Results): LaneSummary[] {
  return [...lanes].map(([lane, seen]) => ({
    lane,
    title: LANES[lane].title,
    rows: systems.map(system => rowOf(system, seen)),
  }))
}

function rowOf({ name, processes }: System, seen: ReadonlyMap<SystemName, readonly Outcome[]>): Row {
  const rounds = seen.get(name) ?? []
  const median = (read: (outcome: Outcome) => number): number => middle(rounds.map(read))
  const total = (read: (outcome: Outcome) => number): number => rounds.reduce((sum, outcome) => sum + read(outcome), 0)
  const against = (other: SystemName, compare: (own: Outcome, others: Outcome) => number): number => {
    const others = seen.get(other) ?? []
    return middle(rounds.flatMap((own, round) => (others[round] ? [compare(own, others[round])] : [])))
  }
  const rates = rounds.map(rate)
  return {
    system: name,
    perSecond: { median: middle(rates), min: Math.min(...rates), max: Math.max(...rates) },
    deltasPerSecond: median(({ bytes, seconds }) => ((bytes / WHOLE_STREAM.length) * DELTAS) / seconds),
    ofDirect: against('direct', (own, others) => rate(own) / rate(others)),
    ofStandalone: against('standalone', (own, others) => rate(own) / rate(others)),
    p50Ms: median(({ p50Ms }) => p50Ms),
    p99Ms: median(({ p99Ms }) => p99Ms),
    p50AddedMs: against('direct', (own, others) => own.p50Ms - others.p50Ms),
    p99AddedMs: against('direct', (own, others) => own.p99Ms - others.p99Ms),
    stallMaxMs: Math.max(...rounds.map(({ stallMaxMs }) => stallMaxMs)),
    stallP99Ms: median(({ stallP99Ms }) => stallP99Ms),
    firstByteP99Ms: median(({ firstByteP99Ms }) => firstByteP99Ms),
    cpuUs: new Map(processes.map(({ name: process, pid }) => [process, median(({ cpuMs, answers }) => ((cpuMs[pid] ?? NaN) * 1000) / answers)])),
    exact: total(({ exact }) => exact),
    rewritten: total(({ rewritten }) => rewritten),
    wrong: total(({ wrong }) => wrong),
    failed: total(({ failed }) => failed),
    examples: rounds.flatMap(({ examples }) => examples),
    foreignShare: Math.max(...rounds.map(({ foreignShare }) => foreignShare)),
    idleShare: median(({ idleShare }) => idleShare),
  }
}

const rate = ({ answers, seconds }: Outcome): number => answers / seconds

function middle(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[half] ?? NaN) : ((sorted[half - 1] ?? NaN) + (sorted[half] ?? NaN)) / 2
}
