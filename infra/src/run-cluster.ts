import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve as absolute } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { optionalText, processSettings, readConfigFile, sourceOf, whenNpmIsGone } from '@gomodel/service'
import { type Child, startChild, stopChildren } from './cluster-child.ts'
import { type ClusterNats, openNats } from './cluster-nats.ts'
import { type PlannedProcess, UsageError, gatewayPort, planProcesses, readArguments, readyLine } from './cluster-plan.ts'

interface Cluster {
  root: string
  plan: readonly PlannedProcess[]
  port: number
  nats: ClusterNats
}

const STOP_TIMEOUT_MS = 30_000
const SLOW_START_MS = 30_000
// npm hands the terminal's Ctrl-C on to a script that has had it from the terminal already.
const SAME_SIGNAL_MS = 500

/** Runs the services of a folder as processes of their own until it is told to stop, and gives the exit code. */
export async function runCluster(root: string, args: readonly string[]): Promise<number> {
  try {
    if (existsSync('.env')) process.loadEnvFile('.env')
    takeFromFile()
    const request = readArguments(args)
    const port = gatewayPort(request, process.env.PORT)
    const plan = planProcesses(servicesIn(root), request.pools, port)
    await requireFree(port)
    const nats = await openNats(process.env.NATS_URL, (how) => console.error(`cluster: nats-server ended by itself (${how})`))
    return await supervise({ root, plan, port, nats })
  } catch (thrown) {
    console.error(`cluster: ${thrown instanceof Error ? thrown.message : String(thrown)}`)
    return thrown instanceof UsageError ? 2 : 1
  }
}

/** What the launcher has to know itself may stand in the YAML file too, which the services look for in another folder. */
function takeFromFile(): void {
  const file = readConfigFile(process.env)
  if (file.path === undefined) return
  process.env.CONFIG_FILE = absolute(file.path)
  const port = optionalText('PORT', { yaml: 'server.port', description: 'The public port.' })
  for (const setting of [port, processSettings.host, processSettings.natsUrl]) {
    const { kind, text } = sourceOf(setting, process.env, file)
    if (kind === 'file') process.env[setting.env] = text
  }
}

async function supervise({ root, plan, port, nats }: Cluster): Promise<number> {
  const told = Promise.withResolvers<number>()
  const stopping = new AbortController()
  const children = plan.map((planned) => startChild(root, planned, nats.url))
  for (const child of children) {
    void child.exited.then((how) => {
      if (stopping.signal.aborted) return
      console.error(`cluster: ${child.planned.name} ended by itself (${how})`)
      if (isIngress(child)) told.resolve(1)
    })
  }
  onSignal(
    () => told.resolve(0),
    () => {
      for (const child of children) child.kill('SIGKILL')
      // The nats-server of our own goes with this process.
      process.exit(130)
    },
  )
  whenNpmIsGone(process.env, () => told.resolve(0))
  void announce({ port, nats, children, signal: stopping.signal })

  const code = await told.promise
  stopping.abort()
  // The requests that the ingress still finishes need the workers.
  await stopChildren(children.filter(isIngress), STOP_TIMEOUT_MS)
  await stopChildren(children.filter((child) => !isIngress(child)), STOP_TIMEOUT_MS)
  await nats.stop()
  return code
}

const isIngress = (child: Child): boolean => child.planned.service === 'ingress'

function onSignal(first: () => void, second: () => void): void {
  let since: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (since === undefined) first()
      else if (performance.now() - since > SAME_SIGNAL_MS) second()
      since ??= performance.now()
    })
  }
}

async function announce({ port, nats, children, signal }: { port: number; nats: ClusterNats; children: readonly Child[]; signal: AbortSignal }): Promise<void> {
  const started = performance.now()
  let slow = false
  while (!(await healthy(port))) {
    await sleep(100)
    if (signal.aborted) return
    if (slow || performance.now() - started < SLOW_START_MS) continue
    slow = true
    console.error(`cluster: the ingress has not answered GET /health on port ${port} for ${SLOW_START_MS / 1000} s`)
  }
  if (signal.aborted) return
  const running = children.filter((child) => child.running).map((child) => child.planned)
  console.log(readyLine(running, port, nats.shown))
}

async function healthy(port: number): Promise<boolean> {
  const { HOST = '0.0.0.0' } = process.env
  const host = HOST === '' || HOST === '0.0.0.0' || HOST === '::' ? '127.0.0.1' : HOST
  const answer = await fetch(`http://${host}:${port}/health`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined)
  await answer?.body?.cancel()
  return answer?.status === 200
}

function servicesIn(root: string): string[] {
  const services = readdirSync(join(root, 'services')).filter((name) => existsSync(join(root, 'services', name, 'src/main.ts')))
  if (!services.includes('ingress')) throw new Error('services/ingress/src/main.ts is missing')
  return services
}

function requireFree(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error) => reject(new Error(`port ${port} cannot be listened on (${(error as NodeJS.ErrnoException).code}); choose another with --port`)))
    server.listen(port, process.env.HOST || undefined, () => server.close(() => resolve()))
  })
}
