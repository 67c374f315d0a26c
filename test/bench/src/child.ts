import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A script of the bench that runs as a process of its own. */
export interface Child {
  readonly pid: number
  /** Sends a message, if one is given, and resolves with the next one that comes back; rejects when the process ends first. */
  ask(message?: object): Promise<unknown>
  stop(): Promise<void>
}

/** Starts a script beside this file. */
export function startChild(file: string, env: Readonly<Record<string, string>> = {}): Child {
  const child = fork(join(import.meta.dirname, file), { env: { ...process.env, ...env } })
  return {
    pid: child.pid ?? -1,
    ask(message) {
      const answer = nextMessage(child, file)
      if (message) child.send(message)
      return answer
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

/** In a child: hears what the parent asks, and lives as long as it does. */
export function onParent(handler: (message: unknown) => void): void {
  process.on('message', handler)
  outliveCtrlC()
}

/** In a child: answers the parent. */
export function tellParent(message: unknown): void {
  outliveCtrlC()
  process.send?.(message)
}

/** Ctrl-C reaches the whole group; the parent alone decides who stops when. */
function outliveCtrlC(): void {
  if (process.listenerCount('SIGINT') > 0) return
  process.on('SIGINT', () => {})
  process.on('disconnect', () => process.exit(0))
}

function nextMessage(child: ChildProcess, file: string): Promise<unknown> {
  const { promise, resolve, reject } = Promise.withResolvers<unknown>()
  const ended = (): void => reject(new Error(`${file} ended`))
  child.once('message', resolve)
  child.once('exit', ended)
  return promise.finally(() => {
    child.off('message', resolve)
    child.off('exit', ended)
  })
}
