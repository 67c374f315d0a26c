import { Bus, InProcessBroker, ListeningClock, type Call } from '@gomodel/bus'
import { type EndOf, GatewayError, generate, type HeadOf, type RequestOf } from '@gomodel/contracts'
import { noTracing } from '@gomodel/service'
import { Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { Catalog } from './catalog.ts'
import type { Client } from './client.ts'
import { NO_ROUTING } from './fixtures/server-under-test.ts'
import { ModelCall } from './model-call.ts'
import { ingressMetrics } from './observe.ts'
import { Router } from './routing/router.ts'

type Served = (call: Call<RequestOf<typeof generate>, HeadOf<typeof generate>>) => EndOf<typeof generate>

/** A call of `west/model`, which falls back to `east/model`, on a clock that the workers of both move. */
async function callOf(workers: { west: Served; east?: Served }, stream: boolean) {
  const broker = new InProcessBroker()
  const [bus, serving] = [new Bus(broker.connect(), 'ingress'), new Bus(broker.connect(), 'provider-worker')]
  onTestFinished(async () => void (await Promise.all([bus.close(), serving.close()])))
  const catalog = new Catalog(new ListeningClock(1000))
  for (const [instance, served] of Object.entries(workers)) {
    catalog.heard({ instance, worker: `${instance}-1`, rank: 0, models: [{ id: 'model', created: 1, ownedBy: 'somebody' }], breaker: 'closed', leaving: false })
    serving.serveExchange(generate, { to: instance }, async call => {
      await call.body()
      return served(call)
    })
  }
  const router = new Router(catalog, { ...NO_ROUTING, aliases: new Map([['fast', { targets: [{ model: 'west/model', weight: 1 }], fallback: workers.east ? ['east/model'] : [] }]]) })
  const registry = new Registry()
  const route = router.resolve('fast')
  const span = noTracing.span('test', { kind: 'server', parent: undefined })
  const asked = { requestId: 'r', endpoint: 'chat' as const, tenant: 't', route, body: Buffer.from('{}'), strict: false, headers: {}, client: {} as Client, span, elapsedMs: () => clock.ms, model: 'fast', stream, includeUsage: false }
  const outcome = { endpoint: 'chat' as const, asked: 'fast', stream, candidate: route.candidates[0]!, cache: 'off' as const }
  const call = new ModelCall({ bus, router, tracing: noTracing, metrics: ingressMetrics(registry) }, asked, { outcome, signal: new AbortController().signal })
  const valueOf = async (metric: string) => {
    const line = (await registry.metrics()).split('\n').find(known => known.startsWith(`${metric} `))
    return line === undefined ? undefined : Number(line.split(' ').at(-1))
  }
  return { call, valueOf }
}

const clock = { ms: 0 }

const answering = (instance: string, tookMs: number, upstream: NonNullable<EndOf<typeof generate>['upstream']>): Served => call => {
  clock.ms += tookMs
  call.head({ provider: instance })
  call.write(Buffer.from('{}'))
  return { upstream }
}

test.each([true, false])('what failed attempts took, at this instance and at the one before, is not what the gateway added; streamed: %s', async stream => {
  clock.ms = 5
  const west: Served = () => {
    clock.ms += 3000
    throw new GatewayError('provider_failed', 'west answered 500', { provider: 'west' })
  }
  const { call, valueOf } = await callOf({ west, east: answering('east', 1010, { firstMs: 300, totalMs: 300, lostMs: 700 }) }, stream)
  const answer = await call.open()
  for await (const _ of answer) continue
  call.ended(answer)
  // Five before the first call, and ten of the thousand and ten in which the provider was called twice for seven and three hundred.
  expect(await valueOf('gateway_added_seconds_sum{provider="east"}')).toBeCloseTo(0.015, 6)
  expect(await valueOf('gateway_added_seconds_count{provider="east"}')).toBe(1)
})

test('the first content of a stream is counted though the rest breaks, and not that of a whole answer', async () => {
  for (const stream of [true, false]) {
    clock.ms = 0
    const west: Served = call => {
      answering('west', 200, { firstMs: 200, totalMs: 200 })(call)
      throw new GatewayError('stream_broken', 'west broke', { provider: 'west' })
    }
    const { call, valueOf } = await callOf({ west }, stream)
    const answer = await call.open()
    const read = async () => {
      for await (const _ of answer) continue
    }
    await expect(read()).rejects.toMatchObject({ code: 'stream_broken' })
    call.failed(new GatewayError('stream_broken', 'west broke'))
    expect(await valueOf('gateway_first_token_seconds_sum{provider="west"}')).toBe(stream ? 0.2 : undefined)
  }
})
