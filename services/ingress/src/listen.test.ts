import { once } from 'node:events'
import { get, Agent } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { fastify, type FastifyInstance } from 'fastify'
import { describe, expect, test } from 'vitest'
import { listen } from './listen.ts'

const HOST = '127.0.0.1'

async function started(stack: AsyncDisposableStack, port = 0): Promise<{ app: FastifyInstance, port: number }> {
  const app = stack.adopt(fastify(), server => server.close())
  app.get('/', () => 'here')
  return { app, port: Number(new URL(await listen(app, { host: HOST, port })).port) }
}

function clients(stack: AsyncDisposableStack, port: number, count: number): Socket[] {
  return Array.from({ length: count }, () => stack.adopt(connect(port, HOST), socket => void socket.destroy()))
}

const isLinux = process.platform === 'linux'

describe('the port', () => {
  test.runIf(isLinux)('takes many connections in one turn of the event loop', async () => {
    await using stack = new AsyncDisposableStack()
    const { app, port } = await started(stack)
    let taken = 0
    app.server.on('connection', () => taken++)
    const connected = clients(stack, port, 256).map(client => once(client, 'connect'))
    const perTurn: number[] = []
    while (taken < 256) {
      const before = taken
      await turn()
      perTurn.push(taken - before)
    }
    await Promise.all(connected)
    expect(Math.max(...perTurn)).toBeGreaterThan(8)
  })

  test('answers on each of its connections', async () => {
    await using stack = new AsyncDisposableStack()
    const { port } = await started(stack)
    const answers = Array.from({ length: 100 }, async () => await (await fetch(`http://${HOST}:${port}`)).text())
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['here']))
  })

  test('is of one server, though many sockets share it', async () => {
    await using stack = new AsyncDisposableStack()
    const { port } = await started(stack)
    await expect(started(stack, port)).rejects.toMatchObject({ code: 'EADDRINUSE' })
    expect(await (await fetch(`http://${HOST}:${port}`)).text()).toBe('here')
  })

  test('is closed at once, and its server when the last running answer is over', async () => {
    await using stack = new AsyncDisposableStack()
    const app = stack.adopt(fastify(), server => server.close())
    const running: PromiseWithResolvers<string>[] = []
    const begun = Promise.withResolvers<void>()
    app.get('/', () => {
      const answer = Promise.withResolvers<string>()
      if (running.push(answer) === 64) begun.resolve()
      return answer.promise
    })
    let over = false
    app.addHook('onClose', () => void (over = true))
    const url = await listen(app, { host: HOST, port: 0 })
    const agent = stack.adopt(new Agent({ keepAlive: true }), all => all.destroy())
    const gone = Array.from({ length: 64 }, () => new Promise<string>((resolve, reject) => {
      const request = get(url, { agent }, answer => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => (text += part))
        request.on('close', () => request.socket?.once('close', () => resolve(text)))
      }).on('error', reject)
    }))
    await begun.promise
    const closed = app.close()
    await turn()
    await expect(fetch(url)).rejects.toThrow('fetch failed')
    // The first came through the first socket.
    const last = running.pop()
    for (const answer of running) answer.resolve('done')
    expect(await atLeast(63, gone)).toEqual(Array.from({ length: 63 }, () => 'done'))
    await sleep(50)
    expect(over).toBe(false)
    last!.resolve('last')
    await closed
    expect((await Promise.all(gone)).sort()).toEqual([...Array.from({ length: 63 }, () => 'done'), 'last'])
    expect(over).toBe(true)
  })

  test('does not wait for connections that never ask', async () => {
    await using stack = new AsyncDisposableStack()
    const { app, port } = await started(stack)
    const taken = Promise.withResolvers<void>()
    let count = 0
    app.server.on('connection', () => ++count === 8 && taken.resolve())
    const silent = clients(stack, port, 8)
    silent[0]!.write('GET / HT')
    const gone = silent.map(client => once(client.on('error', () => {}), 'close'))
    await taken.promise
    await app.close()
    await Promise.all(gone)
  })
})

/** The first of what is to come. */
async function atLeast<T>(count: number, all: readonly Promise<T>[]): Promise<T[]> {
  const come: T[] = []
  const enough = Promise.withResolvers<void>()
  for (const one of all) void one.then(value => come.push(value) === count && enough.resolve(), enough.reject)
  await enough.promise
  return come
}
