import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, statSync } from 'node:fs'
import { basename, dirname, join, matchesGlob, posix, relative } from 'node:path'
import { promisify } from 'node:util'
import { REPOSITORY } from '@gomodel/testing'
import { read } from './compose-files.ts'

/** What an image is: its files below a folder, and how it is run. */
export interface Image {
  readonly from: string
  readonly root: string
  readonly workdir: string
  readonly environment: Readonly<Record<string, string>>
  readonly user: string
  readonly command: readonly string[]
  readonly healthcheck: readonly string[]
}

/** Who stands here for the user of the image, whom this machine need not know: nobody, or who runs the tests, as only root can be another. */
export const IMAGE_USER = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 }

interface Instruction {
  readonly word: string
  readonly rest: string
}

type Building = { -readonly [K in keyof Image]: Image[K] }

/** What `npm ci` needs to know of this machine: where its packages come from. Npm's other variables would lead it out of the folder. */
const OF_THIS_MACHINE = /^(PATH|HOME|TMPDIR|npm_config_(registry|userconfig|globalconfig|cache)|(https?|no)_proxy|node_extra_ca_certs|ssl_cert_file)$/i

/** Does in an empty folder what `docker build` does with infra/Dockerfile; a word that it does not know fails. */
export async function buildImage(serviceName: string, root: string): Promise<Image> {
  const image: Building = { from: '', root, workdir: '/', environment: {}, user: 'root', command: [], healthcheck: [] }
  const args = { SERVICE: serviceName }
  for (const { word, rest } of readDockerfile(read('infra/Dockerfile'))) {
    const known = { ...image.environment, ...args }
    if (word === 'FROM') image.from = rest
    else if (word === 'ARG') expectOneOf(rest, Object.keys(args))
    else if (word === 'ENV') image.environment = { ...image.environment, ...assignments(expand(rest, known)) }
    else if (word === 'WORKDIR') mkdirSync(join(root, (image.workdir = rest)), { recursive: true })
    else if (word === 'COPY') copy(expand(rest, known).split(/\s+/), join(root, image.workdir))
    else if (word === 'RUN' && image.user === 'root') await run(rest, join(root, image.workdir), image.environment)
    else if (word === 'USER') image.user = rest
    else if (word === 'HEALTHCHECK') image.healthcheck = words(rest.replace(/^(--\S+\s+)*CMD\s+/, ''))
    else if (word === 'CMD') image.command = words(rest)
    else throw new Error(`what does ${word} in the Dockerfile do?`)
  }
  return image
}

/** The instructions in their order, continued lines joined. */
function readDockerfile(text: string): Instruction[] {
  const lines = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n/g, ' ').split('\n')
  return lines.filter(line => line.trim() !== '').map(line => {
    const [, word = '', rest = ''] = /^\s*(\S+)\s+(.*?)\s*$/.exec(line) ?? []
    return { word: word.toUpperCase(), rest }
  })
}

function expectOneOf(name: string, known: readonly string[]): void {
  if (!known.includes(name)) throw new Error(`nobody gives the build argument ${name}`)
}

const expand = (text: string, known: Readonly<Record<string, string>>): string => text.replace(/\$(\w+)/g, (_, name: string) => known[name] ?? '')

const assignments = (text: string): Record<string, string> => Object.fromEntries(text.split(/\s+/).map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]))

/** The exec form; of another one nobody knows who hears SIGTERM. */
const words = (text: string): string[] => JSON.parse(text) as string[]

/** As docker copies: the content of a folder, a file into a folder, and nothing that .dockerignore names. */
function copy(paths: readonly string[], workdir: string): void {
  const ignored = read('.dockerignore').split('\n').filter(line => line !== '' && !line.startsWith('#'))
  const kept = (path: string): boolean => {
    const name = relative(REPOSITORY, path)
    return !ignored.some(pattern => matchesGlob(name, pattern))
  }
  const target = paths.at(-1) ?? ''
  for (const source of paths.slice(0, -1)) {
    const from = join(REPOSITORY, source)
    if (!existsSync(from) || !kept(from)) throw new Error(`the Dockerfile copies ${source}, which is not there or ignored`)
    const into = statSync(from).isDirectory() || !target.endsWith('/') ? target : posix.join(target, basename(source))
    mkdirSync(dirname(join(workdir, into)), { recursive: true })
    cpSync(from, join(workdir, into), { recursive: true, filter: kept })
  }
}

async function run(line: string, cwd: string, environment: Readonly<Record<string, string>>): Promise<void> {
  const machine = Object.fromEntries(Object.entries(process.env).filter(([name]) => OF_THIS_MACHINE.test(name)))
  // What this machine has downloaded once need not come again.
  const env = { ...machine, npm_config_prefer_offline: 'true', ...environment }
  await promisify(execFile)('/bin/sh', ['-c', line.replace(/^(--mount=\S+\s+)*/, '').replaceAll('chown node:node', `chown ${IMAGE_USER.uid}:${IMAGE_USER.gid}`)], { cwd, env })
}
