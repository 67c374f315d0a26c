import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'

/** A script that runs as a process of its own. */
export interface Child {
  readonly pid: number
  readonly running: boolean
  /** Sends a message, if one is given, and resolves with the next one that comes back; rejects when the process ends first. */
  ask(message?: object): Promise<unknown>
  stop(): Promise<void>
}

/** How a script is started. */
export interface ChildOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** For Node itself. */
  readonly execArgv?: readonly string[]
  readonly cwd?: string
  /** What it writes is thrown away. */
  readonly silent?: boolean
}

/** Starts a script, which is named from this folder. */
export function startChild(file: string, { env = {}, args = [], execArgv = [], cwd, silent = false }: ChildOptions = {}): Child {
  const output = silent ? 'ignore' : 'inherit'
  const child = fork(resolve(import.meta.dirname, file), args, { env: { ...process.env, ...env }, execArgv: [...execArgv], ...(cwd !== undefined && { cwd }), stdio: ['ignore', output, output, 'ipc'] })
  const running = (): boolean => child.exitCode === null && child.signalCode === null
  return {
    pid: child.pid ?? -1,
    get running() {
      return running()
    },
    ask(message) {
      const answer = nextMessage(child, file)
      if (message) child.send(message)
      return answer
    },
    async stop() {
      if (!running()) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** In a child: hears what the parent asks, and lives as long as it does. */
export function onParent(handler: (message: unknown) => void): void {
  process.on('message', handler)
  endWithParent()
}

/** In a child: answers the parent. */
export function tellParent(message: unknown): void {
  endWithParent()
  process.send?.(message)
}

/** In a child: ends when the parent does and not before. Ctrl-C reaches the whole group; the parent alone decides who stops when. */
export function endWithParent(): void {
  if (process.listenerCount('SIGINT') > 0) return
  process.on('SIGINT', () => {})
  process.on('disconnect', () => process.exit(0))
}

function nextMessage(child: ChildProcess, file: string): Promise<unknown> {
  const { promise, resolve: answer, reject } = Promise.withResolvers<unknown>()
  const ended = (): void => reject(new Error(`${file} ended`))
  child.once('message', answer)
  child.once('exit', ended)
  return promise.finally(() => {
    child.off('message', answer)
    child.off('exit', ended)
  })
}
