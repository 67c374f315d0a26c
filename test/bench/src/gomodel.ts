import { setTimeout as sleep } from 'node:timers/promises'
import { freePort, SERVICE_RUNTIME, startNats, startProcess, startRedis, type RunningProcess } from '@gomodel/testing'
import type { Surroundings, System } from './systems.ts'
import { MODELS } from './traffic.ts'

const START_TIMEOUT_MS = 20_000
// As docker-compose.infra.yml starts it.
const REDIS_AS_A_CACHE = 'maxmemory 256mb\nmaxmemory-policy allkeys-lru'

/** Ours in one process, its cache in its own memory. */
export async function startStandalone(surroundings: Surroundings): Promise<System> {
  const port = await freePort()
  const standalone = surroundings.stack.use(spawnStandalone(port, surroundings))
  await ready(port, surroundings.key, [standalone])
  return { name: 'standalone', port, headers: {}, caches: true, processes: [{ name: 'standalone', pid: standalone.pid }], ended: () => lastWords([standalone]) }
}

/** The process of it, at its very start. */
export function spawnStandalone(port: number, surroundings: Surroundings): RunningProcess {
  return startService('standalone', { ...front(port, surroundings), ...providers(surroundings) }, surroundings)
}

/** Ours as one process for each service, with a nats-server between them and a Redis for the cache. */
export async function startOverNats(surroundings: Surroundings): Promise<System> {
  const { key, stack } = surroundings
  const port = await freePort()
  const nats = stack.use(await startNats())
  const redis = stack.use(await startRedis({ config: REDIS_AS_A_CACHE }))
  const start = async (service: string, env: Record<string, string>): Promise<RunningProcess> =>
    stack.use(startService(service, { NATS_URL: nats.url, METRICS_PORT: String(await freePort()), ...env }, surroundings))
  const worker = await start('provider-worker', providers(surroundings))
  const cache = await start('exact-cache', { REDIS_URL: redis.url })
  const ingress = await start('ingress', front(port, surroundings))
  const services = [ingress, worker, cache]
  await ready(port, key, services)
  const processes = [
    { name: 'ingress', pid: ingress.pid },
    { name: 'nats-server', pid: nats.pid },
    { name: 'provider-worker', pid: worker.pid },
    { name: 'exact-cache', pid: cache.pid },
    { name: 'redis-server', pid: redis.pid },
  ]
  return { name: 'nats', port, headers: {}, caches: true, processes, ended: () => lastWords(services) }
}

const front = (port: number, { key }: Surroundings): Record<string, string> => ({ PORT: String(port), GOMODEL_MASTER_KEY: key })

/** The upstream is both an OpenAI and an Anthropic. */
const providers = ({ upstreamPort }: Surroundings): Record<string, string> => {
  const url = `http://127.0.0.1:${upstreamPort}/v1`
  return { OPENAI_BASE_URL: url, OPENAI_API_KEY: 'sk-bench', ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: 'sk-bench' }
}

function startService(service: string, env: Record<string, string>, { folder, profile }: Surroundings): RunningProcess {
  const profiling = profile === undefined ? '' : ` --cpu-prof --cpu-prof-dir=${profile} --cpu-prof-name=${service}.cpuprofile`
  const runtime = { ...SERVICE_RUNTIME, NODE_OPTIONS: `${SERVICE_RUNTIME.NODE_OPTIONS ?? ''}${profiling}` }
  // Everything is on that is on by default; metrics are named because the numbers are meant with them.
  return startProcess(`services/${service}/src/main.ts`, { cwd: folder, env: { HOST: '127.0.0.1', METRICS_ENABLED: 'true', ...env, ...runtime } })
}

/** Waits until a gateway lists what the upstream does. */
async function ready(port: number, key: string, processes: readonly RunningProcess[]): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  for (;;) {
    const models = await listed(port, key).catch(() => '')
    if ([...MODELS.chat, ...MODELS.messages].every(model => models.includes(model))) return
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
