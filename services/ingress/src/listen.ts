import { once } from 'node:events'
import type { Server as HttpServer } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** Where clients come in. Port 0 is a free one. */
export interface Door {
  readonly host: string
  readonly port: number
}

// A thousand clients that connect at once overflow the default of 511, and each that does waits a second for its retry.
const BACKLOG = 4096
const IDLE_MS = 100
// Only Linux shares what comes among the sockets of a port.
const SOCKETS = process.platform === 'linux' ? 32 : 1

/**
 * Opens the port of a server, and says its address. An event loop takes one connection a turn from each listening socket
 * (libuv's pull request 3696), and a turn is long where a thousand streams are written in it: who connects then would wait
 * for seconds. So the port has many sockets. They close when the server does, which then waits until every running answer is over.
 * @throws as `listen` of Node does, `EADDRINUSE` above all: although sockets share the port, two servers do not.
 */
export async function listen(app: FastifyInstance, { host, port }: Door): Promise<string> {
  const free = SOCKETS === 1 ? port : await freePort(host, port)
  const more: Server[] = []
  closeWith(app, more)
  // Not all systems know of shared ports, and some refuse.
  const address = await app.listen({ host, port: free, backlog: BACKLOG, ...(SOCKETS > 1 && { reusePort: true }) })
  const bound = app.addresses().filter(at => typeof at !== 'string')
  more.push(...(await Promise.all(bound.flatMap(at => Array.from({ length: SOCKETS - 1 }, () => another(app, at))))))
  return address
}

function closeWith(app: FastifyInstance, more: readonly Server[]): void {
  const silent = silentOf(app.server)
  let over: Promise<unknown>
  let idle: NodeJS.Timeout
  app.addHook('preClose', done => {
    over = Promise.all(more.map(closed))
    // Running answers are waited for; a connection whose answer is done, or that never asked, has nothing more to say.
    idle = setInterval(() => {
      app.server.closeIdleConnections()
      for (const socket of silent) socket.destroy()
    }, IDLE_MS)
    done()
  })
  // The last hook is the first to be called: what the answers need ends behind them.
  app.addHook('onClose', async () => {
    await over
    clearInterval(idle)
  })
}

/** The connections that have not asked for anything yet, which Node does not count among the idle ones. */
function silentOf(server: HttpServer): ReadonlySet<Socket> {
  const silent = new Set<Socket>()
  server.on('connection', socket => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  server.on('request', ({ socket }) => silent.delete(socket))
  return silent
}

/** The port, once it is sure that nobody has it: who asks for a port of its own is refused also where all others would share it. */
async function freePort(host: string, port: number): Promise<number> {
  const alone = createServer()
  alone.listen({ host, port })
  await once(alone, 'listening')
  const { port: free } = alone.address() as AddressInfo
  await closed(alone)
  return free
}

async function another(app: FastifyInstance, { address: host, port }: AddressInfo): Promise<Server> {
  // As `http.Server` wants its connections.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, socket => app.server.emit('connection', socket))
  server.listen({ host, port, backlog: BACKLOG, reusePort: true })
  await once(server, 'listening')
  return server
}

function closed(server: Server): Promise<void> {
  return new Promise(resolve => server.close(() => resolve()))
}
