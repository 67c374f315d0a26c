import { spawn } from 'node:child_process'
import { isAbsolute, join, resolve } from 'node:path'
import { atExit } from './at-exit.ts'
import { until } from './wait.ts'

/** How a program is to be run. */
export interface ProcessOptions {
  /** Added to PATH, HOME and TMPDIR, which are all that it gets of this process's environment. */
  env?: Record<string, string | undefined>
  args?: readonly string[]
  /** The repository's root unless told. */
  cwd?: string
}

/** How a process ended. */
export interface Exit {
  code: number | null
  signal: NodeJS.Signals | null
}

/** A Node program that runs beside the test. */
export interface RunningProcess extends AsyncDisposable {
  readonly pid: number
  /** Everything it has written so far, to stdout and stderr, as it came. */
  readonly output: string
  readonly exited: Promise<Exit>
  readonly running: boolean
  /** Resolves with the match once its output holds the pattern; fails at once when it ends without. */
  waitFor(pattern: string | RegExp, timeoutMs?: number): Promise<string>
  kill(signal: NodeJS.Signals): void
  /** Asks it to end, and kills it if it has not after 10 seconds. */
  stop(): Promise<Exit>
}

/** The folder that holds the workspaces. */
export const REPOSITORY = resolve(import.meta.dirname, '../../..')

const INHERITED = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SYSTEMROOT', 'USERPROFILE']
const STOP_TIMEOUT_MS = 10_000

/** Runs a file (named from the repository's root) under this Node; it is killed when the test process ends. */
export function startProcess(file: string, { env = {}, args = [], cwd = REPOSITORY }: ProcessOptions = {}): RunningProcess {
  const inherited = Object.fromEntries(INHERITED.map((name) => [name, process.env[name]]))
  const path = cwd === REPOSITORY || isAbsolute(file) ? file : join(REPOSITORY, file)
  const child = spawn(process.execPath, [path, ...args], {
    cwd,
    env: { ...inherited, ...env },
    // The channel tells a service that its parent is gone, even if the parent was killed.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let output = ''
  let running = true
  const kill = (signal: NodeJS.Signals): void => {
    if (running) child.kill(signal)
  }
  const forget = atExit(() => kill('SIGKILL'))
  const exited = new Promise<Exit>((settle) => {
    const ended = (exit: Exit): void => {
      running = false
      forget()
      settle(exit)
    }
    child.once('error', (error) => {
      output += error.message
      ended({ code: null, signal: null })
    })
    child.once('close', (code, signal) => ended({ code, signal }))
  })
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }

  const stop = async (): Promise<Exit> => {
    kill('SIGTERM')
    // One that was frozen has to wake up to hear it.
    kill('SIGCONT')
    const late = setTimeout(() => kill('SIGKILL'), STOP_TIMEOUT_MS)
    try {
      return await exited
    } finally {
      clearTimeout(late)
    }
  }
  return {
    pid: child.pid ?? -1,
    exited,
    kill,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop()
    },
    get output() {
      return output
    },
    get running() {
      return running
    },
    async waitFor(pattern, timeoutMs = 10_000) {
      const found = (): string | undefined => (typeof pattern === 'string' ? (output.includes(pattern) ? pattern : undefined) : pattern.exec(output)?.[0])
      try {
        await until(() => found() !== undefined || !running, { what: `${String(pattern)} from ${file}`, timeoutMs })
      } catch (thrown) {
        throw new Error(`${String(thrown)}; its output:\n${output}`, { cause: thrown })
      }
      const match = found()
      if (match === undefined) throw new Error(`${file} ended without ${String(pattern)}; its output:\n${output}`)
      return match
    },
  }
}
