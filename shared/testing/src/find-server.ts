import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

/** A server that tests run as a process of their own. */
export interface ServerProgram {
  /** The file's name, as Debian calls its package too. */
  readonly name: string
  /** The variable that names its path. */
  readonly variable: string
  /** One line on where it comes from, for whoever has none. */
  readonly howToGet: string
}

// Debian puts some in /usr/sbin, which is missing from an ordinary user's PATH.
const ALSO = ['/usr/bin', '/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin']

/** The program on this machine: the one that its variable names and no other, else the first on PATH or in the usual folders. */
export function findServer(program: ServerProgram): string | undefined {
  const named = process.env[program.variable]
  if (named) return executable(named) ? named : undefined
  const file = process.platform === 'win32' ? `${program.name}.exe` : program.name
  const folders = [...(process.env.PATH ?? '').split(delimiter).filter(Boolean), ...ALSO]
  return folders.map((folder) => join(folder, file)).find(executable)
}

/** The program on this machine, installed first where that is ours to do. */
export async function requireServer(program: ServerProgram): Promise<string> {
  const found = findServer(program)
  if (found) return found
  const { name, variable, howToGet } = program
  const named = process.env[variable]
  if (named) throw new Error(`${variable} names ${named}, which is not an executable file: ${howToGet}`)
  if (!mayInstall()) throw new Error(`no ${name} on this machine: ${howToGet}`)
  return installServer(program)
}

/** Installs the distribution's package with apt-get and says where the program is. */
export async function installServer(program: ServerProgram): Promise<string> {
  let output = ''
  // Another test process may be holding apt's locks for the same purpose.
  for (let attempt = 0; attempt < 4; attempt++) {
    if (attempt > 0) await sleep(3000)
    output = await aptGet('update').then(() => aptGet('install', '-y', '--no-install-recommends', program.name))
    const found = findServer(program)
    if (found) return found
  }
  throw new Error(`apt-get could not install ${program.name}: ${program.howToGet}\n${output.slice(-2000)}`)
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
