import { Bus, InProcessBroker, ListeningClock } from '@gomodel/bus'
import { GatewayError, generate, relay } from '@gomodel/contracts'
import { openLog, readSettings } from '@gomodel/service'
import { until } from '@gomodel/testing'
import { Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { Catalog } from './catalog.ts'
import { recordedTracing } from './fixtures/recorded-tracing.ts'
import { NO_ROUTING } from './fixtures/server-under-test.ts'
import { Router } from './routing/router.ts'
import { buildServer } from './server.ts'
import { settings } from './settings.ts'

/** A gateway whose model `fast` is asked of `west`, which fails with this, and then of `east`, which answers; and the span of a request to it. */
async function gateway(failure = new GatewayError('provider_failed', 'west answered 500', { provider: 'west' })) {
  const broker = new InProcessBroker()
  const [bus, workers] = [new Bus(broker.connect(), 'ingress'), new Bus(broker.connect(), 'provider-worker')]
  onTestFinished(async () => void (await Promise.all([bus.close(), workers.close()])))
  const catalog = new Catalog(new ListeningClock(1000))
  for (const instance of ['west', 'east']) {
    catalog.heard({ instance, worker: `${instance}-1`, rank: 0, models: [{ id: 'model', created: 1, ownedBy: 'somebody' }], breaker: 'closed', leaving: false })
    workers.serveExchange(generate, { to: instance }, async call => {
      if (instance === 'west') throw failure
      call.head({ provider: instance })
      call.write(Buffer.from(call.request.stream ? 'data: {"choices":[]}\n\n' : '{"choices":[]}'))
      if (call.request.stream) throw new GatewayError('stream_broken', 'east broke', { provider: 'east' })
      return {}
    })
  }
  catalog.heard({ instance: 'openai', worker: 'openai-1', rank: 0, models: [], breaker: 'closed', leaving: false, type: 'openai', passthrough: true })
  workers.serveExchange(relay, { to: 'openai' }, async call => {
    call.head({ provider: 'openai', status: Number(call.request.path.slice(-3)), headers: [] })
    call.write(Buffer.from('words'))
    return {}
  })
  const router = new Router(catalog, { ...NO_ROUTING, aliases: new Map([['fast', { targets: [{ model: 'west/model', weight: 1 }], fallback: ['east/model'] }]]) })
  const tracing = recordedTracing()
  const app = buildServer(readSettings(settings, {}), { bus, catalog, router, log: openLog('test', 'silent'), metrics: new Registry(), tracing })
  onTestFinished(() => app.close())
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return async (path: string, body: object) => {
    await (await fetch(`${url}${path}`, { method: 'POST', body: JSON.stringify(body) })).text()
    return until(() => tracing.ended.find(({ name }) => name.startsWith('POST ')), { what: 'the span of the request' })
  }
}

const CHAT = '/v1/chat/completions'
const asking = (more: object = {}) => ({ model: 'fast', messages: [{ role: 'user', content: 'hi' }], ...more })

test('the span of a request names the instance that answered, not the one that was to', async () => {
  const ask = await gateway()
  expect(await ask(CHAT, asking())).toMatchObject({ failure: undefined, attributes: { 'gateway.provider.instance': 'east', 'gen_ai.operation.name': 'chat', 'gateway.endpoint': 'chat', 'http.response.status_code': 200 } })
})

test('what the caller did wrong is no error of the request, and is told', async () => {
  const ask = await gateway()
  expect(await ask(CHAT, asking({ model: 'nobody' }))).toMatchObject({ failure: undefined, attributes: { 'http.response.status_code': 404, 'gateway.refusal': 'model_not_found' } })
})

test('a failure of the gateway or of its providers is one', async () => {
  const ask = await gateway(new GatewayError('internal', 'internal error'))
  expect(await ask(CHAT, asking())).toMatchObject({ failure: 'internal', attributes: { 'http.response.status_code': 500 } })
})

test('so is an answer that broke, though its status was 200', async () => {
  const ask = await gateway()
  expect(await ask(CHAT, asking({ stream: true }))).toMatchObject({ failure: 'stream_broken', attributes: { 'http.response.status_code': 200, 'gateway.provider.instance': 'east' } })
})

test.each([
  [500, '500'],
  [404, undefined],
  [200, undefined],
])('a provider’s own %d that is passed on ends the span with the failure %s', async (status, failure) => {
  const ask = await gateway()
  expect(await ask(`/p/openai/${status}`, {})).toMatchObject({ failure, attributes: { 'http.response.status_code': status } })
})
