import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startChild, type Child } from './child.ts'
import { coldStarts } from './cold-start.ts'
import type { Job, Outcome } from './job.ts'
import { LANES, type Lane, type LaneName, type SystemName } from './lanes.ts'
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

/** One lane: the rounds of each system, and why a system has none. */
export interface LaneResults {
  readonly rounds: ReadonlyMap<SystemName, readonly Outcome[]>
  readonly refused: ReadonlyMap<SystemName, string>
}

/** All that was seen. */
export interface Results {
  readonly systems: readonly System[]
  readonly lanes: ReadonlyMap<LaneName, LaneResults>
  readonly memory: readonly Memory[]
  /** Milliseconds of each start of the gateway in one process. */
  readonly coldStartMs: readonly number[]
  /** The process ids of what measures. */
  readonly generatorPid: number
  readonly upstreamPid: number
}

const SETTLE_MS = 4000
// Until the compiler has seen enough: without its cache the gateway did 3,100, 4,500 and 7,000 requests/s in its first three times three seconds.
const FIRST_WARM_UP_MS = 12_000
// Another lane runs mostly the same code.
const LANE_WARM_UP_MS = 3000
const WARM_UP_MS = 300

/** Starts everything, drives every lane against its systems in turn, and stops everything, whatever happens. */
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
  const drive = (system: System, lane: Lane, window: Pick<Job, 'warmUpMs' | 'measureMs'>): Promise<Outcome> => {
    const { model, stream, connections, spread, repeat } = lane
    const { port, headers, caches } = system
    const xCache = caches ? (repeat ? 'HIT (exact)' : 'MISS') : undefined
    return asked(generator, { port, headers, xCache, model, stream, repeat, connections, rampMs: spread ? options.rampMs : 0, ...window, pids }, signal)
  }
  const lanes = new Map<LaneName, LaneResults>()
  const warm = new Set<System>()
  for (const name of options.lanes) lanes.set(name, await runLane(name, systems, options.rounds, { drive, warm, measureMs: options.seconds * 1000 }))
  const memory = processes.map(({ system, name, pid }, index) => ({ system, name, idleMb: idle[index] ?? NaN, peakMb: memoryMb(pid).peak }))
  return { systems, lanes, memory, coldStartMs, generatorPid: generator.pid, upstreamPid: upstream.pid }
}

interface Drive {
  readonly drive: (system: System, lane: Lane, window: Pick<Job, 'warmUpMs' | 'measureMs'>) => Promise<Outcome>
  /** Systems that were under load already. */
  readonly warm: Set<System>
  readonly measureMs: number
}

async function runLane(name: LaneName, all: readonly System[], rounds: number, { drive, warm, measureMs }: Drive): Promise<LaneResults> {
  const lane: Lane = LANES[name]
  const refused = new Map<SystemName, string>()
  const systems: System[] = []
  for (const system of all.filter(each => lane.systems.includes(each.name))) {
    const outcome = await drive(system, lane, { warmUpMs: warm.has(system) ? LANE_WARM_UP_MS : FIRST_WARM_UP_MS, measureMs: WARM_UP_MS })
    warm.add(system)
    const { exact, rewritten, failed, examples } = outcome
    // What ours cannot do has to show as failures; the peer may be as it is.
    if (system.name === 'peer' && exact + rewritten === 0) refused.set(system.name, `all of ${failed} requests failed: ${examples[0]}`)
    else systems.push(system)
  }
  const seen = new Map<SystemName, Outcome[]>(systems.map(system => [system.name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const system of rotated(systems, round)) {
      const outcome = await drive(system, lane, { warmUpMs: WARM_UP_MS, measureMs })
      seen.get(system.name)?.push(outcome)
      const said = system.ended()
      if (said !== undefined) throw new Error(`a process of ${system.name} ended by itself:\n${said}`)
      console.error(`${name} round ${round + 1}/${rounds} ${system.name}: ${Math.round(outcome.answers / outcome.seconds)}/s, ${outcome.wrong} wrong, ${outcome.miscached} miscached, ${outcome.failed} failed`)
    }
  }
  return { rounds: seen, refused }
}

/** No system always comes after the same other one. */
const rotated = (systems: readonly System[], by: number): System[] => systems.map((_, index) => systems[(index + by) % systems.length]!)

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
