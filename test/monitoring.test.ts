import { join } from 'node:path'
import { checkPrometheusConfig, REPOSITORY, requirePrometheus, startNats } from '@gomodel/testing'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { full, infra, listensOn, read } from './compose-files.ts'
import { dashboard } from './dashboard.ts'

// Installed where that may be done; elsewhere these tests are listed as skipped, save in CI.
const missing = await requirePrometheus().then(() => false, () => true)

describe('the configuration of Prometheus', () => {
  const { scrape_configs: jobs } = parse(read('infra/prometheus.yml')) as { scrape_configs: { job_name: string; dns_sd_configs: { names: string[]; type: string; port: number; refresh_interval: string }[] }[] }

  test.skipIf(missing && process.env['CI'] !== 'true')('is one that Prometheus takes', async () => {
    expect(await checkPrometheusConfig(join(REPOSITORY, 'infra/prometheus.yml'))).toContain('SUCCESS')
  })

  test('finds every replica of every service of ours by its name and its port', () => {
    expect(jobs.map(({ job_name: name }) => name).sort()).toEqual(Object.keys(full.services).sort())
    for (const { job_name: name, dns_sd_configs: asked } of jobs) {
      expect(asked).toEqual([{ names: [name], type: 'A', port: expect.any(Number), refresh_interval: '5s' }])
      expect(listensOn(name)).toEqual(expect.arrayContaining([asked[0]?.port]))
    }
  })

  test('is the file with which compose starts it', () => {
    const { command = [], volumes = [] } = infra.services['prometheus'] ?? {}
    expect(volumes).toContain('./infra/prometheus.yml:/etc/prometheus/prometheus.yml:ro')
    expect(command).toContain('--config.file=/etc/prometheus/prometheus.yml')
  })
})

describe('Grafana', () => {
  const { datasources } = parse(read('infra/grafana/provisioning/datasources/prometheus.yml')) as { datasources: { uid: string; type: string; url: string; jsonData: { timeInterval: string } }[] }
  const { providers } = parse(read('infra/grafana/provisioning/dashboards/gomodel.yml')) as { providers: { options: { path: string } }[] }
  const { volumes = [], environment = {} } = infra.services['grafana'] ?? {}

  test('is given a data source that is our Prometheus, and knows how often that one asks', () => {
    expect(datasources).toHaveLength(1)
    const { hostname, port } = new URL(datasources[0]?.url ?? '')
    expect(listensOn(hostname)).toContain(Number(port))
    const { global } = parse(read('infra/prometheus.yml')) as { global: { scrape_interval: string } }
    expect(datasources[0]?.jsonData.timeInterval).toBe(global.scrape_interval)
  })

  test('is given the dashboard: the folders are mounted where it looks for them', () => {
    expect(volumes).toEqual(expect.arrayContaining([
      './infra/grafana/provisioning/datasources:/etc/grafana/provisioning/datasources:ro',
      './infra/grafana/provisioning/dashboards:/etc/grafana/provisioning/dashboards:ro',
      `./infra/grafana/dashboards:${providers[0]?.options.path}:ro`,
    ]))
    expect(environment['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH']).toBe(`${providers[0]?.options.path}/gomodel.json`)
  })

  test('draws every panel of it from that data source, no two of them in one place', () => {
    const { panels } = dashboard()
    expect(panels.length).toBeGreaterThan(15)
    const cells = new Set<string>()
    for (const { title, type, gridPos: { x, y, w, h }, datasource, targets = [] } of panels) {
      expect(x + w).toBeLessThanOrEqual(24)
      for (let column = x; column < x + w; column++) for (let line = y; line < y + h; line++) {
        expect(cells.has(`${column} ${line}`), `${title} covers another panel`).toBe(false)
        cells.add(`${column} ${line}`)
      }
      if (type === 'row') continue
      for (const source of [datasource, ...targets.map(target => target.datasource)]) expect(source).toEqual({ type: datasources[0]?.type, uid: datasources[0]?.uid })
      expect(targets.length, title).toBeGreaterThan(0)
    }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  })
})

test('NATS takes the configuration that compose gives it, with JetStream', async () => {
  await using nats = await startNats({ config: read('infra/nats.conf'), jetstream: true })
  const settings = (await (await fetch(`${nats.monitorUrl}/varz`)).json()) as { max_payload: number; max_pending: number }
  expect(settings).toMatchObject({ max_payload: 1024 * 1024, max_pending: 64 * 1024 * 1024 })
  expect(await (await fetch(`${nats.monitorUrl}/jsz`)).json()).toMatchObject({ config: { max_memory: 64 * 1024 * 1024, max_storage: 4 * 1024 ** 3 } })
  expect(await (await fetch(`${nats.monitorUrl}/healthz`)).json()).toEqual({ status: 'ok' })
  const { command = [], volumes = [] } = infra.services['nats'] ?? {}
  expect(command).toEqual(['-c', '/etc/nats/nats.conf', '-sd', '/data'])
  expect(volumes).toEqual(['./infra/nats.conf:/etc/nats/nats.conf:ro', 'nats-data:/data'])
})
