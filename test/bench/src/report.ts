import type { Memory } from './run.ts'
import type { LaneSummary, Row } from './summary.ts'
import { percent, shown, table } from './table.ts'
import { targets } from './targets.ts'

const DISTURBED_SHARE = 0.1

/** The tables of a run. */
export function report(lanes: readonly LaneSummary[], memory: readonly Memory[]): string {
  const statements = targets(lanes, memory)
  return [
    ...lanes.flatMap(lane => [`## ${lane.title}`, laneTable(lane), ...(lane.lane === 'open' ? [openTable(lane)] : []), details(lane)]),
    ...(memory.length === 0 ? [] : ['## Memory', table(['process', 'idle MB', 'peak MB'], memory.map(({ name, idleMb, peakMb }) => [name, shown(idleMb), shown(peakMb)]))]),
    ...(statements.length === 0 ? [] : ['## Targets', table(['measure', 'target', 'this run'], statements)]),
    ...disturbed(lanes),
  ].join('\n\n')
}

/** A run that had to share the machine says so itself. */
function disturbed(lanes: readonly LaneSummary[]): string[] {
  const where = lanes.filter(({ rows }) => rows.some(({ foreignShare }) => foreignShare > DISTURBED_SHARE)).map(({ lane }) => lane)
  return where.length === 0 ? [] : [`Other programs used more than ${percent(DISTURBED_SHARE)} of the machine during ${where.join(', ')}: what is above about these is not worth quoting.`]
}

/** Everything that was not as it should be, or nothing. */
export function faults(lanes: readonly LaneSummary[]): string[] {
  return lanes.flatMap(({ lane, rows }) =>
    rows
      .filter(({ wrong, failed }) => wrong + failed > 0)
      .map(({ system, wrong, failed, examples }) => `${lane} ${system}: ${wrong} wrong bodies, ${failed} failed\n  ${examples.slice(0, 3).join('\n  ')}`),
  )
}

function laneTable({ lane, rows }: LaneSummary): string {
  const what = lane === 'open' || lane === 'stream' ? 'streams/s' : 'requests/s'
  const added = (row: Row, value: number): string => (row.system === 'direct' || !Number.isFinite(value) ? '' : `${value < 0 ? '' : '+'}${shown(value, 2)}`)
  return table(
    ['system', what, 'min-max', 'of direct', 'of standalone', 'p50 ms', 'added', 'p99 ms', 'added', 'CPU µs each'],
    rows.map(row => [
      row.system,
      shown(row.perSecond.median),
      `${shown(row.perSecond.min)}-${shown(row.perSecond.max)}`,
      percent(row.ofDirect),
      percent(row.ofStandalone),
      shown(row.p50Ms, 2),
      added(row, row.p50AddedMs),
      shown(row.p99Ms, 2),
      added(row, row.p99AddedMs),
      row.cpuUs.size === 0 ? '-' : shown(sum(row.cpuUs)),
    ]),
  )
}

function openTable({ rows }: LaneSummary): string {
  return table(
    ['system', 'deltas/s', 'longest stall ms', 'stall p99 ms', 'first byte p99 ms'],
    rows.map(row => [row.system, shown(row.deltasPerSecond), shown(row.stallMaxMs), shown(row.stallP99Ms), shown(row.firstByteP99Ms)]),
  )
}

function details({ rows }: LaneSummary): string {
  return rows
    .map(row => {
      const bodies = [`${shown(row.exact)} exact`, ...(row.rewritten > 0 ? [`${shown(row.rewritten)} rewritten, content the same`] : []), `${shown(row.wrong)} wrong`, `${shown(row.failed)} failed`]
      const cpu = [...row.cpuUs].map(([name, us]) => `${name} ${shown(us)}`).join(', ')
      return `* ${row.system}: bodies ${bodies.join(', ')};${cpu === '' ? '' : ` CPU µs ${cpu};`} machine idle ${percent(row.idleShare)}, foreign at most ${percent(row.foreignShare)}`
    })
    .join('\n')
}

const sum = (values: ReadonlyMap<string, number>): number => values.values().reduce((total, value) => total + value, 0)
