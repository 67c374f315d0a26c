import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, startNats, startProcess, until, type NatsServer, type RunningProcess, type Upstream } from '@gomodel/testing'

export const MASTER_KEY = 'sk-test-master-key'
export const PROVIDER_KEY = 'sk-provider-secret'

/** A gateway that runs as its users run it: as processes, spoken to over HTTP. */
export interface Gateway extends AsyncDisposable {
  readonly url: string
  readonly processes: RunningProcess[]
  stop(): Promise<void>
}

/** A gateway of separate services on a NATS server of its own. */
export interface Cluster extends Gateway {
  readonly nats: NatsServer
  readonly ingress: RunningProcess
  readonly workers: RunningProcess[]
  readonly caches: RunningProcess[]
  startWorker(env?: Environment): Promise<RunningProcess>
}

export type Environment = Record<string, string | undefined>

/** What every gateway here is told: one instance whose provider is the scripted one. */
export const environmentFor = (upstream: Upstream, more: Environment = {}): Environment => ({
  GOMODEL_MASTER_KEY: MASTER_KEY,
  OPENAI_API_KEY: PROVIDER_KEY,
  OPENAI_BASE_URL: upstream.url,
  HOST: '127.0.0.1',
  // Most tests repeat a request because they want it answered again.
  RESPONSE_CACHE_SIMPLE_ENABLED: 'false',
  RETRY_INITIAL_BACKOFF: '10ms',
  ...more,
})

export const authorized = { authorization: `Bearer ${MASTER_KEY}`, 'content-type': 'application/json' }

/** A chat request as most clients send it. */
export const chat = (more: Record<string, unknown> = {}) => JSON.stringify({ model: 'gpt-test', messages: [{ role: 'user', content: 'hello' }], ...more })

export const post = (url: string, body: string | Uint8Array<ArrayBuffer>, init: RequestInit = {}) => fetch(`${url}/v1/chat/completions`, { method: 'POST', headers: authorized, body, ...init })

const ready = (url: string) => until(async () => (await fetch(`${url}/ready`)).ok, { what: 'the gateway to be ready', timeoutMs: 20_000, everyMs: 50 })

/** Resolves once a model is listed. */
export const listed = (url: string, id: string) =>
  until(async () => ((await (await fetch(`${url}/v1/models`, { headers: authorized })).json()) as { data: { id: string }[] }).data.some(model => model.id === id), { what: `${id} to be listed`, timeoutMs: 20_000, everyMs: 50 })

export async function startStandalone(upstream: Upstream, env: Environment = {}): Promise<Gateway> {
  const port = await freePort()
  const data = mkdtempSync(join(tmpdir(), 'gomodel-'))
  const process = startProcess('services/standalone/src/main.ts', { env: environmentFor(upstream, { PORT: String(port), DATA_DIR: data, ...env }) })
  const url = `http://127.0.0.1:${port}`
  const stop = async () => {
    await process.stop()
    rmSync(data, { recursive: true, force: true })
  }
  try {
    await ready(url)
    await listed(url, 'openai/gpt-test')
  } catch (thrown) {
    await stop()
    throw new Error(process.output, { cause: thrown })
  }
  return { url, processes: [process], stop, [Symbol.asyncDispose]: stop }
}

/** Ingress and workers as processes on a NATS server that is there already. */
export async function startServices(upstream: Upstream, options: { nats: NatsServer; env?: Environment; workers?: number; caches?: Environment[]; stores?: Environment[]; semantic?: Environment[]; ingressNatsUrl?: string; workerNatsUrl?: string }): Promise<Cluster> {
  const { nats } = options
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const shared = environmentFor(upstream, options.env)
  const ingress = startProcess('services/ingress/src/main.ts', { env: { ...shared, NATS_URL: options.ingressNatsUrl ?? nats.url, PORT: String(port), OPENAI_API_KEY: undefined } })
  const workers: RunningProcess[] = []
  const startWorker = async (env: Environment = {}) => {
    const worker = startProcess('services/provider-worker/src/main.ts', { env: { ...shared, NATS_URL: options.workerNatsUrl ?? nats.url, GOMODEL_MASTER_KEY: undefined, ...env } })
    workers.push(worker)
    await worker.waitFor('on the bus', 20_000)
    return worker
  }
  const caches = (options.caches ?? []).map(env => startProcess('services/exact-cache/src/main.ts', { env: { HOST: '127.0.0.1', NATS_URL: nats.url, ...env } }))
  const stores = (options.stores ?? []).map(env => startProcess('services/response-store/src/main.ts', { env: { HOST: '127.0.0.1', NATS_URL: nats.url, ...env } }))
  const semantic = (options.semantic ?? []).map(env => startProcess('services/semantic-cache/src/main.ts', { env: { ...options.env, HOST: '127.0.0.1', NATS_URL: nats.url, ...env } }))
  const stop = async () => void (await Promise.all([ingress, ...workers, ...caches, ...stores, ...semantic].map(process => process.stop())))
  try {
    for (let i = 0; i < (options.workers ?? 1); i++) await startWorker()
    for (const kept of [...caches, ...stores]) await kept.waitFor('on the bus', 20_000)
    for (const kept of semantic) await kept.waitFor('"serving"', 20_000)
    await ready(url)
    await listed(url, 'openai/gpt-test')
  } catch (thrown) {
    await stop()
    throw new Error([ingress, ...workers, ...caches, ...stores, ...semantic].map(process => process.output).join('\n'), { cause: thrown })
  }
  return { url, nats, ingress, workers, caches, processes: [ingress, ...workers, ...caches, ...stores, ...semantic], startWorker, stop, [Symbol.asyncDispose]: stop }
}

/** The same with a NATS server of its own. */
export async function startCluster(upstream: Upstream, options: { env?: Environment; workers?: number; caches?: Environment[]; stores?: Environment[]; semantic?: Environment[] } = {}): Promise<Cluster> {
  const nats = await startNats()
  try {
    const services = await startServices(upstream, { nats, ...options })
    const stop = async () => {
      await services.stop()
      await nats.stop()
    }
    return { ...services, stop, [Symbol.asyncDispose]: stop }
  } catch (thrown) {
    await nats.stop()
    throw thrown
  }
}

/** The two shapes in which users run it; what holds of the gateway holds in both. */
export const shapes: [string, (upstream: Upstream, env?: Environment) => Promise<Gateway>][] = [
  ['standalone', startStandalone],
  ['services over NATS', (upstream, env) => startCluster(upstream, env ? { env } : {})],
]

/** The text of an event stream's deltas, and what it ended with. */
export function readEvents(body: string): { content: string; done: boolean; error: { message: string; type: string; param: string | null; code: string } | undefined; events: string[] } {
  const events = body.split('\n\n').filter(event => event.startsWith('data: ')).map(event => event.slice(6))
  const json = events.filter(event => event !== '[DONE]').map(event => JSON.parse(event) as { choices?: { delta: { content?: string } }[]; error?: { message: string; type: string; param: string | null; code: string } })
  return {
    content: json.map(event => event.choices?.[0]?.delta.content ?? '').join(''),
    done: events.at(-1) === '[DONE]',
    error: json.find(event => event.error)?.error,
    events,
  }
}
