import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { readConfiguration } from './configuration.ts'
import { ConfigWatch } from './config-watch.ts'
import { recordingLog } from './fixtures/recording-log.ts'
import type { GatewayConfig } from './gateway-config.ts'
import { processSettings } from './process-settings.ts'

const patiently = { timeout: 10_000, interval: 5 }

/** A watched folder with a configuration in it. */
function watched(yaml: string, more: Record<string, string> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'gomodel-watch-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'config.yaml')
  writeFileSync(path, yaml)
  for (const [name, text] of Object.entries(more)) writeFileSync(join(folder, name), text)
  return { folder, path, ...watching(path) }
}

function watching(path: string) {
  const { log, lines } = recordingLog()
  const environment = { CONFIG_FILE: path }
  const read = () => readConfiguration(environment, [processSettings])
  const watch = new ConfigWatch({ environment, started: read(), read, log, everyMs: 5 })
  onTestFinished(() => watch.stop())
  const told: GatewayConfig[] = []
  const forget = watch.listen(config => told.push(config))
  const models = () => told.map(({ aliases }) => aliases.get('a')?.targets[0]?.model)
  const said = (msg: string) => lines.filter(line => line.msg.includes(msg))
  return { watch, told, models, said, forget }
}

describe('a change of the file', () => {
  test('is told with the new configuration, whichever way it was written', async () => {
    const { folder, path, watch, models } = watched('aliases: { a: one }')
    writeFileSync(path, 'aliases: { a: two }')
    await expect.poll(models, patiently).toEqual(['two'])
    const aside = join(folder, '.config.yaml.swp')
    writeFileSync(aside, 'aliases: { a: three }')
    renameSync(aside, path)
    await expect.poll(models, patiently).toEqual(['two', 'three'])
    expect(watch.config.aliases.get('a')?.targets).toEqual([{ model: 'three', weight: 1 }])
  })

  test('is seen through links that are swapped, as Kubernetes does', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gomodel-watch-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    for (const [version, model] of [['v1', 'one'], ['v2', 'two']] as const) {
      mkdirSync(join(folder, version))
      writeFileSync(join(folder, version, 'config.yaml'), `aliases: { a: ${model} }`)
    }
    symlinkSync('v1', join(folder, 'data'))
    const { models } = watching(join(folder, 'data/config.yaml'))
    symlinkSync('v2', join(folder, 'data.new'))
    renameSync(join(folder, 'data.new'), join(folder, 'data'))
    await expect.poll(models, patiently).toEqual(['two'])
  })

  test('that makes it invalid is reported once, and what was read before stays in force until it is mended', async () => {
    const { path, watch, models, said } = watched('aliases: { a: one }')
    writeFileSync(path, 'aliases: { a: }\nserver: { prot: 1, master_key: sk-secret }')
    await expect.poll(() => said('is not valid').length, patiently).toBe(1)
    expect(said('is not valid')[0]).toMatchObject({ problems: ['server.prot is unknown, the nearest is server.port', 'aliases.a must name at least one model'] })
    expect(watch.config.aliases.get('a')?.targets[0]?.model).toBe('one')
    writeFileSync(path, 'aliases: { a: two }')
    await expect.poll(models, patiently).toEqual(['two'])
    expect(JSON.stringify(said(''))).not.toContain('sk-secret')
    expect(said('is not valid')).toHaveLength(1)
  })

  test('where a restart is needed is reported by its place, and not told', async () => {
    const { path, watch, told, said } = watched('server: { port: 1 }\nproviders: { p: { type: openai, api_key: sk-secret } }\naliases: { a: one }')
    writeFileSync(path, 'server: { port: 2, host: h }\nproviders: { p: { type: openai, api_key: sk-secret-2 } }\naliases: { a: one }')
    await expect.poll(() => said('only after a restart'), patiently).toMatchObject([{ changed: ['server.port', 'server.host', 'providers.p.api_key'] }])
    expect(told).toEqual([])
    expect(watch.config.providers.get('p')?.apiKey).toBe('sk-secret')
    expect(JSON.stringify(said(''))).not.toContain('sk-secret')
  })

  test('may be that it is gone: what was read stays in force, and it may come back', async () => {
    const { path, watch, models, said } = watched('aliases: { a: one }')
    rmSync(path)
    await expect.poll(() => said('is not valid').length, patiently).toBe(1)
    expect(watch.config.aliases.size).toBe(1)
    writeFileSync(path, 'aliases: { a: two }')
    await expect.poll(models, patiently).toEqual(['two'])
  })

  test('between reading it and watching it is not missed', async () => {
    const { path } = watched('aliases: { a: one }')
    const environment = { CONFIG_FILE: path }
    const read = () => readConfiguration(environment, [])
    const started = read()
    writeFileSync(path, 'aliases: { a: two }')
    const watch = new ConfigWatch({ environment, started, read, log: recordingLog().log, everyMs: 5 })
    onTestFinished(() => watch.stop())
    await expect.poll(() => watch.config.aliases.get('a')?.targets[0]?.model, patiently).toBe('two')
  })
})

test('a change of the rules that the file names is told', async () => {
  const { folder, path, told } = watched('', { 'rules.json': '{"m": ["n"]}' })
  writeFileSync(path, `fallback: { manual_rules_path: ${join(folder, 'rules.json')} }`)
  await expect.poll(() => told.at(-1)?.fallback.rules.get('m'), patiently).toEqual(['n'])
  writeFileSync(join(folder, 'rules.json'), '{"m": ["o"]}')
  await expect.poll(() => told.at(-1)?.fallback.rules.get('m'), patiently).toEqual(['o'])
})

test('a listener that fails is reported and does not keep the others from hearing; one that left hears nothing', async () => {
  const { path, watch, models, said, forget } = watched('')
  const others: string[] = []
  watch.listen(() => {
    throw new Error('cannot follow')
  })
  watch.listen(({ aliases }) => others.push(...aliases.keys()))
  forget()
  writeFileSync(path, 'aliases: { a: one }')
  await expect.poll(() => others, patiently).toEqual(['a'])
  expect(said('could not be followed')).toHaveLength(1)
  expect(models()).toEqual([])
})
