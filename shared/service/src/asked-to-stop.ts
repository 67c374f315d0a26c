import type { Environment } from './environment.ts'

const PARENT_CHECK_MS = 250

/**
 * Resolves with the reason once this process is asked to end: SIGTERM, Ctrl-C, or the end of the launcher it has a channel to or of the npm that runs it.
 * From the call on these no longer end the process by themselves, so it is called before anything is started.
 */
export function askedToStop(environment: Environment): Promise<string> {
  return new Promise(asked => {
    process.once('SIGTERM', () => asked('SIGTERM'))
    // Ctrl-C reaches a launcher's children too; the launcher then stops them in their order, and its end is theirs.
    if (process.send === undefined) process.once('SIGINT', () => asked('SIGINT'))
    else process.on('SIGINT', () => {}).once('disconnect', () => asked('the launcher is gone'))
    // It may have gone before: nothing tells of that any more.
    if (process.send !== undefined && !process.connected) asked('the launcher is gone')
    if (process.send === undefined) whenNpmIsGone(environment, () => asked('npm is gone'))
  })
}

/** The shell of an npm script dies of a SIGTERM to npm and leaves what it runs behind, untold. Does nothing in a process that no npm runs. */
export function whenNpmIsGone(environment: Environment, gone: () => void): void {
  if (environment['npm_lifecycle_event'] === undefined) return
  const shell = process.ppid
  const look = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(look)
    gone()
  }, PARENT_CHECK_MS).unref()
}
