/** A pool of worker processes of its own for one provider instance. */
export interface WorkerPool {
  instance: string
  count: number
}

/** What the command line asks for. */
export interface ClusterRequest {
  port?: number
  pools: readonly WorkerPool[]
}

/** One process to be: its name in the output, the service that it runs, and what it is told beyond the launcher's own environment. */
export interface PlannedProcess {
  name: string
  service: string
  /** How it is counted in the line that says all is up. */
  kind: string
  env: Readonly<Record<string, string>>
}

/** The command line, or a setting, says something that cannot be meant. */
export class UsageError extends Error {}

const MAX_PROCESSES_PER_POOL = 64
const DEFAULT_PORT = 8080

/** Reads `--workers <instance>=<count>` (any number of times) and `--port <number>`. */
export function readArguments(args: readonly string[]): ClusterRequest {
  const pools: WorkerPool[] = []
  let port: number | undefined
  for (let index = 0; index < args.length; index++) {
    const word = args[index] ?? ''
    const equals = word.indexOf('=')
    const flag = equals < 0 ? word : word.slice(0, equals)
    if (flag !== '--workers' && flag !== '--port') throw new UsageError(`${flag} is not known; there are --workers <instance>=<count> and --port <number>`)
    const value = equals < 0 ? args[++index] : word.slice(equals + 1)
    if (flag === '--port') port = readPort('--port', value)
    else pools.push(readPool(value, pools))
  }
  return port === undefined ? { pools } : { pools, port }
}

/** The port of the gateway: the flag, else the setting, else the default. */
export function gatewayPort({ port }: ClusterRequest, setting: string | undefined): number {
  return port ?? (setting ? readPort('PORT', setting) : DEFAULT_PORT)
}

/** Lays out a process for each service, one that works for all instances without a pool, and the pools. */
export function planProcesses(services: readonly string[], pools: readonly WorkerPool[], port: number): PlannedProcess[] {
  const single = services
    .filter((service) => service !== 'standalone' && service !== 'provider-worker')
    .map((service) => ({ name: service, service, kind: service, env: service === 'ingress' ? { PORT: String(port) } : {} }))
  if (!services.includes('provider-worker')) return single
  const service = 'provider-worker'
  const own = pools.map((pool) => pool.instance).join(',')
  const others = own
    ? { name: 'worker', service, kind: 'others', env: { PROVIDER_INSTANCES_EXCEPT: own } }
    : { name: 'worker', service, kind: 'all', env: {} }
  const pooled = pools.flatMap(({ instance, count }) =>
    Array.from({ length: count }, (_, index) => ({
      name: `worker-${instance}-${index + 1}`,
      service,
      kind: instance,
      env: { PROVIDER_INSTANCES: instance },
    })),
  )
  return [...single, ...pooled, others]
}

/** The line that says all is up, counting what runs. */
export function readyLine(running: readonly PlannedProcess[], port: number, natsUrl: string): string {
  const counted = (processes: readonly PlannedProcess[], joint: string): string[] => {
    const kinds = new Set(processes.map((planned) => planned.kind))
    return [...kinds].map((kind) => `${kind}${joint}${processes.filter((planned) => planned.kind === kind).length}`)
  }
  const workers = counted(running.filter((planned) => planned.service === 'provider-worker'), '=')
  const services = counted(running.filter((planned) => planned.service !== 'provider-worker'), ' ')
  const parts = [`nats ${natsUrl}`, ...services, `workers ${workers.join(' ') || 'none'}`]
  return `ready: http://localhost:${port} (${parts.join(', ')})`
}

function readPort(source: string, value: string | undefined): number {
  const port = Number(value)
  if (!value || !/^\d+$/.test(value) || port < 1 || port > 65_535) throw new UsageError(`${source} must be a number from 1 to 65535${shown(value)}`)
  return port
}

function readPool(value: string | undefined, before: readonly WorkerPool[]): WorkerPool {
  const [, instance, digits] = /^([a-z0-9]+(?:-[a-z0-9]+)*)=(\d+)$/.exec(value ?? '') ?? []
  if (!instance) throw new UsageError(`--workers must be <instance>=<count>, as in --workers openai=3${shown(value)}`)
  const count = Number(digits)
  if (count < 1 || count > MAX_PROCESSES_PER_POOL) throw new UsageError(`--workers ${instance} must have a count from 1 to ${MAX_PROCESSES_PER_POOL}${shown(digits)}`)
  if (before.some((pool) => pool.instance === instance)) throw new UsageError(`--workers names ${instance} twice`)
  return { instance, count }
}

const shown = (value: string | undefined): string => (value ? `; it is ${JSON.stringify(value)}` : '')
