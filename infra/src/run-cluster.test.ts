import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { REPOSITORY, type RunningProcess, freePort, requireNatsServer, startNats, startProcess, until } from '@gomodel/testing'
import { beforeAll, expect, onTestFinished, test } from 'vitest'

// Services that only tell what they were told, so that the launcher is what is tested.
const LAUNCHER = 'infra/src/fixtures/house-cluster.ts'
const NOWHERE = { NATS_SERVER: '/nowhere/nats-server' }

beforeAll(async () => {
  await requireNatsServer()
})

/** A launcher in an empty folder, ended with the test. */
function launch({ args = [], env = {}, dotenv, yaml }: { args?: string[]; env?: Record<string, string>; dotenv?: string; yaml?: string }): RunningProcess {
  const cwd = mkdtempSync(join(tmpdir(), 'gomodel-cluster-'))
  if (dotenv !== undefined) writeFileSync(join(cwd, '.env'), dotenv)
  if (yaml !== undefined) writeFileSync(join(cwd, 'config.yaml'), yaml)
  const launcher = startProcess(LAUNCHER, { args, env, cwd })
  onTestFinished(async () => {
    await launcher.stop()
    rmSync(cwd, { recursive: true })
  })
  return launcher
}

const pidsIn = (output: string): number[] => [...output.matchAll(/pid (\d+)/g)].map((match) => Number(match[1]))

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !existsSync('/proc') || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

test('all services come up on a server of their own and leave in order', async () => {
  const port = await freePort()
  const launcher = launch({ args: ['--port', String(port), '--workers', 'openai=2'] })
  const ready = await launcher.waitFor(/ready: .*\n/)
  const natsUrl = /nats:\/\/127\.0\.0\.1:\d+/.exec(ready)?.[0]
  expect(ready).toBe(`ready: http://localhost:${port} (nats ${natsUrl}, ingress 1, workers openai=2 others=1)\n`)
  await launcher.waitFor('worker |')
  expect(launcher.output).toContain('ingress | listening as node\n')
  expect(launcher.output).toContain(`worker-openai-2 | serves openai except - on ${natsUrl} pid`)
  expect(launcher.output).toContain(`worker | serves - except openai on ${natsUrl} pid`)
  expect(await launcher.stop()).toEqual({ code: 0, signal: null })
  expect(launcher.output).toMatch(/ingress \| draining\n(?:worker\S* \| leaving\n){3}$/)
  await expect(fetch(natsUrl?.replace('nats', 'http') ?? '')).rejects.toThrow('fetch failed')
})

test('a second Ctrl-C ends all at once, but one that comes twice is one', async () => {
  const port = await freePort()
  const launcher = launch({ args: ['--port', String(port)], env: { DRAIN_MS: '60000' } })
  await launcher.waitFor('ready:')
  launcher.kill('SIGINT')
  await launcher.waitFor('draining')
  launcher.kill('SIGINT')
  await sleep(700)
  expect(launcher.running).toBe(true)
  launcher.kill('SIGINT')
  expect((await launcher.exited).code).toBe(130)
  await expect(fetch(`http://127.0.0.1:${port}`)).rejects.toThrow('fetch failed')
})

