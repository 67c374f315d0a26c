import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { atExit } from './at-exit.ts'
import { requireServer } from './find-server.ts'
import { type ServerProcess, spawnServer } from './server-process.ts'
import { freePort, until } from './wait.ts'

/** One series of an answer, with its newest value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** A real Prometheus on loopback that belongs to this process. */
export interface PrometheusServer extends AsyncDisposable {
  readonly url: string
  readonly log: string
  /** Evaluates an expression now; one that Prometheus cannot read rejects with its words. */
  query(expression: string): Promise<Sample[]>
  stop(): Promise<void>
}

const PROGRAM = {
  name: 'prometheus',
  variable: 'PROMETHEUS_SERVER',
  howToGet: 'get one with "apt-get install prometheus" or "brew install prometheus", or name its path in PROMETHEUS_SERVER',
}
const START_TIMEOUT_MS = 30_000

/** The Prometheus of this machine, installed first where that is ours to do; rejects with where to get one. */
export const requirePrometheus = (): Promise<string> => requireServer(PROGRAM)

/** What `promtool check config` says of a file; rejects with its complaint when the file is wrong. */
export async function checkPrometheusConfig(file: string): Promise<string> {
  const promtool = join(dirname(await requirePrometheus()), 'promtool')
  return promisify(execFile)(promtool, ['check', 'config', file]).then(({ stdout, stderr }) => stdout + stderr)
}

/** Starts a private Prometheus with the text of a configuration file and resolves once it is ready. */
export async function startPrometheus(config: string): Promise<PrometheusServer> {
  const binary = await requirePrometheus()
  const folder = mkdtempSync(join(tmpdir(), `gomodel-prometheus-${process.pid}-`))
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  const forget = atExit(removeFolder)
  const file = join(folder, 'prometheus.yml')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  writeFileSync(file, config)
  const server = spawnServer(binary, [`--config.file=${file}`, `--storage.tsdb.path=${folder}/data`, `--web.listen-address=127.0.0.1:${port}`], folder)
  const stop = async (): Promise<void> => {
    await server.end()
    forget()
    removeFolder()
  }
  try {
    await ready(url, server, folder)
  } catch (thrown) {
    await stop()
    throw new Error(`prometheus did not start:\n${server.log}`, { cause: thrown })
  }
  return {
    url,
    query: (expression) => query(url, expression),
    get log() {
      return server.log
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** Waits until it is ready, and until it is ours: its own flags name our folder. */
const ready = (url: string, server: ServerProcess, folder: string): Promise<boolean> =>
  until(async () => {
    if (!server.running) return true
    const { ok } = await fetch(`${url}/-/ready`)
    return ok && (await (await fetch(`${url}/api/v1/status/flags`)).text()).includes(folder)
  }, { what: 'prometheus to be ready', timeoutMs: START_TIMEOUT_MS, everyMs: 50 }).then((ours) => {
    if (!server.running) throw new Error('it ended by itself')
    return ours
  })

async function query(url: string, expression: string): Promise<Sample[]> {
  const answer = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query: expression }).toString()}`)
  const said = (await answer.json()) as { error?: string; data?: { result: { metric: Record<string, string>; value: [number, string] }[] } }
  if (!said.data) throw new Error(`prometheus refuses ${expression}: ${said.error ?? answer.status}`)
  return said.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
}
