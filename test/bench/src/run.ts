import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startChild, type Child } from './child.ts'
import type { Job, Outcome } from './job.ts'
import { LANES, type Lane, type LaneName } from './lanes.ts'
import type { Options, SystemName } from './options.ts'
import { memoryMb } from './proc.ts'
import { startSystem, type System } from './systems.ts'

/** Memory of one process in megabytes. */
export interface Memory {
  readonly name: string
  readonly idleMb: number
  readonly peakMb: number
}

/** All that was seen, round by round. */
export interface Results {
  readonly systems: readonly System[]
  readonly lanes: ReadonlyMap<LaneName, ReadonlyMap<SystemName, readonly Outcome[]>>
  readonly memory: readonly Memory[]
}

const SETTLE_MS = 2000
// Until the compiler has seen enough: half of a process's speed comes after its first ten thousand requests.
const FIRST_WARM_UP_MS = 3000
const WARM_UP_MS = 300

/** Starts everything, drives every lane against every system in turn, and stops everything, whatever happens. */
export async function run(options: Options, signal: AbortSignal): Promise<Results> {
  await using stack = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'gomodel-bench-'))
  stack.defer(() => rmSync(folder, { recursive: true, force: true }))
  const key = `sk-${randomUUID()}`
  const upstream = stack.adopt(startChild('upstream.ts'), child => child.stop())
  const upstreamPort = Number(await upstream.ask())
  const systems: System[] = []
  for (const name of options.systems) systems.push(await startSystem(name, { upstreamPort, key, folder, profile: options.profile, stack }))
  // Last to start, so first to stop: the gateways then have nothing to drain.
  const generator = stack.adopt(startChild('generator.ts', { BENCH_KEY: key }), child => child.stop())
  await sleep(SETTLE_MS, undefined, { signal })

  const processes = systems.flatMap(system => system.processes)
  const idle = processes.map(({ pid }) => memoryMb(pid).now)
  const pids = [process.pid, upstream.pid, generator.pid, ...processes.map(({ pid }) => pid)]
  const drive = (system: System, lane: Lane, window: Pick<Job, 'warmUpMs' | 'measureMs'>): Promise<Outcome> => {
    const { model, stream, connections, spread } = lane
    return asked(generator, { port: system.port, model, stream, connections, rampMs: spread ? options.rampMs : 0, ...window, pids }, signal)
  }
  const lanes = new Map<LaneName, Map<SystemName, Outcome[]>>()
  for (const name of options.lanes) {
    const lane = LANES[name]
    const seen = new Map<SystemName, Outcome[]>(systems.map(system => [system.name, []]))
    lanes.set(name, seen)
    for (const system of systems) await drive(system, lane, { warmUpMs: FIRST_WARM_UP_MS, measureMs: WARM_UP_MS })
    for (let round = 0; round < options.rounds; round++) {
      for (const system of rotated(systems, round)) {
        const outcome = await drive(system, lane, { warmUpMs: WARM_UP_MS, measureMs: options.seconds * 1000 })
        seen.get(system.name)?.push(outcome)
        const said = system.ended()
        if (said !== undefined) throw new Error(`a process of ${system.name} ended by itself:\n${said}`)
        console.error(`${name} round ${round + 1}/${options.rounds} ${system.name}: ${Math.round(outcome.answers / outcome.seconds)}/s, ${outcome.wrong} wrong, ${outcome.failed} failed`)
      }
    }
  }
  return { systems, lanes, memory: processes.map(({ name, pid }, index) => ({ name, idleMb: idle[index] ?? NaN, peakMb: memoryMb(pid).peak })) }
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
