import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, globSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { REPOSITORY } from '@gomodel/testing'
import { processSettings, type Settings } from '@gomodel/service'
import { exactCache } from '@gomodel/exact-cache'
import { ingress } from '@gomodel/ingress'
import { providerWorker } from '@gomodel/provider-worker'
import { responseStore } from '@gomodel/response-store'
import { semanticCache } from '@gomodel/semantic-cache'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ROWS } from '../services/provider-worker/src/providers/rows.ts'
import { environmentOf, full, infra, interpolate, listensOn, read, service, services, variablesOf } from './compose-files.ts'

const SETTINGS: Record<string, Settings> = { ingress: ingress.settings, 'exact-cache': exactCache.settings, 'response-store': responseStore.settings, 'semantic-cache': semanticCache.settings, 'provider-worker': providerWorker.settings }
const OWN_POOL = 'openai'
const WORKERS = Object.keys(full.services).filter(name => service(name).build?.args.SERVICE === 'provider-worker')
const providerVariables = (type: string): string[] =>
  ['API_KEY', 'BASE_URL', 'MODELS', ...(type === 'azure' ? ['API_VERSION'] : [])].map(field => `${type.toUpperCase().replaceAll('-', '_')}_${field}`)
const others = ROWS.map(({ type }) => type).filter(type => type !== OWN_POOL)
/** What a service reads and need not be told here. */
const UNTOLD: Record<string, readonly string[]> = {
  // It speaks of itself on its public port.
  ingress: ['METRICS_PORT'],
  // Redis keeps the answers.
  'exact-cache': ['EXACT_CACHE_MEMORY_LIMIT'],
  // Its volume is where it writes unless told; the other keeps everything in Redis.
  'semantic-cache': ['DATA_DIR'],
  'response-store': ['DATA_DIR', 'RESPONSE_STORE_DISK_LIMIT'],
  // The keys of others are none of its business.
  'worker-openai': ['PROVIDER_INSTANCES_EXCEPT', 'SIMULATOR_TOKENS_PER_SECOND', ...others.flatMap(providerVariables)],
  worker: ['PROVIDER_INSTANCES'],
}
const ours = Object.entries(full.services)
const theirs = Object.entries(infra.services)
const namesOf = (settings: Settings): string[] => Object.values(settings).flatMap(({ env, also }) => [env, ...(also?.env ? [also.env] : [])])
const everyProviderVariable = ROWS.flatMap(({ type }) => providerVariables(type))

describe('the compose files', () => {
  test('include each other, and run every service and all that it may need', () => {
    expect(full.include).toEqual(['docker-compose.infra.yml'])
    expect(Object.keys(infra.services)).toEqual(['nats', 'redis', 'redis-responses', 'postgres', 'mongodb', 'qdrant', 'adminer', 'jaeger', 'prometheus', 'grafana'])
    const built = new Set(ours.map(([, { build }]) => build?.args.SERVICE))
    const mains = globSync('services/*/src/main.ts', { cwd: REPOSITORY }).map(path => path.split('/')[1])
    expect([...built, 'standalone'].sort()).toEqual(mains.sort())
    expect(WORKERS).toEqual(['worker-openai', 'worker'])
  })

  test('name no service twice, and publish no port twice', () => {
    expect(Object.keys(services)).toHaveLength(ours.length + theirs.length)
    const published = Object.values(services).flatMap(({ ports = [] }) => ports.map(port => interpolate(port, {}).split(':').at(-2)))
    expect(new Set(published).size).toBe(published.length)
    expect(published.length).toBeGreaterThan(9)
  })

  test('let only variables through that .env.example or the configuration reference explain', () => {
    const explained = read('.env.example') + read('docs/configuration.md')
    const used = [...variablesOf(read('docker-compose.infra.yml')), ...variablesOf(read('docker-compose.full.yml'))]
    expect(used.length).toBeGreaterThan(20)
    expect(used.filter(name => !new RegExp(`(\`|^#? ?)${name}(\`|=)`, 'm').test(explained))).toEqual([])
  })

  test('have a volume for each name that they mount, and a file for each path', () => {
    const mounts = Object.values(services).flatMap(({ volumes = [] }) => volumes.map(volume => volume.split(':')[0] ?? ''))
    expect(mounts.length).toBeGreaterThan(10)
    const volumes = { ...infra.volumes, ...full.volumes }
    for (const mount of mounts) {
      if (mount.startsWith('./')) expect(existsSync(join(REPOSITORY, mount)), mount).toBe(true)
      else expect(volumes).toHaveProperty(mount)
    }
    expect(Object.keys(volumes).filter(name => !mounts.includes(name))).toEqual([])
  })
})

