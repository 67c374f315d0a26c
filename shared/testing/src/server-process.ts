import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import { atExit } from './at-exit.ts'

/** One run of a server's binary. */
export interface ServerProcess {
  readonly pid: number
  /** Resolves with how it ended. */
  readonly exited: Promise<string>
  readonly running: boolean
  readonly log: string
  kill(signal: NodeJS.Signals): void
  /** Kills it and resolves when it is gone. */
  end(): Promise<void>
}

// The shell becomes the server, so the pid is the server's own; what stays behind waits for a word on descriptor 3
// and takes the silence of a parent that died, however it died, as the order to kill and to clear up.
const WATCHED = `folder=$1; shift
{ read -r _ <&3 || { kill -KILL $$; rm -rf "$folder"; }; } >/dev/null 2>&1 &
exec 3<&-
exec "$0" "$@"`
const MAX_LOG_CHARACTERS = 64 * 1024

/** Runs a server in a session of its own, out of the reach of Ctrl-C, and never longer than this process lives; its folder goes with it. `more` is added to its environment. */
export function spawnServer(binary: string, flags: readonly string[], folder: string, more: Readonly<Record<string, string>> = {}): ServerProcess {
  const plain = process.platform === 'win32'
  // What the operator says wins.
  const env = { ...more, ...process.env }
  const child = plain
    ? spawn(binary, flags, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    : spawn('/bin/sh', ['-c', WATCHED, binary, folder, ...flags], { env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'], detached: true })
  const word = child.stdio[3] as Socket | undefined
  let log = ''
  let running = true

  const kill = (signal: NodeJS.Signals): void => {
    if (running) child.kill(signal)
  }
  const forget = atExit(() => kill('SIGKILL'))
  const exited = new Promise<string>((resolve) => {
    const ended = (how: string): void => {
      running = false
      forget()
      word?.end('\n')
      resolve(how)
    }
    child.once('error', (error) => ended(error.message))
    child.once('exit', (code, signal) => ended(signal ?? `exit code ${code}`))
  })

  word?.on('error', () => undefined)
  word?.unref()
  child.unref()
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (data: Buffer) => {
      log = (log + data.toString()).slice(-MAX_LOG_CHARACTERS)
    })
    const pipe = stream as Socket | null
    pipe?.unref()
  }

  return {
    pid: child.pid ?? -1,
    exited,
    kill,
    async end() {
      // It keeps nobody waiting while it runs, but who ends it waits for that.
      if (running) child.ref()
      kill('SIGKILL')
      await exited
    },
    get running() {
      return running
    },
    get log() {
      return log
    },
  }
}
