import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, SERVICE_RUNTIME, startNats, startProcess, type RunningProcess } from '@gomodel/testing'
import type { SystemName } from './options.ts'
import { MODELS } from './traffic.ts'

/** A process whose time and memory are counted. */
export interface Counted {
  readonly name: string
  readonly pid: number
}

/** Something that answers chat requests on a port. */
export interface System {
  readonly name: SystemName
  readonly port: number
  /** What runs for it, beyond the upstream that all share. */
  readonly processes: readonly Counted[]
  /** What the services of it that have ended by themselves wrote, if any did. */
  readonly ended: () => string | undefined
}

/** What the gateways are started with. */
export interface Surroundings {
  readonly upstreamPort: number
  readonly key: string
  /** Where they run: away from the `.env` of whoever runs the bench, whose providers would be called. */
  readonly folder: string
  readonly profile: string | undefined
  readonly stack: AsyncDisposableStack
}

const START_TIMEOUT_MS = 20_000

/** Starts a system; the stack stops it. */
export async function startSystem(name: SystemName, surroundings: Surroundings): Promise<System> {
  if (name === 'direct') return { name, port: surroundings.upstreamPort, processes: [], ended: () => undefined }
  const port = await freePort()
  const { key, stack } = surroundings
  const start = (service: string, env: Record<string, string>): RunningProcess => stack.use(startService(service, env, surroundings))
  const front = { PORT: String(port), HOST: '127.0.0.1', GOMODEL_MASTER_KEY: key }
  const provider = { OPENAI_BASE_URL: `http://127.0.0.1:${surroundings.upstreamPort}/v1`, OPENAI_API_KEY: 'sk-bench' }
  if (name === 'standalone') {
    const standalone = start('standalone', { ...front, ...provider })
    await ready(port, key, [standalone])
    return { name, port, processes: [{ name: 'standalone', pid: standalone.pid }], ended: () => lastWords([standalone]) }
  }
  const nats = stack.use(await startNats())
  const worker = start('provider-worker', { ...provider, NATS_URL: nats.url })
  const ingress = start('ingress', { ...front, NATS_URL: nats.url })
  await ready(port, key, [worker, ingress])
  const processes = [{ name: 'ingress', pid: ingress.pid }, { name: 'nats-server', pid: nats.pid }, { name: 'provider-worker', pid: worker.pid }]
  return { name, port, processes, ended: () => lastWords([ingress, worker]) }
}

function startService(service: string, env: Record<string, string>, { folder, profile }: Surroundings): RunningProcess {
  const profiling = profile === undefined ? '' : ` --cpu-prof --cpu-prof-dir=${profile} --cpu-prof-name=${service}.cpuprofile`
  const runtime = { ...SERVICE_RUNTIME, NODE_OPTIONS: `${SERVICE_RUNTIME.NODE_OPTIONS ?? ''}${profiling}` }
  return startProcess(`services/${service}/src/main.ts`, { cwd: folder, env: { ...env, ...runtime } })
}

/** Waits until a gateway lists what the upstream does. */
async function ready(port: number, key: string, processes: readonly RunningProcess[]): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const models = await listed(port, key).catch(() => '')
    if (MODELS.every(model => models.includes(model))) return
    const said = lastWords(processes) ?? (performance.now() > deadline ? processes.map(process => process.output).join('\n') : undefined)
    if (said !== undefined) throw new Error(`the gateway did not start:\n${said}`)
    await sleep(50)
  }
}

function lastWords(processes: readonly RunningProcess[]): string | undefined {
  const ended = processes.filter(process => !process.running)
  return ended.length === 0 ? undefined : ended.map(process => process.output.slice(-4000)).join('\n')
}

async function listed(port: number, key: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/models`, { headers: { authorization: `Bearer ${key}` }, signal: AbortSignal.timeout(2000) })
  return answer.text()
}
