import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readConfiguration } from './configuration.ts'
import type { GatewayConfig } from './gateway-config.ts'
import { DEFAULT_CONFIG } from './read-gateway-config.ts'
import { duration, integer, secret } from './settings.ts'

const settings = {
  port: integer('PORT', { yaml: 'server.port', description: 'A port.', fallback: '8080', min: 0, max: 65_535 }),
  masterKey: secret('GOMODEL_MASTER_KEY', { yaml: 'server.master_key', description: 'A key.' }),
  refreshMs: duration('MODEL_REFRESH_INTERVAL', { yaml: 'cache.model.refresh_interval', also: { env: 'CACHE_REFRESH_INTERVAL' }, description: 'How often.', fallback: '5m' }),
}

/** A folder with files; gone when the test is over. */
function folderWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gomodel-config-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

function configOf(yaml: string, environment: Record<string, string> = {}): GatewayConfig {
  return readConfiguration({ ...environment, CONFIG_FILE: join(folderWith({ 'config.yaml': yaml }), 'config.yaml') }, [settings]).config
}

function problemsOf(yaml: string, environment: Record<string, string> = {}): string {
  try {
    configOf(yaml, environment)
  } catch (thrown) {
    return String(thrown)
  }
  return 'no problem'
}

test('without a file and a variable nothing is configured', () => {
  expect(DEFAULT_CONFIG).toEqual({
    aliases: new Map(),
    fallback: { mode: 'manual', rules: new Map(), overrides: new Map() },
    models: { configuredProviderModelsMode: 'fallback' },
    providers: new Map(),
  })
})

describe('aliases', () => {
  test('are a model, a list of them, or targets with weights and a fallback', () => {
    const { aliases } = configOf(`
aliases:
  fast: openai/gpt-4o-mini
  either: [a, { model: b/c, weight: 0.5 }]
  smart:
    targets: [{ model: anthropic/claude, weight: 2 }, { model: '\${MODEL:-openai/gpt-5}', weight: "1" }]
    fallback: [openrouter/auto]
  __proto__: x`)
    expect([...aliases]).toEqual([
      ['fast', { targets: [{ model: 'openai/gpt-4o-mini', weight: 1 }], fallback: [] }],
      ['either', { targets: [{ model: 'a', weight: 1 }, { model: 'b/c', weight: 0.5 }], fallback: [] }],
      ['smart', { targets: [{ model: 'anthropic/claude', weight: 2 }, { model: 'openai/gpt-5', weight: 1 }], fallback: ['openrouter/auto'] }],
      ['__proto__', { targets: [{ model: 'x', weight: 1 }], fallback: [] }],
    ])
    expect(Object.isFrozen(aliases.get('smart')?.targets[0])).toBe(true)
  })

  test.each([
    ['a:', 'aliases.a must name at least one model'],
    ['a: []', 'aliases.a must name at least one model'],
    ['a: { fallback: [b] }', 'aliases.a must name at least one model'],
    ['a: "${NONE}"', 'aliases.a must name at least one model'],
    ['a: [b, { weight: 1 }]', 'aliases.a.targets[1].model must name a model'],
    ['a: { targets: [{ model: b, weight: 0 }] }', 'aliases.a.targets[0].weight must be a number above 0'],
    ['a: { targets: [{ model: b, weight: heavy }] }', 'aliases.a.targets[0].weight must be a number above 0'],
  ])('that mean nothing are refused: %s', (alias, problem) => {
    expect(problemsOf(`aliases: { ${alias} }`)).toContain(problem)
  })
})

describe('fallback', () => {
  test('has the mode, the rules and the overrides of GoModel', () => {
    const rules = join(folderWith({ 'rules.json': '{ "gpt-4o": ["azure/gpt-4o", " ${OTHER} ", ""], "x": ["z"] }' }), 'rules.json')
    const { fallback } = configOf(`fallback: { default_mode: auto, manual_rules_path: ${rules}, rules: { x: y, w: [v] }, overrides: { gpt-4.1: { mode: off }, a/b: { mode: Manual } } }`, { OTHER: 'gemini/pro' })
    expect(fallback.mode).toBe('auto')
    expect([...fallback.rules]).toEqual([['x', ['z']], ['w', ['v']], ['gpt-4o', ['azure/gpt-4o', 'gemini/pro']]])
    expect([...fallback.overrides]).toEqual([['gpt-4.1', 'off'], ['a/b', 'manual']])
  })

  test('takes its mode from the variable, else from the file by either name', () => {
    expect(configOf('fallback: { default_mode: auto }', { FEATURE_FALLBACK_MODE: 'off' }).fallback.mode).toBe('off')
    expect(configOf('fallback: { mode: auto }').fallback.mode).toBe('auto')
  })

  test.each([
    ['[1]', 'must be a JSON file with an object'],
    ['{"a": "b"}', 'must be a JSON file with an object'],
    ['{"a": [1]}', 'must be a JSON file with an object'],
    ['{"a": ', 'must be a JSON file with an object'],
    [undefined, 'must be a file that can be read (ENOENT)'],
  ])('with rules such as %s is refused, by the name that said where they are', (rules, problem) => {
    const path = join(folderWith(rules === undefined ? {} : { 'rules.json': rules }), 'rules.json')
    expect(problemsOf('', { FALLBACK_MANUAL_RULES_PATH: path })).toContain(`FALLBACK_MANUAL_RULES_PATH ${problem}`)
    expect(problemsOf(`fallback: { manual_rules_path: ${path} }`)).toContain(`fallback.manual_rules_path ${problem}`)
  })
})

describe('a configuration that is wrong', () => {
  test('is told as a whole: settings by who said them, sections by their place', () => {
    const yaml = 'server: { port: high }\nfallback: { overrides: { m: { mode: sometimes } } }\nproviders: { p: { timeouts: { gap: long }, resilience: { retry: { max_retries: -1 } } } }\naliases: { a: }'
    const problems = problemsOf(yaml, { CACHE_REFRESH_INTERVAL: 'often' })
    expect(problems).toContain('server.port must be a whole number')
    expect(problems).toContain('CACHE_REFRESH_INTERVAL must be a duration')
    expect(problems).toContain('fallback.overrides.m.mode must be one of manual, auto, off')
    expect(problems).toContain('providers.p.timeouts.gap must be a duration')
    expect(problems).toContain('providers.p.resilience.retry.max_retries must be a whole number')
    expect(problems).toContain('aliases.a must name')
    expect(problemsOf('fallback: { mode: perhaps }')).toContain('fallback.mode must be one of')
    expect(problemsOf('models: { configured_provider_models_mode: all }')).toContain('models.configured_provider_models_mode must be one of')
  })

  test('tells unknown keys beside bad variables', () => {
    expect(problemsOf('server: { prot: 1 }', { PORT: '-1' })).toBe('ConfigurationError: bad configuration: PORT must be a whole number from 0 to 65535; server.prot is unknown, the nearest is server.port')
  })

  test('may be a file that is not there', () => {
    expect(() => readConfiguration({ CONFIG_FILE: '/nowhere/config.yaml' }, [])).toThrow('CONFIG_FILE must be a file that can be read (ENOENT)')
  })
})
