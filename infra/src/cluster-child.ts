import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { SERVICE_RUNTIME } from '@gomodel/testing'
import type { PlannedProcess } from './cluster-plan.ts'

/** A service that runs as a process of the cluster. */
export interface Child {
  readonly planned: PlannedProcess
  /** Resolves with how it ended, once its last line is out. */
  readonly exited: Promise<string>
  readonly running: boolean
  kill(signal: NodeJS.Signals): void
}

/** Starts a service in the launcher's process group and passes its output on, each line under its name. */
export function startChild(root: string, planned: PlannedProcess, natsUrl: string): Child {
  const child = spawn(process.execPath, [`services/${planned.service}/src/main.ts`], {
    argv0: 'node',
    cwd: root,
    env: { ...SERVICE_RUNTIME, ...process.env, NATS_URL: natsUrl, ...planned.env },
    // The channel closes when the launcher is gone, however it went, and a service ends with its channel.
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let running = true
  for (const [from, to] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    if (from) createInterface({ input: from }).on('line', (line) => to.write(`${planned.name} | ${line}\n`))
  }
  const exited = new Promise<string>((resolve) => {
    child.once('exit', () => {
      running = false
    })
    child.once('error', (error) => {
      running = false
      resolve(error.message)
    })
    child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
  return {
    planned,
    exited,
    get running() {
      return running
    },
    kill(signal) {
      if (running) child.kill(signal)
    },
  }
}

/** Asks processes to end and resolves when they have; who is still there after the timeout is killed. */
export async function stopChildren(children: readonly Child[], timeoutMs: number): Promise<void> {
  for (const child of children) child.kill('SIGTERM')
  const late = setTimeout(() => {
    for (const child of children.filter(({ running }) => running)) {
      console.error(`cluster: ${child.planned.name} is still there after ${timeoutMs / 1000} s and is killed`)
      child.kill('SIGKILL')
    }
  }, timeoutMs)
  await Promise.all(children.map((child) => child.exited))
  clearTimeout(late)
}
