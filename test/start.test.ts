import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, REPOSITORY, startNats, startProcess, until } from '@gomodel/testing'
import { describe, expect, onTestFinished, test } from 'vitest'

const services = readdirSync(join(REPOSITORY, 'services'))

describe('each service', () => {
  test('is seen', () => expect(services).toEqual(expect.arrayContaining(['ingress', 'provider-worker', 'standalone'])))

  test.each(services)('%s starts under plain node, and leaves with code 0 when asked', async service => {
    const nats = await startNats()
    onTestFinished(() => nats.stop())
    const port = await freePort()
    const running = startProcess(`services/${service}/src/main.ts`, { env: { NATS_URL: nats.url, PORT: String(port), HOST: '127.0.0.1', OPENAI_BASE_URL: 'http://127.0.0.1:9' } })
    onTestFinished(async () => void (await running.stop()))
    if (['ingress', 'standalone'].includes(service)) await until(async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok, { what: `${service} to be healthy`, timeoutMs: 20_000 })
    if (service !== 'standalone') await running.waitFor('on the bus', 20_000)
    expect((await running.stop()).code).toBe(0)
  })

  test.each(services)('%s names every wrong setting and ends with code 1', async service => {
    const wrong: Record<string, string> = { LOG_LEVEL: 'loud', SHUTDOWN_TIMEOUT: 'soon' }
    const running = startProcess(`services/${service}/src/main.ts`, { env: wrong })
    onTestFinished(async () => void (await running.stop()))
    expect((await running.exited).code).toBe(1)
    expect(running.output.trim()).toMatch(/^bad configuration: LOG_LEVEL must be .*; SHUTDOWN_TIMEOUT must be a duration/)
  })
})

test.each(['ingress', 'standalone'])('%s names the port that somebody else has, and ends with code 1', async service => {
  const other = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const running = startProcess(`services/${service}/src/main.ts`, { env: { PORT: String(port), HOST: '127.0.0.1' } })
  onTestFinished(async () => void (await running.stop()))
  expect((await running.exited).code).toBe(1)
  expect(running.output).toMatch(new RegExp(`^the gateway cannot listen on 127.0.0.1:${port} \\(HOST, PORT\\): another process does \\(EADDRINUSE\\)$`, 'm'))
  expect(running.output).not.toContain('    at ')
})

