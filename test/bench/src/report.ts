import { LANES, type ContenderName, type Lane } from './lanes.ts'
import { spread, type Beside, type LaneSummary, type Row } from './summary.ts'
import { percent, shown, table, times, withBounds } from './table.ts'
import { targets, type Measured } from './targets.ts'

const DISTURBED_SHARE = 0.1

/** The tables of a run. */
export function report(measured: Measured): string {
  const { lanes, memory, coldStartMs } = measured
  const statements = targets(measured)
  return [
    ...lanes.flatMap(lane => [`## ${lane.title}`, laneTable(lane), ...(lane.lane === 'open' ? [openTable(lane)] : []), details(lane)]),
    ...(memory.length === 0 ? [] : ['## Start and memory', ...started(coldStartMs), table(['process', 'system', 'idle MB', 'peak MB'], memory.map(({ system, name, idleMb, peakMb }) => [name, system, shown(idleMb), shown(peakMb)]))]),
    ...(statements.length === 0 ? [] : ['## Targets', table(['measure', 'target', 'this run'], statements)]),
    ...disturbed(lanes),
  ].join('\n\n')
}

function started(coldStartMs: readonly number[]): string[] {
  const found = withBounds(spread(coldStartMs), value => shown(value))
  return coldStartMs.length === 0 ? [] : [`From the spawn of standalone to its first 200 of \`GET /ready\`, ${coldStartMs.length} starts: ${found} ms.`]
}

/** A run that had to share the machine says so itself. */
function disturbed(lanes: readonly LaneSummary[]): string[] {
  const where = lanes.filter(({ rows }) => rows.some(({ foreignShare }) => foreignShare > DISTURBED_SHARE)).map(({ lane }) => lane)
  return where.length === 0 ? [] : [`Other programs used more than ${percent(DISTURBED_SHARE)} of the machine during ${where.join(', ')}: what is above about these is not worth quoting.`]
}

/** Everything that was not as it should be, or nothing; what the peer does is its own affair. */
export function faults(lanes: readonly LaneSummary[]): string[] {
  return lanes.flatMap(({ lane, rows }) =>
    rows
      .filter(({ name, wrong, miscached, failed }) => name !== 'peer' && wrong + miscached + failed > 0)
      .map(({ name, wrong, miscached, failed, examples }) => `${lane} ${name}: ${wrong} wrong bodies, ${miscached} miscached, ${failed} failed\n  ${[...new Set(examples)].slice(0, 3).join('\n  ')}`),
  )
}

function laneTable({ lane, rows, refused }: LaneSummary): string {
  const { stream, ways }: Lane = LANES[lane]
  const there = (name: ContenderName): boolean => rows.some(row => row.name === name)
  const columns: readonly (readonly [title: string, cell: (row: Row) => string])[] = [
    [stream ? 'streams/s' : 'requests/s', row => shown(row.perSecond.median)],
    ['min-max', row => `${shown(row.perSecond.min)}-${shown(row.perSecond.max)}`],
    ...against(there, 'peer', 'of peer', ({ rate }) => times(rate.median)),
    ...against(there, 'standalone', 'of standalone', ({ rate }) => percent(rate.median)),
    ...against(there, 'bare-cache', 'of bare cache', ({ rate }) => percent(rate.median)),
    ...against(there, 'direct', 'of direct', ({ rate }) => percent(rate.median)),
    ...against(there, 'chat to OpenAI', 'of pass-through', ({ rate }) => percent(rate.median)),
    ['p50 ms', row => shown(row.p50Ms, 2)],
    ...against(there, 'direct', 'over direct', ({ p50AddedMs }) => signed(p50AddedMs.median)),
    ...against(there, 'bare', 'over bare', ({ p50AddedMs }) => signed(p50AddedMs.median)),
    ['p99 ms', row => shown(row.p99Ms, 2)],
    ['CPU µs each', row => (row.cpuUs.size === 0 ? '-' : shown(sum(row.cpuUs)))],
  ]
  const cells = rows.map(row => [row.name, ...columns.map(([, cell]) => cell(row))])
  const refusals = [...refused.keys()].map(name => [name, 'all fail', ...columns.slice(1).map(() => '-')])
  return table([ways ? 'way' : 'system', ...columns.map(([title]) => title)], [...cells, ...refusals])
}

/** A column that compares with one contender, if that was measured. */
function against(there: (name: ContenderName) => boolean, other: ContenderName, title: string, show: (beside: Beside) => string): (readonly [string, (row: Row) => string])[] {
  const cell = ({ name, beside }: Row): string => {
    const found = beside.get(other)
    return found ? show(found) : name === other ? '' : '-'
  }
  return there(other) ? [[title, cell]] : []
}

const signed = (value: number): string => `${value < 0 ? '' : '+'}${shown(value, 2)}`

function openTable({ rows }: LaneSummary): string {
  return table(
    ['system', 'deltas/s', 'longest stall ms', 'stall p99 ms', 'first byte p99 ms'],
    rows.map(row => [row.name, shown(row.deltasPerSecond), shown(row.stallMaxMs), shown(row.stallP99Ms), shown(row.firstByteP99Ms)]),
  )
}

function details({ rows, refused }: LaneSummary): string {
  const measured = rows.map(row => {
    const bodies = [`${shown(row.exact)} exact`, ...(row.rewritten > 0 ? [`${shown(row.rewritten)} rewritten, content the same`] : []), `${shown(row.wrong)} wrong`, ...(row.miscached > 0 ? [`${shown(row.miscached)} miscached`] : []), `${shown(row.failed)} failed`]
    const cpu = row.cpuUs.size > 1 ? ` CPU µs ${[...row.cpuUs].map(([name, us]) => `${name} ${shown(us)}`).join(', ')};` : ''
    const instruments = `generator at most ${percent(row.generatorShare)} of a core, upstream ${percent(row.upstreamShare)}`
    return `* ${row.name}: bodies ${bodies.join(', ')};${cpu} ${instruments}; machine idle ${percent(row.idleShare)}, foreign at most ${percent(row.foreignShare)}`
  })
  return [...measured, ...[...refused].map(([name, why]) => `* ${name}: not measured, ${why}`)].join('\n')
}

const sum = (values: ReadonlyMap<string, number>): number => values.values().reduce((total, value) => total + value, 0)
