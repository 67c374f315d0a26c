import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { atExit } from './at-exit.ts'
import { requireNatsServer } from './find-nats-server.ts'
import { natsGreeting } from './nats-greeting.ts'
import { type ServerProcess, spawnServer } from './server-process.ts'

/** What a test may want to be different about its server. */
export interface NatsOptions {
  maxPayload?: number
  /** Lines for the server's configuration file. */
  config?: string
  /** A free port unless told. */
  port?: number
  jetstream?: boolean
  cluster?: { name: string; routes?: readonly string[] }
  /** Told how the server ended when nobody had asked it to. */
  onExit?: (how: string) => void
}

/** A real nats-server on loopback that belongs to this process. */
export interface NatsServer extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** The address of its HTTP monitoring (/varz, /connz, /subsz, /routez). */
  readonly monitorUrl: string
  /** The address that other servers route to, when it was started as a member of a cluster. */
  readonly routeUrl: string | undefined
  readonly pid: number
  readonly log: string
  /** Sends it a signal: SIGKILL, SIGSTOP and SIGCONT are what tests are made of. */
  kill(signal: NodeJS.Signals): void
  /** Ends it if it runs and starts it again on the same ports with the same data. */
  restart(): Promise<void>
  stop(): Promise<void>
}

interface Ports {
  client: number
  monitor: number
  cluster: number
}

const START_TIMEOUT_MS = 20_000

/**
 * It shares its machine with those whom it serves, and threads of it that look for work take from theirs: on 2 cores a request over the bus
 * took 7 to 13 % less processor time of all processes with one of them than with two, at 4 connections 15 to 35 % less
 * (`GOMAXPROCS=1 npm run bench -- --lanes json64,json4 --systems nats`, and with 2, in turn).
 */
const SURROUNDINGS = { GOMAXPROCS: String(Math.max(1, Math.floor(availableParallelism() / 4))) }

/** Starts a private nats-server and resolves once it is known that our own process listens on the port. */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const binary = await requireNatsServer()
  const folder = mkdtempSync(join(tmpdir(), `gomodel-nats-${process.pid}-`))
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  const forget = atExit(removeFolder)
  let ports: Ports = { client: options.port ?? -1, monitor: -1, cluster: -1 }
  let current: ServerProcess
  let asked = false

  const kill = (signal: NodeJS.Signals): void => {
    asked ||= signal !== 'SIGSTOP' && signal !== 'SIGCONT'
    current.kill(signal)
  }
  const begin = async (): Promise<void> => {
    const name = `gomodel-${process.pid}-${Math.random().toString(36).slice(2)}`
    asked = false
    current = spawnServer(binary, flags(folder, name, ports, options), folder, SURROUNDINGS)
    void current.exited.then((how) => {
      if (!asked) options.onExit?.(how)
    })
    ports = await listening(current, folder, name)
  }
  const end = async (): Promise<void> => {
    asked = true
    await current.end()
  }
  const stop = async (): Promise<void> => {
    await end()
    forget()
    removeFolder()
  }

  try {
    await begin()
  } catch (thrown) {
    await stop()
    throw thrown
  }
  return {
    url: `nats://127.0.0.1:${ports.client}`,
    port: ports.client,
    monitorUrl: `http://127.0.0.1:${ports.monitor}`,
    routeUrl: options.cluster && `nats://127.0.0.1:${ports.cluster}`,
    get pid() {
      return current.pid
    },
    get log() {
      return current.log
    },
    kill,
    async restart() {
      await end()
      await begin()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function flags(folder: string, name: string, ports: Ports, options: NatsOptions): string[] {
  const { cluster } = options
  const config = [
    options.config ?? '',
    options.maxPayload ? `max_payload: ${options.maxPayload}` : '',
    cluster ? `cluster { name: "${cluster.name}", listen: "127.0.0.1:${ports.cluster}", routes: ${JSON.stringify(cluster.routes ?? [])} }` : '',
  ]
  const file = join(folder, 'nats.conf')
  const portsFolder = join(folder, 'ports')
  mkdirSync(portsFolder, { recursive: true })
  writeFileSync(file, `${config.filter(Boolean).join('\n')}\n`)
  const store = options.jetstream ? ['-js', '-sd', join(folder, 'jetstream')] : []
  return ['-c', file, '-n', name, '-a', '127.0.0.1', '-p', String(ports.client), '-m', String(ports.monitor), '--ports_file_dir', portsFolder, ...store]
}

/** Waits for the ports file of this very process, then for a greeting under the name that it was given. */
async function listening(server: ServerProcess, folder: string, name: string): Promise<Ports> {
  const deadline = performance.now() + START_TIMEOUT_MS
  let ended: string | undefined
  void server.exited.then((how) => {
    ended = how
  })
  for (;;) {
    const ports = readPorts(join(folder, 'ports'), server.pid)
    if (ports && (await natsGreeting({ port: ports.client }).catch(() => '')).includes(`"server_name":"${name}"`)) return ports
    if (ended !== undefined) throw new Error(`nats-server did not start (${ended}):\n${server.log}`)
    if (performance.now() > deadline) throw new Error(`nats-server was not there after ${START_TIMEOUT_MS} ms:\n${server.log}`)
    await sleep(10)
  }
}

function readPorts(folder: string, pid: number): Ports | undefined {
  const file = readdirSync(folder).find((entry) => entry.endsWith(`_${pid}.ports`))
  if (!file) return undefined
  try {
    const written = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<'nats' | 'monitoring' | 'cluster', string[] | undefined>
    return { client: portOf(written.nats), monitor: portOf(written.monitoring), cluster: portOf(written.cluster) }
  } catch {
    // Half written: the next look will find it whole.
    return undefined
  }
}

const portOf = (urls: readonly string[] | undefined): number => Number(new URL(urls?.[0] ?? 'nats://127.0.0.1:0').port)
