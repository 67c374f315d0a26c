import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { atExit } from './at-exit.ts'
import { requireServer } from './find-server.ts'
import { type ServerProcess, spawnServer } from './server-process.ts'
import { freePort } from './wait.ts'

/** What a test may want to be different about its Redis. */
export interface RedisServerOptions {
  password?: string
  /** A free port unless told. */
  port?: number
  /** Lines for the server's configuration file. */
  config?: string
}

/** A real Redis on loopback that belongs to this process and keeps nothing on disk. */
export interface RedisServer extends AsyncDisposable {
  /** As REDIS_URL takes it, the password included. */
  readonly url: string
  readonly port: number
  readonly pid: number
  readonly log: string
  /** Kills it and resolves when it is gone. */
  kill(): Promise<void>
  /** Freezes it: connections stay, and are taken, but nothing is answered. */
  pause(): void
  resume(): void
  /** Ends it if it runs and starts it again on the same port, empty. */
  restart(): Promise<void>
  stop(): Promise<void>
}

const PROGRAM = {
  name: 'redis-server',
  variable: 'REDIS_SERVER',
  howToGet: 'get one with "apt-get install redis-server" or "brew install redis", or name its path in REDIS_SERVER',
}
const START_TIMEOUT_MS = 20_000
const PORT_TRIES = 5
const TAKEN = 'Address already in use'

/** Starts a private Redis and resolves once it is known that our own process answers on the port. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const binary = await requireServer(PROGRAM)
  const folder = mkdtempSync(join(tmpdir(), `gomodel-redis-${process.pid}-`))
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  const forget = atExit(removeFolder)
  let port = options.port ?? 0
  let current: ServerProcess | undefined

  const begin = async (): Promise<void> => {
    current = spawnServer(binary, [configuration(folder, port, options)], folder)
    await listening(current, port, options.password)
  }
  /** Somebody else may take a port between the moment it was free and ours; Redis cannot choose one for itself. */
  const beginSomewhere = async (): Promise<void> => {
    for (let tries = 1; ; tries++) {
      port = await freePort()
      try {
        return await begin()
      } catch (thrown) {
        if (tries === PORT_TRIES || !String(thrown).includes(TAKEN)) throw thrown
      }
    }
  }
  const kill = async (): Promise<void> => current?.end()
  const stop = async (): Promise<void> => {
    await kill()
    forget()
    removeFolder()
  }

  try {
    await (options.port === undefined ? beginSomewhere() : begin())
  } catch (thrown) {
    await stop()
    throw thrown
  }
  const credentials = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}@`
  return {
    url: `redis://${credentials}127.0.0.1:${port}`,
    port,
    get pid() {
      return current?.pid ?? -1
    },
    get log() {
      return current?.log ?? ''
    },
    kill,
    pause: () => current?.kill('SIGSTOP'),
    resume: () => current?.kill('SIGCONT'),
    async restart() {
      await kill()
      await begin()
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function configuration(folder: string, port: number, { password, config = '' }: RedisServerOptions): string {
  const lines = [`port ${port}`, 'bind 127.0.0.1', `dir ${JSON.stringify(folder)}`, 'save ""', 'appendonly no', 'daemonize no', 'logfile ""', config]
  if (password !== undefined) lines.push(`requirepass ${JSON.stringify(password)}`)
  const file = join(folder, 'redis.conf')
  writeFileSync(file, `${lines.join('\n')}\n`)
  return file
}

/** Waits until the process that answers on the port is this very one. */
async function listening(server: ServerProcess, port: number, password: string | undefined): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS
  let ended: string | undefined
  void server.exited.then((how) => {
    ended = how
  })
  for (;;) {
    if ((await processBehind(port, password)) === server.pid) return
    if (ended !== undefined) throw new Error(`redis-server did not start (${ended}):\n${server.log}`)
    if (performance.now() > deadline) throw new Error(`redis-server was not there after ${START_TIMEOUT_MS} ms:\n${server.log}`)
    await sleep(10)
  }
}

/** The process id that a Redis on this port gives as its own; undefined when none does. */
function processBehind(port: number, password: string | undefined): Promise<number | undefined> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ host: '127.0.0.1', port })
    socket.setTimeout(2000, () => socket.destroy())
    socket.on('connect', () => {
      if (password !== undefined) socket.write(command('AUTH', password))
      socket.write(command('INFO', 'server'))
    })
    socket.on('data', (data) => {
      text += data.toString()
      const id = /\nprocess_id:(\d+)\r/.exec(text)?.[1]
      if (id !== undefined) resolve(Number(id))
      if (id !== undefined || /^-/m.test(text)) socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(undefined))
  })
}

const command = (...words: string[]): string => `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
