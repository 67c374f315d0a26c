import type { ContenderName, LaneName } from './lanes.ts'
import type { Memory } from './run.ts'
import { spread, type Beside, type LaneSummary, type Row } from './summary.ts'
import { percent, shown, times, withBounds } from './table.ts'

type Statement = readonly [measure: string, target: string, run: string]

/** What was measured, by lane, by process and by start. */
export interface Measured {
  readonly lanes: readonly LaneSummary[]
  readonly memory: readonly Memory[]
  readonly coldStartMs: readonly number[]
}

/** What the project promises itself, beside what this run saw; measures that were not taken are left out. */
export function targets({ lanes, memory, coldStartMs }: Measured): Statement[] {
  const row = (lane: LaneName, contender: ContenderName): Row | undefined => lanes.find(summary => summary.lane === lane)?.rows.find(({ name }) => name === contender)
  const statements: Statement[] = []
  const state = <T>(measure: string, target: string, found: T | undefined, run: (found: T) => string): void => {
    if (found !== undefined) statements.push([measure, target, run(found)])
  }
  const beside = (own: ContenderName, other: ContenderName, lane: LaneName): Beside | undefined => row(lane, own)?.beside.get(other)
  const rate = (show: (value: number) => string) => (found: Beside): string => withBounds(found.rate, show)
  const added = ({ p50AddedMs }: Beside): string => withBounds(p50AddedMs, value => `${shown(value, 2)} ms`)

  state('whole answers, 64 connections: NATS, share of standalone', '>= 55 %', beside('nats', 'standalone', 'json64'), rate(percent))
  state('whole answers, 64 connections: standalone against the peer', '>= 5 x', beside('standalone', 'peer', 'json64'), rate(times))
  state('whole answers, 64 connections: standalone, share of bare', 'reported', beside('standalone', 'bare', 'json64'), rate(percent))
  state('whole answers, 64 connections: NATS against the peer', '>= 3.5 x', beside('nats', 'peer', 'json64'), rate(times))
  state("exact hits: standalone against the peer's pass-through", '>= 10 x', beside('standalone', 'peer', 'hit'), rate(times))
  state("exact hits: NATS and Redis against the peer's pass-through", '>= 4 x', beside('nats', 'peer', 'hit'), rate(times))
  state('exact hits: standalone, share of a bare cache', 'reported', beside('standalone', 'bare-cache', 'hit'), rate(percent))
  state("exact hits: a bare cache against the peer's pass-through", 'reported', beside('bare-cache', 'peer', 'hit'), rate(times))
  state('whole answers, 4 connections: standalone, p50 over direct', '<= 0.5 ms', beside('standalone', 'direct', 'json4'), added)
  state('whole answers, 4 connections: standalone, p50 over bare', 'reported', beside('standalone', 'bare', 'json4'), added)
  state('whole answers, 4 connections: bare, p50 over direct', 'reported', beside('bare', 'direct', 'json4'), added)
  state('whole answers, 4 connections: NATS, p50 over direct', '<= 1.0 ms', beside('nats', 'direct', 'json4'), added)
  state('whole answers, 4 connections: NATS, p50 over bare', 'reported', beside('nats', 'bare', 'json4'), added)
  for (const system of ['standalone', 'nats'] as const) {
    const open = row('open', system)
    state(`1,000 open streams: ${system}, content exact`, 'all', open, ({ exact, rewritten, wrong, failed }) => `${shown(exact + rewritten)} of ${shown(exact + rewritten + wrong + failed)}`)
    state(`1,000 open streams: ${system}, longest stall`, '<= 1,000 ms', open, ({ stallMaxMs }) => `${shown(stallMaxMs)} ms`)
    state(`1,000 open streams: ${system}, throughput`, 'reported', open, ({ perSecond, deltasPerSecond }) => `${shown(perSecond.median)} streams/s, ${shown(deltasPerSecond)} deltas/s`)
  }
  for (const [lane, load] of [['translated', 'whole answers, 64 connections'], ['translatedStream', 'streams, 32 connections']] as const) {
    for (const way of ['messages to OpenAI', 'chat to Anthropic'] as const) state(`${load}: ${way}, share of pass-through`, '>= 60 %', beside(way, 'chat to OpenAI', lane), rate(percent))
  }
  const ours = memory.filter(({ system, peakMb }) => (system === 'standalone' || system === 'nats') && peakMb > 0)
  state('standalone: spawn to the first 200 of GET /ready', '<= 1,000 ms', coldStartMs.length > 0 ? spread(coldStartMs) : undefined, found => withBounds(found, value => `${shown(value)} ms`))
  state('standalone: memory at rest', '<= 110 MB', ours.find(({ name }) => name === 'standalone'), ({ idleMb }) => `${shown(idleMb)} MB`)
  state('largest process at its peak', '<= 150 MB', ours.toSorted((a, b) => b.peakMb - a.peakMb)[0], ({ peakMb, name }) => `${shown(peakMb)} MB (${name})`)
  state('bare at its peak', 'reported', memory.find(({ name }) => name === 'bare'), ({ peakMb }) => `${shown(peakMb)} MB`)
  state('load generator at exact hits of standalone, of one core', '<= 80 %', row('hit', 'standalone'), ({ generatorShare }) => percent(generatorShare))
  return statements
}
