import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { effectiveConfiguration } from './effective-configuration.ts'

const FILE = `
server: { port: 9000, master_key: sk-master-secret, log_level: '\${LEVEL:-debug}' }
nats: { url: 'nats://user:nats-secret@bus:4222' }
guardrails: { enabled: true }
providers:
  main: { type: openai, api_key: sk-main-secret, models: [a, b] }
  broken: { type: grok, api_key: sk-broken-secret }
aliases: { fast: main/a, smart: { targets: [{ model: main/a, weight: 2 }, main/b], fallback: [groq/c] } }
fallback: { rules: { x: [y, z] }, overrides: { w: { mode: off } } }
`

/** A folder with a `config.yaml` and a `.env`; gone when the test is over. */
function folderWith(yaml: string, env = ''): string {
  const folder = mkdtempSync(join(tmpdir(), 'gomodel-effective-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'config.yaml'), yaml)
  writeFileSync(join(folder, '.env'), env)
  return folder
}

/** The lines of what is printed, blanks made one. */
function printed(yaml: string, environment: Record<string, string> = {}): string[] {
  const { text } = effectiveConfiguration({ ...environment, CONFIG_FILE: join(folderWith(yaml), 'config.yaml') })
  expect(text).not.toContain('secret')
  return text.split('\n').map(line => line.trim().replaceAll(/ {2,}/g, ' | ').replaceAll(/ in \/\S*config\.yaml/g, ' in config.yaml'))
}

describe('the effective configuration', () => {
  test('has every value with its origin, and no secret', () => {
    const lines = printed(FILE, { MAX: '1', BODY_SIZE_LIMIT: '5M', CACHE_REFRESH_INTERVAL: '60', GROQ_API_KEY: 'gsk-secret', REDIS_URL: 'redis://:redis-secret@r' })
    expect(lines).toEqual(expect.arrayContaining([
      'PORT | 9000 | server.port in config.yaml',
      'GOMODEL_MASTER_KEY | set | server.master_key in config.yaml',
      'LOG_LEVEL | debug | server.log_level in config.yaml',
      'NATS_URL | nats://***@bus:4222 | nats.url in config.yaml',
      'BODY_SIZE_LIMIT | 5M | variable BODY_SIZE_LIMIT',
      'MODEL_REFRESH_INTERVAL | 60 | variable CACHE_REFRESH_INTERVAL',
      'REDIS_URL | set | variable REDIS_URL',
      'HOST | 0.0.0.0 | default',
      'main | type openai | key set | https://api.openai.com/v1 | models a, b | providers.main.api_key',
      'groq | type groq | key set | https://api.groq.com/openai/v1 | models as listed by the provider | GROQ_API_KEY',
      'broken | LEFT OUT',
      'fast | main/a',
      'smart | main/a (2), main/b (1) | then groq/c',
      'x | y, z',
      'w | off',
      'guardrails.enabled: there are no guardrails yet',
      'providers.broken.type is unknown, the nearest is groq',
    ]))
  })

  test('has what is wrong beside its value, and all of it together', () => {
    const environment = { CONFIG_FILE: join(folderWith('server: { prot: 1 }\nfallback: { mode: perhaps }'), 'config.yaml'), PORT: '99999', OPENAI_BASE_URL: 'nonsense' }
    const { text, problems } = effectiveConfiguration(environment)
    expect(text).toMatch(/PORT +99999 +variable PORT +WRONG: PORT must be a whole number/)
    expect(problems).toEqual([
      'PORT must be a whole number from 0 to 65535',
      'fallback.mode must be one of manual, auto, off',
      'server.prot is unknown, the nearest is server.port',
      'OPENAI_BASE_URL must be an http or https URL',
    ])
    expect(effectiveConfiguration({}).problems).toEqual([])
  })
})

describe('npm run config', () => {
  const run = (folder: string) =>
    spawnSync(process.execPath, [resolve(import.meta.dirname, 'print-configuration.ts')], { cwd: folder, env: { PATH: process.env['PATH'] }, encoding: 'utf8' })

  test('reads the .env and the config.yaml of the folder and ends with 0', () => {
    const { status, stdout } = run(folderWith('aliases: { fast: openai/a }', 'OPENAI_API_KEY=sk-secret\n'))
    expect(stdout).toMatch(/Configuration file: config\.yaml[^]*GOMODEL_MASTER_KEY +- +default[^]*openai +type openai +key set[^]*OPENAI_API_KEY[^]*fast +openai\/a/)
    expect(stdout).not.toContain('sk-secret')
    expect(status).toBe(0)
  })

  test('ends with 1 where something is wrong', () => {
    const { status, stdout } = run(folderWith('server: [', ''))
    expect(stdout).toMatch(/Problems\n +config\.yaml is no valid YAML at line 1/)
    expect(status).toBe(1)
  })
})
