import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

const files = globSync('{services,shared,infra}/**/*.ts', { cwd: root, exclude: path => path.includes('node_modules') })
  .filter(path => !path.endsWith('.test.ts') && !path.includes('/fixtures/'))
  .map(path => {
    const text = readFileSync(join(root, path), 'utf8')
    const imports = [...text.matchAll(/(?:from|import) '([^']+)'/g)].map(match => match[1]!)
    const home = path.startsWith('infra/') ? 'infra' : path.split('/').slice(0, 2).join('/')
    return { path, home, text, imports, isTest: path.includes('/test/') || path.includes('.test') }
  })

/** Who may import whom, by workspace; `services/*` is every service, and nobody may import a service but `standalone`. */
const MAY: Record<string, readonly string[]> = {
  'shared/contracts': [],
  'shared/testing': [],
  'shared/bus': ['@gomodel/contracts'],
  'shared/service': ['@gomodel/bus', '@gomodel/contracts'],
  'services/*': ['@gomodel/service', '@gomodel/bus', '@gomodel/contracts'],
  'services/standalone': ['@gomodel/exact-cache', '@gomodel/ingress', '@gomodel/provider-worker', '@gomodel/response-store', '@gomodel/semantic-cache', '@gomodel/service'],
  infra: ['@gomodel/testing', '@gomodel/service', '@gomodel/exact-cache', '@gomodel/ingress', '@gomodel/provider-worker', '@gomodel/response-store', '@gomodel/semantic-cache'],
}

/** Where a package of the outside world may be used. */
const ONLY_IN: Record<string, readonly string[]> = {
  nats: ['shared/bus'],
  fastify: ['services/ingress'],
  undici: ['services/provider-worker'],
  ioredis: ['shared/service'],
  pino: ['shared/service'],
}

/** The environment is read once and handed on; the launcher and the test kit have none to hand. */
const READS_ENVIRONMENT = ['shared/service', 'shared/testing', 'infra']

test('the rules look at real files of every workspace', () => {
  expect(files.length).toBeGreaterThan(60)
  const homes = new Set(files.map(file => file.home))
  for (const home of ['shared/contracts', 'shared/bus', 'shared/service', 'shared/testing', 'services/ingress', 'services/provider-worker', 'services/standalone', 'infra']) expect(homes).toContain(home)
  expect(files.reduce((total, file) => total + file.imports.length, 0)).toBeGreaterThan(150)
})

describe.each(files)('$path', ({ path, home, text, imports, isTest }) => {
  test('imports only what its room may', () => {
    const allowed = MAY[home] ?? MAY['services/*']!
    for (const target of imports) {
      if (target.startsWith('@gomodel/')) {
        expect([...allowed, ...(isTest ? ['@gomodel/testing'] : [])], `${path} may not import ${target}`).toContain(target)
        expect(target.split('/'), `${target} reaches behind an index`).toHaveLength(2)
      }
      if (target.startsWith('.')) {
        expect(target, 'relative imports name the file').toMatch(/\.ts$/)
        expect(normalize(join(dirname(path), target)), `${target} leaves its workspace`).toMatch(new RegExp(`^${home}/`))
      }
      const places = ONLY_IN[target]
      if (places) expect(places, `${target} is used in one place only`).toContain(home)
    }
  })

  test('keeps to the house', () => {
    expect(text.split('\n').length - 1, 'is longer than 250 lines').toBeLessThanOrEqual(250)
    expect(text).not.toMatch(/\bas any\b|: any\b|<any>|@ts-ignore|@ts-nocheck/)
    if (!READS_ENVIRONMENT.includes(home) && !isTest) expect(text, 'reads the environment').not.toMatch(/process\.env/)
    if (path.includes('/providers/')) expect(text, 'a provider adapter is pure').not.toMatch(/\bfetch\(|Date\.now|performance\.now|Math\.random|process\.|node:/)
    if (!path.includes('index.ts')) expect(text, 'names what it exports').not.toMatch(/export \*|export default/)
  })
})
