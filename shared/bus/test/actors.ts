import { type NatsOptions, type NatsServer, type RunningProcess, startNats, startProcess, until } from '@gomodel/testing'
import { onTestFinished } from 'vitest'
import { Bus } from '../src/index.ts'
import { NatsTransport } from '../src/nats.ts'
import { content, numbered, verdictOn, type Verdict } from './numbered.ts'
import { LossyTransport } from './lossy-transport.ts'

export const nothing = Buffer.alloc(0)

let pools = 0
export const newPool = () => `pool-${++pools}`

/** A server of this test. */
export async function server(options: NatsOptions = {}): Promise<NatsServer> {
  const started = await startNats(options)
  onTestFinished(() => started.stop())
  return started
}

/** A participant in this process, connected; what it says can be made to be lost. */
export async function join(url: string, name = 'test'): Promise<Bus & { transport: LossyTransport }> {
  const transport = new LossyTransport(new NatsTransport(url, name))
  const bus = Object.assign(new Bus(transport, name), { transport })
  onTestFinished(() => bus.close())
  await until(() => bus.connected, { what: 'the bus', timeoutMs: 10_000 })
  return bus
}

/** A worker or a caller in a process of its own, ready. */
export async function actor(kind: 'worker' | 'caller', url: string, pool: string, env: Record<string, string> = {}): Promise<RunningProcess> {
  const started = startProcess(`shared/bus/test/numbered-${kind}.ts`, { env: { NATS_URL: url, POOL: pool, ...env } })
  onTestFinished(async () => void (await started.stop()))
  await started.waitFor('ready', 20_000)
  return started
}

/** What a worker process last said of itself. */
export function observed(worker: RunningProcess): { started: number; cancelled: number; written: number; inFlight: number } {
  const last = worker.output.trimEnd().split('\n').findLast(line => line.startsWith('{'))
  return last === undefined ? { started: 0, cancelled: 0, written: 0, inFlight: 0 } : (JSON.parse(last) as ReturnType<typeof observed>)
}

/** Shown with the test's result: how long what was waited for took here and now. */
export const measured = (what: string, ms: number) => process.stdout.write(`measured: ${what} ${Math.round(ms)} ms\n`)

export const known = (bus: Bus, pool: string, count: number) =>
  until(() => bus.workers(numbered, pool) === count, { what: `${count} workers of ${pool} to be known`, timeoutMs: 15_000 })

export interface Asked {
  count: number
  bytesEach: number
  everyMs: number
  failAfter?: number
  hangAfter?: number
}

/** One stream read to its end, with how long it took and, when it failed, how long the verdict came after the last bytes. */
export interface Told extends Verdict {
  readonly tookMs: number
  readonly silentMs: number
  /** Until the first bytes. */
  readonly firstMs: number
  readonly worker: string
}

export async function tell(bus: Bus, pool: string, asked: Asked, options: { body?: Buffer; signal?: AbortSignal; once?: boolean; read?: (chunk: Uint8Array) => Promise<void> | void } = {}): Promise<Told> {
  const began = performance.now()
  let last = began
  let worker = ''
  let first: number | undefined
  const started = bus.exchange(numbered, asked, { to: pool, body: options.body ?? nothing, signal: options.signal, once: options.once })
  started.then(answer => (worker = answer.worker)).catch(() => {})
  const verdict = await verdictOn(started, content(asked.count, asked.bytesEach), async chunk => {
    last = performance.now()
    first ??= last
    await options.read?.(chunk)
  })
  return { ...verdict, tookMs: performance.now() - began, silentMs: performance.now() - last, firstMs: (first ?? performance.now()) - began, worker }
}

/** So many streams at once, each told when its first bytes came; resolves once all run. */
export async function running(bus: Bus, pool: string, asked: Asked, count: number): Promise<Promise<Told>[]> {
  let begun = 0
  const all = Array.from({ length: count }, () => {
    let first = true
    const read = () => {
      if (first) begun++
      first = false
    }
    return tell(bus, pool, asked, { read })
  })
  await until(() => begun === count, { what: `${count} streams to run`, timeoutMs: 20_000 })
  return all
}

/** How often each outcome came: `{ exact: 100 }`, `{ 'broken stream_broken': 3 }`. */
export function tally(told: readonly Verdict[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { kind, code } of told) {
    const outcome = code === undefined ? kind : `${kind} ${code}`
    counts[outcome] = (counts[outcome] ?? 0) + 1
  }
  return counts
}
