import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** One line on where a nats-server comes from, for whoever has none. */
export const HOW_TO_GET_NATS_SERVER =
  'get one with "apt-get install nats-server", with "brew install nats-server" or from the releases page of nats-io/nats-server on GitHub, or name its path in NATS_SERVER'

// Debian puts it in /usr/sbin, which is missing from an ordinary user's PATH.
const ALSO = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']

/** The nats-server of this machine: the one that NATS_SERVER names and no other, else the first on PATH or in the usual folders. */
export function findNatsServer(): string | undefined {
  const named = process.env.NATS_SERVER
  if (named) return executable(named) ? named : undefined
  const name = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server'
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...ALSO]
  return folders.map((folder) => join(folder, name)).find(executable)
}

/** The nats-server of this machine, installed first where that is ours to do. */
export async function requireNatsServer(): Promise<string> {
  const found = findNatsServer()
  if (found) return found
  const named = process.env.NATS_SERVER
  if (named) throw new Error(`NATS_SERVER names ${named}, which is not an executable file: ${HOW_TO_GET_NATS_SERVER}`)
  if (!mayInstall()) throw new Error(`no nats-server on this machine: ${HOW_TO_GET_NATS_SERVER}`)
  return installNatsServer()
}

/** Installs the distribution's nats-server with apt-get and says where it is. */
export async function installNatsServer(): Promise<string> {
  let output = ''
  // Another test process may be holding apt's locks for the same purpose.
  for (let attempt = 0; attempt < 4; attempt++) {
    if (attempt > 0) await sleep(3000)
    output = await aptGet('update').then(() => aptGet('install', '-y', '--no-install-recommends', 'nats-server'))
    const found = findNatsServer()
    if (found) return found
  }
  throw new Error(`apt-get could not install nats-server: ${HOW_TO_GET_NATS_SERVER}\n${output.slice(-2000)}`)
}

function mayInstall(): boolean {
  const debian = existsSync('/etc/debian_version')
  return debian && (process.getuid?.() === 0 || process.env.CI === 'true')
}

async function aptGet(...words: string[]): Promise<string> {
  const root = process.getuid?.() === 0
  const command = [...(root ? [] : ['sudo', '-n']), 'apt-get', '-o', 'DPkg::Lock::Timeout=120', ...words]
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return promisify(execFile)(command[0] ?? 'apt-get', command.slice(1), { env }).then(
    ({ stdout, stderr }) => stdout + stderr,
    (thrown: unknown) => String(thrown),
  )
}

function executable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
