import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startNats, startOtlpReceiver, startProcess, startRedis, until, type OtlpReceiver, type RedisServer, type RunningProcess } from '@gomodel/testing'
import { parse, stringify } from 'yaml'
import { environmentOf, full, infra, interpolate, read, service, type Variables } from './compose-files.ts'

/** One process of what compose would run as a container. */
export interface Replica {
  readonly service: string
  readonly process: RunningProcess
  readonly env: Readonly<Record<string, string>>
  /** Its own address: that of the public port, or of its metrics. */
  readonly url: string
}

/** The services of docker-compose.full.yml as processes, told what compose tells their containers, between real servers. */
export interface Stack extends AsyncDisposable {
  readonly replicas: readonly Replica[]
  readonly traces: OtlpReceiver
  /** By the name of its service, set as compose sets it. */
  readonly redis: Readonly<Record<string, RedisServer>>
  /** The ingress. */
  readonly url: string
  of(service: string): Replica[]
}

/** What an operator has besides a `.env`. */
export interface StackOptions {
  /** As many replicas as `--scale` says; one of each unless told. */
  readonly scale?: Readonly<Record<string, number>>
  /** What stands in the file that a service names as its own (`env_file`). */
  readonly providers?: Readonly<Record<string, string>>
}

/** Starts the stack with the variables of a `.env`. */
export async function startStack(variables: Variables, { scale = {}, providers = {} }: StackOptions = {}): Promise<Stack> {
  await using made = new AsyncDisposableStack()
  const folder = mkdtempSync(join(tmpdir(), 'gomodel-compose-'))
  made.defer(() => rmSync(folder, { recursive: true, force: true }))
  const nats = made.use(await startNats({ jetstream: true }))
  const redis: Record<string, RedisServer> = {}
  for (const name of Object.keys(infra.services).filter(isRedis)) redis[name] = made.use(await startRedis({ config: redisConfig(name, variables) }))
  const traces = made.use(await startOtlpReceiver())
  // Nobody asks for these while the semantic cache is off.
  const idle = { 'postgres://gomodel:gomodel@postgres:5432/gomodel': 'postgres://127.0.0.1:9/gomodel', 'http://qdrant:6333': 'http://127.0.0.1:9' }
  const here = { ...idle, 'nats://nats:4222': nats.url, 'http://jaeger:4318': traces.url, ...Object.fromEntries(Object.entries(redis).map(([name, { url }]) => [`redis://${name}:6379`, url])) }

  const replicas: Replica[] = []
  for (const name of Object.keys(full.services)) {
    for (let count = scale[name] ?? 1; count > 0; count--) {
      const port = await freePort()
      const told = { ...(service(name).env_file && providers), ...environmentOf(name, variables) }
      const env = Object.fromEntries(Object.entries(told).map(([key, value]) => [key, elsewhere(key, value, { ...here, port: String(port) })]))
      // In an empty folder, as no container has a .env of its own.
      const process = made.use(startProcess(`services/${service(name).build?.args.SERVICE}/src/main.ts`, { env, cwd: folder }))
      replicas.push({ service: name, process, env, url: `http://127.0.0.1:${port}` })
    }
  }
  const of = (wanted: string) => replicas.filter(replica => replica.service === wanted)
  for (const replica of replicas) await healthy(replica)
  const servers = made.move()
  return { replicas, traces, redis, of, url: of('ingress')[0]?.url ?? '', [Symbol.asyncDispose]: () => servers.disposeAsync() }
}

const isRedis = (name: string): boolean => service(name).command?.[0] === 'redis-server'

/** What the command line of a Redis says, as lines of its configuration file. */
const redisConfig = (name: string, variables: Variables): string =>
  (service(name).command ?? []).slice(1).map(word => interpolate(word, variables)).join(' ').split(/(?:^| )--/).filter(Boolean).join('\n')

/** The same value for a machine on which no name is known, and on which a port can be had only once. */
function elsewhere(key: string, value: string, here: Record<string, string>): string {
  if (key === 'PORT' || key === 'METRICS_PORT') return here['port'] ?? ''
  const moved = here[value]
  if (moved === undefined && /:\/\/[a-z]/.test(value) && !value.includes('127.0.0.1')) throw new Error(`${key} is ${value}, and nothing here stands for that`)
  return moved ?? value
}

const healthy = ({ url, process, service: name }: Replica) =>
  until(async () => !process.running || (await fetch(`${url}/health`)).ok, { what: `${name} to be healthy`, timeoutMs: 20_000, everyMs: 50 }).then(() => {
    if (!process.running) throw new Error(`${name} ended:\n${process.output}`)
  })

/** The configuration of Prometheus, with the processes of a stack where it would ask for the names of services. */
export function prometheusConfig(stack: Stack): string {
  const config = parse(read('infra/prometheus.yml')) as { scrape_configs: { job_name: string; dns_sd_configs?: { names: string[] }[]; static_configs?: { targets: string[] }[] }[] }
  for (const job of config.scrape_configs) {
    const names = job.dns_sd_configs?.flatMap(({ names: asked }) => asked) ?? []
    delete job.dns_sd_configs
    job.static_configs = [{ targets: names.flatMap(name => stack.of(name)).map(({ url }) => new URL(url).host) }]
  }
  return stringify(config)
}
