import { Bus, InProcessBroker } from '@gomodel/bus'
import { ask } from '@gomodel/contracts'
import { Counter, Registry } from 'prom-client'
import { Type } from 'typebox'
import { describe, expect, onTestFinished, test } from 'vitest'
import { busMetrics } from './bus-metrics.ts'
import { type MetricsServerOptions, startMetricsServer } from './metrics-server.ts'

async function serving(options: Partial<MetricsServerOptions>) {
  const server = await startMetricsServer({ host: '127.0.0.1', port: 0, registry: undefined, connected: () => true, ...options })
  onTestFinished(() => server.close())
  return async (path: string) => {
    const response = await fetch(server.address + path)
    return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
  }
}

describe('a process without a public port', () => {
  test('says that it lives, and whether it has its bus', async () => {
    let connected = false
    const get = await serving({ connected: () => connected })
    expect(await get('/health')).toMatchObject({ status: 200, text: '{"status":"ok"}' })
    expect(await get('/ready')).toMatchObject({ status: 503, text: '{"status":"not ready","missing":["a connection to the bus"]}' })
    connected = true
    expect(await get('/ready?now')).toMatchObject({ status: 200, text: '{"status":"ready"}' })
  })

  test('serves its metrics', async () => {
    const registry = new Registry()
    new Counter({ name: 'things_total', help: 'Things.', registers: [registry] }).inc(3)
    const get = await serving({ registry })
    expect(await get('/metrics')).toMatchObject({ status: 200, type: registry.contentType, text: expect.stringContaining('\nthings_total 3\n') as string })
    expect(await get('/other')).toMatchObject({ status: 404 })
  })

  test('serves none where they are not wanted', async () => {
    const get = await serving({})
    expect(await get('/metrics')).toMatchObject({ status: 404 })
  })

  test('that cannot listen says so', async () => {
    const taken = await startMetricsServer({ host: '127.0.0.1', port: 0, registry: undefined, connected: () => true })
    onTestFinished(() => taken.close())
    await expect(startMetricsServer({ host: '127.0.0.1', port: Number(new URL(taken.address).port), registry: undefined, connected: () => true })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})

test('the buses of one process are told apart by their service', async () => {
  const broker = new InProcessBroker()
  const buses = new Map(['ingress', 'worker'].map(name => [name, new Bus(broker.connect(), name)]))
  onTestFinished(async () => void (await Promise.all([...buses.values()].map(bus => bus.close()))))
  const registry = new Registry()
  busMetrics(registry, buses)
  const echo = ask({ name: 'echo', request: Type.String(), reply: Type.String(), deadlineMs: 20 })
  const { promise: late, resolve: answer } = Promise.withResolvers<{ reply: string }>()
  buses.get('worker')?.serve(echo, () => late)
  await expect(buses.get('ingress')?.ask(echo, 'a')).rejects.toMatchObject({ code: 'timeout' })
  answer({ reply: 'b' })
  await expect.poll(() => registry.metrics(), { timeout: 10_000 }).toContain('gateway_bus_late_frames_total{service="ingress"} 1')
  const text = await registry.metrics()
  expect(text).toContain('gateway_bus_late_frames_total{service="worker"} 0')
  expect(text).toContain('gateway_bus_frames_total{service="ingress",direction="in"} 0')
  expect(text).toContain('gateway_bus_connected{service="worker"} 1')
  await buses.get('worker')?.close()
  expect(await registry.metrics()).toContain('gateway_bus_connected{service="worker"} 0')
})
