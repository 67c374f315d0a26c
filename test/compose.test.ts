import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from '@gomodel/testing'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

interface ComposeService {
  build?: { context: string; dockerfile: string; args: Record<string, string> }
  environment?: Record<string, string>
  depends_on?: Record<string, { condition: string }>
  volumes?: string[]
}

const load = (file: string) => parse(readFileSync(join(REPOSITORY, file), 'utf8')) as { include?: string[]; services: Record<string, ComposeService> }
const infra = load('docker-compose.infra.yml')
const full = load('docker-compose.full.yml')
const documented = readFileSync(join(REPOSITORY, 'docs/configuration.md'), 'utf8')

describe('the compose files', () => {
  test('include each other, and have something in them', () => {
    expect(full.include).toEqual(['docker-compose.infra.yml'])
    expect(Object.keys(infra.services)).toContain('nats')
    expect(Object.keys(full.services)).toEqual(expect.arrayContaining(['ingress', 'worker']))
  })

  test('mount files that exist', () => {
    for (const { volumes = [] } of Object.values(infra.services)) for (const volume of volumes) expect(existsSync(join(REPOSITORY, volume.split(':')[0]!)), volume).toBe(true)
  })

  test.each(Object.entries(full.services))('%s is built from a service that exists, depends on one, and is told only what is documented', (_, service) => {
    expect(existsSync(join(REPOSITORY, service.build!.dockerfile))).toBe(true)
    expect(existsSync(join(REPOSITORY, 'services', service.build!.args['SERVICE']!, 'src/main.ts'))).toBe(true)
    for (const name of Object.keys(service.depends_on ?? {})) expect({ ...infra.services, ...full.services }).toHaveProperty(name)
    for (const name of Object.keys(service.environment ?? {})) expect(documented, name).toContain(`\`${name}\``)
  })

  test('give provider keys to workers only, and the master key to the ingress only', () => {
    expect(Object.keys(full.services['ingress']!.environment!).filter(name => name.startsWith('OPENAI'))).toEqual([])
    expect(full.services['worker']!.environment).not.toHaveProperty('GOMODEL_MASTER_KEY')
  })
})
