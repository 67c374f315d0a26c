import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { checkPrometheusConfig, requirePrometheus, startPrometheus } from './prometheus-server.ts'
import { until } from './wait.ts'

// Installed where that may be done; elsewhere these tests are listed as skipped, save in CI.
const missing = (await requirePrometheus().then(() => false, () => true)) && process.env.CI !== 'true'
const ITSELF = 'scrape_configs: [{ job_name: itself, scrape_interval: 1s, static_configs: [{ targets: [HERE] }] }]\n'
const NOTHING = 'scrape_configs: []\n'

const folders = (): string[] => readdirSync(tmpdir()).filter(name => name.startsWith(`gomodel-prometheus-${process.pid}-`))

describe.skipIf(missing)('a Prometheus', () => {
  test('asks its targets, is asked, and leaves nothing behind', async () => {
    const watched = await startPrometheus(NOTHING)
    onTestFinished(() => watched.stop())
    const watching = await startPrometheus(ITSELF.replace('HERE', new URL(watched.url).host))
    onTestFinished(() => watching.stop())
    const up = await until(async () => (await watching.query('up'))[0], { what: 'the first look', timeoutMs: 20_000 })
    expect(up).toMatchObject({ labels: { job: 'itself' }, value: 1 })
    await expect(watching.query('sum by (')).rejects.toThrow('prometheus refuses sum by (')
    await Promise.all([watched.stop(), watching.stop()])
    expect(folders()).toEqual([])
    await expect(fetch(watching.url)).rejects.toThrow('fetch failed')
  })

  test('that cannot read its configuration says why', async () => {
    await expect(startPrometheus('scrape_config: []\n')).rejects.toThrow('scrape_config not found')
    expect(folders()).toEqual([])
    const folder = mkdtempSync(join(tmpdir(), 'gomodel-prometheus-config-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'prometheus.yml')
    writeFileSync(file, NOTHING)
    expect(await checkPrometheusConfig(file)).toContain('SUCCESS')
    writeFileSync(file, 'scrape_config: []\n')
    await expect(checkPrometheusConfig(file)).rejects.toThrow('scrape_config not found')
  })
})
