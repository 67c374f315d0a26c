import { readdirSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { startRedis, type RedisServer } from './redis-server.ts'
import { until } from './wait.ts'

/** What the server answers to one line; undefined when it says nothing within the time. */
function asked({ port }: RedisServer, line: string, waitMs = 10_000): Promise<string | undefined> {
  return new Promise(resolve => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(`${line}\r\n`))
    onTestFinished(() => void socket.destroy())
    const timer = setTimeout(() => resolve(undefined), waitMs)
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(undefined))
    socket.once('data', data => {
      clearTimeout(timer)
      resolve(data.toString().trim())
    })
  })
}

const foldersOf = (pid: number): string[] => readdirSync(tmpdir()).filter(name => name.startsWith(`gomodel-redis-${pid}-`))

const started = async (options?: Parameters<typeof startRedis>[0]): Promise<RedisServer> => {
  const server = await startRedis(options)
  onTestFinished(() => server.stop())
  return server
}

test('a Redis is our own process and leaves nothing behind', async () => {
  const server = await startRedis()
  onTestFinished(() => server.stop())
  expect(server.url).toBe(`redis://127.0.0.1:${server.port}`)
  expect(foldersOf(process.pid)).toHaveLength(1)
  expect(await asked(server, 'PING')).toBe('+PONG')
  await server.stop()
  expect(await asked(server, 'PING')).toBeUndefined()
  expect(foldersOf(process.pid)).toEqual([])
  expect(() => process.kill(server.pid, 0)).toThrow('ESRCH')
})

test('two of them do not meet', async () => {
  const [one, other] = await Promise.all([started(), started()])
  await asked(one, 'SET colour red')
  expect(await asked(other, 'EXISTS colour')).toBe(':0')
})

test('one that was killed comes back on the same port as another process, empty', async () => {
  const server = await started()
  const first = server.pid
  expect(await asked(server, 'SET colour red')).toBe('+OK')
  await server.kill()
  expect(await asked(server, 'PING')).toBeUndefined()
  await server.restart()
  expect(server.pid).not.toBe(first)
  expect(await asked(server, 'EXISTS colour')).toBe(':0')
})

test('one can be frozen and woken', async () => {
  const server = await started()
  server.pause()
  expect(await asked(server, 'PING', 200)).toBeUndefined()
  server.resume()
  await until(async () => (await asked(server, 'PING', 1000)) === '+PONG', { what: 'an answer', timeoutMs: 20_000 })
})

test('a frozen one can be stopped', async () => {
  const server = await startRedis()
  server.pause()
  await server.stop()
  expect(await asked(server, 'PING')).toBeUndefined()
})

test('one with a password wants it, whatever characters it has', async () => {
  const password = 'pass "word" \\ :@/'
  const server = await started({ password })
  expect(await asked(server, 'PING')).toMatch(/^-NOAUTH/)
  const { protocol, port, password: said } = new URL(server.url)
  expect([protocol, port, decodeURIComponent(said)]).toEqual(['redis:', String(server.port), password])
})

test('the port of somebody else is not taken for our own', async () => {
  const other = createServer(socket => socket.end('+PONG\r\n'))
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const address = other.address()
  const port = typeof address === 'object' && address ? address.port : 0
  await expect(startRedis({ port })).rejects.toThrow(/redis-server did not start \(exit code 1\).*Address already in use/s)
  expect(foldersOf(process.pid)).toEqual([])
})

test('a configuration that the server refuses is told with its own words', async () => {
  await expect(startRedis({ config: 'maxmemory plenty' })).rejects.toThrow(/did not start.*maxmemory plenty/s)
})
