import { guardsFor, vetoes } from '../guards/index.ts'
import { pairsOf, type Half, type Pair } from './pairs.ts'
import { score, type Score } from './score.ts'

/** Prints what the guards catch and keep of the pairs that they are made on; `--final` adds the held-out pairs, `--wrong` those of the former that they misjudge. */
function main(options: ReadonlySet<string>): void {
  report('tune')
  if (options.has('--wrong')) for (const pair of pairsOf('tune').filter(({ contexts }) => contexts === undefined)) misjudged(pair)
  if (options.has('--final')) report('final')
  if (options.has('--speed')) print(`8 near candidates: ${microseconds(false).toFixed(1)} µs, 8 strangers: ${microseconds(true).toFixed(1)} µs of processor time`)
}

function report(half: Half): void {
  const { caught, caughtOverall, kept } = score(pairsOf(half))
  print(`${half}: traps caught ${ratio(caughtOverall)}, paraphrases kept ${ratio(kept)}`)
  for (const [kind, result] of caught) print(`  ${kind.padEnd(14)} ${ratio(result)}`)
}

function misjudged({ a, b, same }: Pair): void {
  const guards = vetoes(a, b)
  if (same === guards.length > 0) print(`  ${same ? 'lost' : 'missed'} ${guards.join(',')}: ${a} | ${b}`)
}

/** Processor time for one asked text against eight stored ones, all read anew: the partner of the asked text, and that of its neighbours. */
function microseconds(strangers: boolean): number {
  const pairs = pairsOf('tune').filter(({ contexts }) => contexts === undefined)
  let start = process.threadCpuUsage()
  for (let round = -WARM_UP; round < ROUNDS; round += 1) {
    if (round === 0) start = process.threadCpuUsage()
    const from = (round + WARM_UP) % (pairs.length - 8)
    const judge = guardsFor(pairs[from]!.a)
    for (let candidate = 0; candidate < 8; candidate += 1) judge(pairs[strangers ? from + candidate : from]!.b)
  }
  const { user, system } = process.threadCpuUsage(start)
  return (user + system) / ROUNDS
}

const ratio = ({ right, total }: Score): string => (total === 0 ? 'none' : `${right}/${total} (${((100 * right) / total).toFixed(1)} %)`)
const print = (line: string): boolean => process.stdout.write(`${line}\n`)
const ROUNDS = 20_000
const WARM_UP = 5_000

main(new Set(process.argv.slice(2)))