describe.each(theirs)('%s', (name, { image, ports = [], healthcheck, command = [], volumes = [], depends_on = {} }) => {
  test('has an image of one version, a health check, and no port that other machines reach', () => {
    expect(image).toMatch(/:v?\d+\.\d+(\.\d+)?(-[a-z0-9]+)?$/)
    expect(healthcheck?.test[0]).toBe('CMD')
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
    for (const other of Object.keys(depends_on)) expect(infra.services).toHaveProperty(other)
    // Jaeger answers for its health on a port of its own.
    for (const [, port] of healthcheck?.test.join(' ').matchAll(/127\.0\.0\.1[:/](\d+)/g) ?? []) expect([...listensOn(name), ...(name === 'jaeger' ? [14_269] : [])]).toContain(Number(port))
  })

  test('is told only of files that are mounted', () => {
    const paths = command.flatMap(word => /(\/etc\/\S+)/.exec(word)?.[1] ?? [])
    for (const path of paths) expect(volumes.map(volume => volume.split(':')[1])).toContain(path)
  })
})

describe.each(ours)('%s', (name, { build, depends_on = {}, environment = {}, ports = [], ...more }) => {
  const settings = { ...processSettings, ...SETTINGS[build?.args.SERVICE ?? ''] }

  test('is built from a service that exists and waits for servers that tell their health', () => {
    expect(build?.context).toBe('.')
    expect(existsSync(join(REPOSITORY, build?.dockerfile ?? ''))).toBe(true)
    expect(existsSync(join(REPOSITORY, 'services', build?.args.SERVICE ?? '', 'src/main.ts'))).toBe(true)
    expect(depends_on).toHaveProperty('nats')
    for (const [other, { condition }] of Object.entries(depends_on)) expect([service(other).healthcheck === undefined, condition]).toEqual([false, 'service_healthy'])
  })

  test('is told every setting that it reads, and nothing else', () => {
    const wanted = [...namesOf(settings), ...(WORKERS.includes(name) ? everyProviderVariable : [])].filter(variable => !UNTOLD[name]?.includes(variable))
    expect(Object.keys(environment).sort()).toEqual([...new Set(wanted)].sort())
  })

  test('has addresses of services and ports that exist', () => {
    const urls = Object.entries(environmentOf(name, {})).filter(([, value]) => value.includes('://'))
    expect(urls.map(([key]) => key)).toEqual(expect.arrayContaining(['NATS_URL', 'OTEL_EXPORTER_OTLP_ENDPOINT']))
    for (const [key, value] of urls) expect(listensOn(new URL(value).hostname), key).toContain(Number(new URL(value).port))
  })

  test('may have several replicas, save the one with the public port, and time to finish what runs', () => {
    expect(more.container_name).toBeUndefined()
    expect(ports).toEqual(name === 'ingress' ? ['${PORT:-8080}:8080'] : [])
    expect(more.restart).toBe('unless-stopped')
    expect(Number.parseInt(more.stop_grace_period ?? '', 10)).toBeGreaterThan(Number.parseInt(environment['SHUTDOWN_TIMEOUT'] ?? '', 10))
  })
})

test('a setting of .env reaches who reads it, unless the first lines of the file name it', () => {
  const said = /# Fixed here, whatever \.env says: ([^.]*)\./.exec(read('docker-compose.full.yml'))?.[1]?.match(/[A-Z_]{4,}/g)
  const reaching = variablesOf(JSON.stringify(full.services))
  const readBySomebody = new Set([processSettings, ...Object.values(SETTINGS)].flatMap(namesOf))
  expect(said?.toSorted()).toEqual([...readBySomebody].filter(name => !reaching.includes(name)).toSorted())
})

