import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startChild, type Child } from './child.ts'
import { coldStarts } from './cold-start.ts'
import { contendersOf, type Contender } from './contenders.ts'
import type { Job, Outcome } from './job.ts'
import { LANES, type ContenderName, type Lane, type LaneName, type SystemName } from './lanes.ts'
import type { Options } from './options.ts'
import { memoryMb } from './proc.ts'
import { startSystem, type Surroundings, type System } from './systems.ts'

/** Memory of one process in megabytes. */
export interface Memory {
  readonly system: SystemName
  readonly name: string
  readonly idleMb: number
  readonly peakMb: number
}

/** One lane: the rounds of each contender, and why one has none. */
export interface LaneResults {
  readonly rounds: ReadonlyMap<Contender, readonly Outcome[]>
  readonly refused: ReadonlyMap<ContenderName, string>
}

/** All that was seen. */
export interface Results {
  readonly lanes: ReadonlyMap<LaneName, LaneResults>
  readonly memory: readonly Memory[]
  /** Milliseconds of each start of the gateway in one process. */
  readonly coldStartMs: readonly number[]
  /** The process ids of what measures. */
  readonly generatorPid: number
  readonly upstreamPid: number
}

const SETTLE_MS = 4000
// Until the compiler has seen enough: after 12 s a request took standalone 653 µs of processor time in the first lane, and the same one 371 µs in a later lane of that run.
const FIRST_WARM_UP_MS = 30_000
// Another lane runs mostly the same code.
const LANE_WARM_UP_MS = 3000
const WARM_UP_MS = 300

/** Starts everything, drives the contenders of every lane in turn, and stops everything, whatever happens. */
export async function run(options: Options, signal: AbortSignal): Promise<Results> {
  await using stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'gomodel-bench-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const key = `sk-${randomUUID()}`
  const upstream = stack.adopt(startChild('upstream.ts'), child => child.stop())
  const surroundings: Surroundings = { upstreamPort: Number(await upstream.ask()), key, folder, profile: options.profile, stack }
  const coldStartMs = options.systems.includes('standalone') ? await coldStarts({ ...surroundings, profile: undefined }, signal) : []
  const systems: System[] = []
  for (const name of options.systems) systems.push(await startSystem(name, surroundings))
  // Last to start, so first to stop: the gateways then have nothing to drain.
  const generator = stack.adopt(startChild('generator.ts', { env: { BENCH_KEY: key } }), child => child.stop())
  await sleep(SETTLE_MS, undefined, { signal })

  const processes = systems.flatMap(system => system.processes.map(process => ({ system: system.name, ...process })))
  const idle = processes.map(({ pid }) => memoryMb(pid).now)
  const pids = [process.pid, upstream.pid, generator.pid, ...processes.map(({ pid }) => pid)]
  const drive = ({ system, way }: Contender, lane: Lane, window: Pick<Job, 'warmUpMs' | 'measureMs'>): Promise<Outcome> => {
    const { stream, connections, spread, repeat } = lane
    const { port, headers, caches } = system
    const xCache = caches ? (repeat ? 'HIT (exact)' : 'MISS') : undefined
    return asked(generator, { port, headers, xCache, ...way, stream, repeat, connections, rampMs: spread ? options.rampMs : 0, ...window, pids }, signal)
  }
  const lanes = new Map<LaneName, LaneResults>()
  const warm = new Set<System>()
  for (const name of options.lanes) lanes.set(name, await runLane(name, systems, options.rounds, { drive, warm, measureMs: options.seconds * 1000 }))
  const memory = processes.map(({ system, name, pid }, index) => ({ system, name, idleMb: idle[index] ?? NaN, peakMb: memoryMb(pid).peak }))
  return { lanes, memory, coldStartMs, generatorPid: generator.pid, upstreamPid: upstream.pid }
}

interface Drive {
  readonly drive: (contender: Contender, lane: Lane, window: Pick<Job, 'warmUpMs' | 'measureMs'>) => Promise<Outcome>
  /** Systems that were under load already. */
  readonly warm: Set<System>
  readonly measureMs: number
}

async function runLane(name: LaneName, all: readonly System[], rounds: number, { drive, warm, measureMs }: Drive): Promise<LaneResults> {
  const lane: Lane = LANES[name]
  const refused = new Map<ContenderName, string>()
  const contenders: Contender[] = []
  for (const contender of contendersOf(lane, all)) {
    const { name: own, system } = contender
    const outcome = await drive(contender, lane, { warmUpMs: warm.has(system) ? LANE_WARM_UP_MS : FIRST_WARM_UP_MS, measureMs: WARM_UP_MS })
    warm.add(system)
    const { exact, rewritten, failed, examples } = outcome
    // What ours cannot do has to show as failures; the peer may be as it is.
    if (own === 'peer' && exact + rewritten === 0) refused.set(own, `all of ${failed} requests failed: ${examples[0]}`)
    else contenders.push(contender)
  }
  const seen = new Map<Contender, Outcome[]>(contenders.map(contender => [contender, []]))
  for (let round = 0; round < rounds; round++) {
    for (const contender of rotated(contenders, round)) {
      const outcome = await drive(contender, lane, { warmUpMs: WARM_UP_MS, measureMs })
      seen.get(contender)?.push(outcome)
      const said = contender.system.ended()
      if (said !== undefined) throw new Error(`a process of ${contender.system.name} ended by itself:\n${said}`)
      console.error(`${name} round ${round + 1}/${rounds} ${contender.name}: ${Math.round(outcome.answers / outcome.seconds)}/s, ${outcome.wrong} wrong, ${outcome.miscached} miscached, ${outcome.failed} failed`)
    }
  }
  return { rounds: seen, refused }
}

/** None is always the first, or the last. */
const rotated = (contenders: readonly Contender[], by: number): Contender[] => contenders.map((_, index) => contenders[(index + by) % contenders.length]!)

async function asked(generator: Child, job: Job, signal: AbortSignal): Promise<Outcome> {
  signal.throwIfAborted()
  const aborted = Promise.withResolvers<never>()
  const abort = (): void => aborted.reject(signal.reason)
  signal.addEventListener('abort', abort, { once: true })
  try {
    return (await Promise.race([generator.ask(job), aborted.promise])) as Outcome
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
