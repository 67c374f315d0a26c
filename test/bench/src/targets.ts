import type { LaneName } from './lanes.ts'
import type { SystemName } from './options.ts'
import type { Memory } from './run.ts'
import type { LaneSummary, Row } from './summary.ts'
import { percent, shown } from './table.ts'

type Statement = readonly [measure: string, target: string, run: string]

/** What the project promises itself, beside what this run saw; measures that were not taken are left out. */
export function targets(lanes: readonly LaneSummary[], memory: readonly Memory[]): Statement[] {
  const row = (lane: LaneName, system: SystemName): Row | undefined => lanes.find(summary => summary.lane === lane)?.rows.find(found => found.system === system)
  const statements: Statement[] = []
  const state = (measure: string, target: string, found: Row | undefined, run: (found: Row) => string): void => {
    if (found) statements.push([measure, target, run(found)])
  }
  state('NATS, 64 connections, share of standalone', '>= 55 %', row('json64', 'nats'), ({ ofStandalone }) => percent(ofStandalone))
  state('standalone, 4 connections, p50 over direct', '<= 0.5 ms', row('json4', 'standalone'), ({ p50AddedMs }) => `${shown(p50AddedMs, 2)} ms`)
  state('NATS, 4 connections, p50 over direct', '<= 1.0 ms', row('json4', 'nats'), ({ p50AddedMs }) => `${shown(p50AddedMs, 2)} ms`)
  for (const system of ['standalone', 'nats'] as const) {
    const open = row('open', system)
    state(`${system}, 1,000 open streams, content exact`, 'all', open, ({ exact, rewritten, wrong, failed }) => `${shown(exact + rewritten)} of ${shown(exact + rewritten + wrong + failed)}`)
    state(`${system}, 1,000 open streams, longest stall`, '<= 1,000 ms', open, ({ stallMaxMs }) => `${shown(stallMaxMs)} ms`)
    state(`${system}, 1,000 open streams, throughput`, 'reported', open, ({ perSecond, deltasPerSecond }) => `${shown(perSecond.median)} streams/s, ${shown(deltasPerSecond)} deltas/s`)
  }
  const largest = memory.filter(({ peakMb }) => peakMb > 0).toSorted((a, b) => b.peakMb - a.peakMb)[0]
  if (largest) statements.push(['largest process at its peak', '<= 150 MB', `${shown(largest.peakMb)} MB (${largest.name})`])
  return statements
}