test.each(ours.map(([name]) => name))('%s sends traces, and the headers that may hold a key, to the collector that .env names', name => {
  expect(environmentOf(name, {})).toMatchObject({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://jaeger:4318', OTEL_EXPORTER_OTLP_HEADERS: '' })
  const vendor = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://traces.example', OTEL_EXPORTER_OTLP_HEADERS: 'key=hidden' }
  expect(environmentOf(name, vendor)).toMatchObject(vendor)
})

describe('a secret of .env', () => {
  const secrets: Record<string, string[]> = {
    GOMODEL_MASTER_KEY: ['ingress'],
    OPENAI_API_KEY: ['worker-openai', 'worker'],
    ...Object.fromEntries(others.map(type => [`${type.toUpperCase()}_API_KEY`, ['worker']])),
    POSTGRES_PASSWORD: ['postgres'],
    MONGODB_PASSWORD: ['mongodb'],
    GRAFANA_ADMIN_PASSWORD: ['grafana'],
  }

  test.each(Object.entries(secrets))('%s reaches %j and nobody else', (variable, holders) => {
    const told = (text: string): boolean => interpolate(text, { [variable]: 'the-secret' }).includes('the-secret')
    const informed = Object.entries(services).filter(([, { environment = {}, command = [] }]) => [...Object.values(environment), ...command].some(told))
    expect(informed.map(([name]) => name).sort()).toEqual([...holders].sort())
    expect(read('.env.example')).toMatch(new RegExp(`^#? ?${variable}=`, 'm'))
  })

  test('of a provider is known to workers only, whatever the provider', () => {
    for (const variable of everyProviderVariable) {
      const holders = ours.filter(([, { environment = {} }]) => variable in environment).map(([name]) => name)
      expect(holders, variable).toContain('worker')
      for (const holder of holders) expect(WORKERS).toContain(holder)
    }
  })

  test('of a provider stands in .env.example for every type', () => {
    for (const variable of ROWS.map(({ type, baseUrl }) => `${type.toUpperCase()}_${baseUrl === undefined ? 'BASE_URL' : 'API_KEY'}`)) expect(read('.env.example')).toMatch(new RegExp(`^#? ?${variable}=`, 'm'))
  })

  test('of a further instance stands in a file that only the catch-all worker reads, that may be missing, and that neither git nor an image gets', () => {
    expect(Object.entries(services).flatMap(([name, { env_file: files = [] }]) => files.map(file => [name, file]))).toEqual([['worker', { path: '.env.providers', required: false }]])
    expect(read('.gitignore').split('\n')).toContain('.env.providers')
    expect(read('.dockerignore').split('\n')).toContain('.env*')
  })
})

test('the semantic cache has a volume where its image lets it write, and finds there after an update what it wrote', () => {
  expect(read('infra/Dockerfile')).toContain('WORKDIR /app\n')
  expect(join('/app', SETTINGS['semantic-cache']?.['dataDir']?.fallback as string)).toBe('/app/data')
  expect(service('semantic-cache').volumes).toEqual(['semantic-cache-data:/app/data'])
})

describe('what is kept in Redis', () => {
  const redisOf = (name: string) => {
    const { hostname } = new URL(environmentOf(name, {})['REDIS_URL'] ?? '')
    expect(service(name).depends_on).toHaveProperty(hostname)
    const { command = [], volumes = [] } = service(hostname)
    return { hostname, volumes, option: (flag: string) => command[command.indexOf(`--${flag}`) + 1] }
  }

  test('by the response store stays: nothing makes room for other things, and all is written to a volume', () => {
    const { volumes, option } = redisOf('response-store')
    expect([option('maxmemory-policy'), option('appendonly')]).toEqual(['noeviction', 'yes'])
    expect(volumes.map(volume => volume.split(':')[1])).toEqual(['/data'])
  })

  test('by the exact cache makes room for newer answers, in a server of its own', () => {
    const cache = redisOf('exact-cache')
    expect([cache.option('maxmemory-policy'), cache.option('appendonly')]).toEqual(['allkeys-lru', 'no'])
    expect(ours.map(([name]) => name).filter(name => environmentOf(name, {})['REDIS_URL']?.includes(`//${cache.hostname}:`))).toEqual(['exact-cache'])
  })
})

test.each([[200, 0], [503, 1]])('the health check of Qdrant, which has bash alone to ask with, takes %i for %i', async (status, code) => {
  const server = createServer((_, response) => response.writeHead(status).end()).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const [, program = '', ...words] = (service('qdrant').healthcheck?.test ?? []).map(word => interpolate(word, {}).replace('6333', String(port)))
  const asked = spawn(program, words, { stdio: 'ignore' })
  expect(await once(asked, 'exit')).toEqual([code, null])
})

test('each provider instance has one pool: its own, or that of all which have none', () => {
  const pools = WORKERS.flatMap(name => environmentOf(name, { OPENAI_API_KEY: 'a-key' })['PROVIDER_INSTANCES'] ?? [])
  expect(pools).toEqual(['openai'])
  expect(environmentOf('worker', {})['PROVIDER_INSTANCES_EXCEPT']).toBe(pools.join(','))
})