test.skipIf(process.platform === 'win32')('it stops when the shell of its npm script is gone', async () => {
  const port = await freePort()
  const line = `"${process.execPath}" ${LAUNCHER} --port ${port} && true`
  const env = { PATH: process.env.PATH, npm_lifecycle_event: 'cluster' }
  const shell = spawn('/bin/sh', ['-c', line], { cwd: REPOSITORY, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const closed = once(shell, 'close')
  await until(() => output.includes('ready:'), { what: 'the cluster' })
  shell.kill('SIGTERM')
  await closed
  expect(output).toMatch(/ingress \| draining\n.*leaving\n$/)
})

test('services and server do not outlive a launcher that is killed', async () => {
  const port = await freePort()
  const launcher = launch({ args: ['--port', String(port)] })
  const ready = await launcher.waitFor(/ready: .*\n/)
  const natsUrl = /nats:(\/\/127\.0\.0\.1:\d+)/.exec(ready)?.[1]
  await launcher.waitFor(/serves .*\n/)
  launcher.kill('SIGKILL')
  const [worker] = pidsIn(launcher.output)
  expect(worker).toBeDefined()
  await until(() => !alive(worker ?? 0), { what: 'the end of the worker' })
  for (const address of [`http:${natsUrl}`, `http://127.0.0.1:${port}`]) {
    const refused = (): Promise<boolean> => fetch(address).then(() => false, (error: Error) => String(error.cause).includes('ECONNREFUSED'))
    await until(refused, { what: `the end of ${address}` })
  }
})

test('a worker that ends is told and missed, and the others go on', async () => {
  const port = await freePort()
  const launcher = launch({ args: ['--port', String(port), '--workers', 'unknown=1'] })
  await launcher.waitFor('cluster: worker-unknown-1 ended by itself (exit code 1)\n')
  await launcher.waitFor('ready:')
  expect(launcher.output).toContain('worker-unknown-1 | no settings for the instance unknown\n')
  const [worker] = pidsIn(await launcher.waitFor(/worker \| serves .*\n/))
  process.kill(worker ?? 0, 'SIGKILL')
  await launcher.waitFor('cluster: worker ended by itself (SIGKILL)\n')
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200)
})

test('without its ingress the cluster stops and fails', async () => {
  const port = await freePort()
  const launcher = launch({ args: ['--port', String(port)] })
  await launcher.waitFor('ready:')
  await fetch(`http://127.0.0.1:${port}/die`).catch(() => undefined)
  expect(await launcher.exited).toEqual({ code: 1, signal: null })
  expect(launcher.output).toContain('cluster: ingress ended by itself (exit code 7)\n')
  expect(launcher.output).toContain('worker | leaving\n')
})

test('a server that runs is used, and the real environment wins over .env', async () => {
  await using nats = await startNats()
  const port = await freePort()
  const dotenv = `NATS_URL=nats://127.0.0.1:1\nPORT=${port}\nPROVIDER_INSTANCES=groq\n`
  const launcher = launch({ dotenv, env: { ...NOWHERE, NATS_URL: nats.url } })
  await launcher.waitFor(`ready: http://localhost:${port} (nats ${nats.url},`)
  await launcher.waitFor(`worker | serves groq except - on ${nats.url} pid`)
  await launcher.stop()
  expect(await fetch(nats.monitorUrl)).toHaveProperty('status', 200)
})

test('a YAML file says what the environment does not', async () => {
  await using nats = await startNats()
  const port = await freePort()
  const launcher = launch({ yaml: `server: { port: ${port}, host: 127.0.0.1 }\nnats: { url: "nats://127.0.0.1:1" }\n`, env: { ...NOWHERE, NATS_URL: nats.url } })
  await launcher.waitFor(`ready: http://localhost:${port} (nats ${nats.url},`)
})

test.each([
  { what: 'a YAML file that is none', env: { CONFIG_FILE: '/nowhere.yaml' }, code: 1, line: /^cluster: bad configuration: CONFIG_FILE must be a file that can be read \(ENOENT\)\n$/ },
  { what: 'no nats-server', env: NOWHERE, code: 1, line: /^cluster: no nats-server was found: .*apt-get install nats-server.*brew install nats-server.*nats-io\/nats-server.*NATS_URL.*\n$/ },
  { what: 'a NATS_URL where nobody answers', env: { NATS_URL: 'nats://me:secret@127.0.0.1:1' }, code: 1, line: /^cluster: no nats-server answers at NATS_URL nats:\/\/127\.0\.0\.1:1: .*ECONNREFUSED.*\n$/ },
  { what: 'an unknown flag', args: ['--worker', 'openai=3'], code: 2, line: /^cluster: --worker is not known; .*\n$/ },
  { what: 'a wrong PORT', env: { PORT: 'http' }, code: 2, line: /^cluster: PORT must be a number from 1 to 65535; it is "http"\n$/ },
])('$what is told in one line', async ({ args = [], env = {}, code, line }) => {
  // PATH holds nothing either, as on a machine that never had one.
  const launcher = launch({ args, env: { PORT: String(await freePort()), ...env, PATH: '' } })
  expect(await launcher.exited).toEqual({ code, signal: null })
  expect(launcher.output).toMatch(line)
})

test('a port that is taken is told before anything starts', async () => {
  await using nats = await startNats()
  const launcher = launch({ args: ['--port', String(nats.port)] })
  expect((await launcher.exited).code).toBe(1)
  expect(launcher.output).toBe(`cluster: port ${nats.port} cannot be listened on (EADDRINUSE); choose another with --port\n`)
})
