import { createServer } from 'node:net'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { afterEach, expect, test, vi } from 'vitest'
import { findNatsServer, requireNatsServer } from './find-nats-server.ts'
import { startNatsCluster } from './nats-cluster.ts'
import { startNats } from './nats-server.ts'
import { startProcess } from './processes.ts'
import { until } from './wait.ts'

afterEach(() => {
  vi.unstubAllEnvs()
})

interface Varz {
  max_payload: number
  server_id: string
  gomaxprocs: number
  jetstream: { config?: object }
}

const varz = async (monitorUrl: string): Promise<Varz> => (await (await fetch(`${monitorUrl}/varz`)).json()) as Varz

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // A zombie still answers to signal 0.
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

const foldersOf = (pid: number): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith(`gomodel-nats-${pid}-`))

test('a server is our own process and leaves nothing behind', async () => {
  const server = await startNats({ maxPayload: 4096 })
  expect(alive(server.pid)).toBe(true)
  expect(foldersOf(process.pid)).toHaveLength(1)
  expect(server.url).toBe(`nats://127.0.0.1:${server.port}`)
  expect((await varz(server.monitorUrl)).max_payload).toBe(4096)
  await server.stop()
  expect(alive(server.pid)).toBe(false)
  expect(foldersOf(process.pid)).toEqual([])
})

test('a server leaves its neighbours their cores, unless the environment says how many it gets', async () => {
  vi.stubEnv('GOMAXPROCS', undefined)
  await using modest = await startNats()
  expect((await varz(modest.monitorUrl)).gomaxprocs).toBe(Math.max(1, Math.floor(availableParallelism() / 4)))
  vi.stubEnv('GOMAXPROCS', '3')
  await using told = await startNats()
  expect((await varz(told.monitorUrl)).gomaxprocs).toBe(3)
})

test('a killed server comes back on the same port as another process', async () => {
  await using server = await startNats({ jetstream: true })
  const first = { pid: server.pid, id: (await varz(server.monitorUrl)).server_id }
  server.kill('SIGKILL')
  await until(() => !alive(first.pid), { what: 'the end of the first process' })
  await server.restart()
  const second = await varz(server.monitorUrl)
  expect(server.pid).not.toBe(first.pid)
  expect(second.server_id).not.toBe(first.id)
  expect(second.jetstream.config).toBeDefined()
})

test('a server can be frozen and woken', async () => {
  await using server = await startNats()
  server.kill('SIGSTOP')
  await expect(fetch(server.monitorUrl, { signal: AbortSignal.timeout(200) })).rejects.toThrow('timeout')
  server.kill('SIGCONT')
  expect((await fetch(server.monitorUrl)).status).toBe(200)
  server.kill('SIGSTOP')
})

test('the port of somebody else is not taken for our own', async () => {
  const other = createServer((socket) => socket.end('INFO {"server_name":"other"}\r\n'))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  await expect(startNats({ port })).rejects.toThrow(/nats-server did not start.*address already in use/s)
  other.close()
})

test('a configuration that the server refuses is told with its own words', async () => {
  await expect(startNats({ config: 'max_payload: { }' })).rejects.toThrow(/did not start \(exit code 1\).*nats\.conf:1:0/s)
})

test('an end that nobody asked for is reported', async () => {
  let how = ''
  await using server = await startNats({ onExit: (told) => (how = told) })
  process.kill(server.pid, 'SIGKILL')
  await until(() => how, { what: 'the report' })
  expect(how).toBe('SIGKILL')
})

test('a server does not outlive a parent that is killed', async () => {
  await using parent = startProcess('shared/testing/src/fixtures/nats-parent.ts')
  const pid = Number(/\d+/.exec(await parent.waitFor(/pid \d+\n/))?.[0])
  expect(alive(pid)).toBe(true)
  parent.kill('SIGKILL')
  await until(() => !alive(pid), { what: 'the end of the orphan' })
  await until(() => foldersOf(parent.pid).length === 0, { what: 'the end of its folder' })
})

test('three servers form a cluster, and again after one was killed', async () => {
  await using cluster = await startNatsCluster(3)
  expect(cluster.url.split(',')).toHaveLength(3)
  const [first, ...others] = cluster.servers
  first?.kill('SIGKILL')
  await cluster.routed(1, others)
  await first?.restart()
  await cluster.routed(2)
})

test('NATS_SERVER names the server, and one that names nothing is no server', async () => {
  const found = await requireNatsServer()
  expect(existsSync(found)).toBe(true)
  vi.stubEnv('NATS_SERVER', found)
  vi.stubEnv('PATH', '')
  expect(findNatsServer()).toBe(found)
  vi.stubEnv('NATS_SERVER', '/nowhere/nats-server')
  expect(findNatsServer()).toBeUndefined()
  await expect(requireNatsServer()).rejects.toThrow(/\/nowhere\/nats-server.*apt-get install nats-server.*brew install.*nats-io\/nats-server/)
})