test('npm start stops with the shell that npm runs it in, which dies of a SIGTERM and does not pass it on', async () => {
  const port = await freePort()
  const line = `"${process.execPath}" services/standalone/src/main.ts && true`
  const env = { PATH: process.env['PATH'], npm_lifecycle_event: 'start', PORT: String(port), HOST: '127.0.0.1' }
  const shell = spawn('/bin/sh', ['-c', line], { cwd: REPOSITORY, env, stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void shell.kill('SIGKILL'))
  let output = ''
  shell.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const closed = once(shell, 'close')
  await until(async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok, { what: 'the gateway', timeoutMs: 20_000 })
  shell.kill('SIGTERM')
  await closed
  expect(output).toContain('"why":"npm is gone"')
  expect(output).toContain('"msg":"stopped"')
})

test('without a provider and a simulator the gateway is alive, not ready, and says what is missing; without a master key it warns', async () => {
  const port = await freePort()
  const running = startProcess('services/standalone/src/main.ts', { env: { PORT: String(port), HOST: '127.0.0.1', SIMULATOR_ENABLED: 'false' } })
  onTestFinished(async () => void (await running.stop()))
  await until(async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok, { what: 'the gateway to be healthy', timeoutMs: 20_000 })
  const ready = await fetch(`http://127.0.0.1:${port}/ready`)
  expect(ready.status).toBe(503)
  expect(await ready.json()).toEqual({ status: 'not ready', missing: ['a provider with a live worker'] })
  expect(running.output).toContain('GOMODEL_MASTER_KEY is not set')
  expect((await fetch(`http://127.0.0.1:${port}/v1/models`)).status).toBe(200)
})

test('with nothing configured the gateway serves simulated models, and says that they are', async () => {
  const port = await freePort()
  const running = startProcess('services/standalone/src/main.ts', { env: { PORT: String(port), HOST: '127.0.0.1' } })
  onTestFinished(async () => void (await running.stop()))
  const url = `http://127.0.0.1:${port}/v1`
  const models = async () => ((await (await fetch(`${url}/models`)).json()) as { data: { id: string; owned_by: string }[] }).data
  await until(async () => (await models()).length > 0, { what: 'the models to be listed', timeoutMs: 20_000 })
  for (const { id, owned_by } of await models()) expect([id, owned_by]).toEqual([expect.stringMatching(/^simulator\/simulated-/), 'simulator'])
  expect(running.output).toContain('serving SIMULATED models')
  for (const model of ['simulator/simulated-chat@max', 'simulated-chat@200tps']) {
    const messages = [{ role: 'user', content: 'What is a bus?' }]
    const answer = await fetch(`${url}/chat/completions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model, messages }) })
    expect([answer.status, answer.headers.get('x-gomodel-provider')]).toEqual([200, 'simulator'])
    const { choices } = (await answer.json()) as { choices: { message: { content: string } }[] }
    expect(choices[0]?.message.content).toMatch(/simulated answer[^]*What is a bus\?/i)
  }
  const refused = await fetch(`${url}/chat/completions`, { method: 'POST', body: JSON.stringify({ model: 'simulated-error-429', messages: [{ role: 'user', content: 'x' }] }) })
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5'])
  expect((await running.stop()).code).toBe(0)
})

test('a Node that is too old gets one line that explains', () => {
  const check = readFileSync(join(REPOSITORY, 'infra/check-node.cjs'), 'utf8')
  const said: string[] = []
  const exit = (code: number) => said.push(`exit ${code}`)
  // The file itself, under another version.
  new Function('process', 'console', 'require', check)({ versions: { node: '20.1.0' }, exit }, { error: (line: string) => said.push(line) }, () => ({}))
  expect(said).toEqual([expect.stringMatching(/^GoModel needs Node 24 and this is 20\.1\.0: .*npm ci/), 'exit 1'])
})

test('a service whose launcher was killed ends by itself, though nobody reads what it logs', async () => {
  const launch = `const { spawn } = require('node:child_process')
    const child = spawn(process.execPath, ['services/standalone/src/main.ts'], { env: { PORT: '0', HOST: '127.0.0.1' }, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
    child.stdout.once('data', () => console.log(child.pid))`
  const launcher = spawn(process.execPath, ['-e', launch], { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void launcher.kill('SIGKILL'))
  const [said] = (await once(launcher.stdout, 'data')) as [Buffer]
  const pid = Number(said.toString())
  onTestFinished(() => {
    if (alive(pid)) process.kill(pid, 'SIGKILL')
  })
  launcher.kill('SIGKILL')
  await until(() => !alive(pid), { what: 'the service to end', timeoutMs: 15_000 })
})

test('a service goes on serving when nobody reads what it logs', async () => {
  const port = await freePort()
  const service = spawn(process.execPath, ['services/standalone/src/main.ts'], { cwd: REPOSITORY, env: { PORT: String(port), HOST: '127.0.0.1', LOG_LEVEL: 'debug' }, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void service.kill('SIGKILL'))
  await until(async () => (await fetch(`http://127.0.0.1:${port}/health`)).ok, { what: 'the gateway to be healthy', timeoutMs: 20_000 })
  service.stdout.destroy()
  for (let i = 0; i < 20; i++) expect((await fetch(`http://127.0.0.1:${port}/nowhere`)).status).toBe(404)
  service.kill('SIGTERM')
  expect(await once(service, 'exit')).toEqual([0, null])
})

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
