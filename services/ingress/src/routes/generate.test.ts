import { Bus, InProcessBroker, ListeningClock } from '@gomodel/bus'
import { GatewayError, generate } from '@gomodel/contracts'
import { noTracing, openLog, readSettings } from '@gomodel/service'
import { Registry } from 'prom-client'
import { expect, onTestFinished, test } from 'vitest'
import { Catalog } from '../catalog.ts'
import { NO_ROUTING } from '../fixtures/server-under-test.ts'
import { Router } from '../routing/router.ts'
import { buildServer } from '../server.ts'
import { settings } from '../settings.ts'

/** A gateway whose model `fast` fails at one instance and is answered by a model of this name at another. */
async function fallingBackTo(model: string): Promise<string> {
  const broker = new InProcessBroker()
  const [bus, workers] = [new Bus(broker.connect(), 'ingress'), new Bus(broker.connect(), 'provider-worker')]
  onTestFinished(async () => void (await Promise.all([bus.close(), workers.close()])))
  const catalog = new Catalog(new ListeningClock(1000))
  for (const [instance, id] of [['west', 'broken'], ['east', model]] as const) {
    catalog.heard({ instance, worker: `${instance}-1`, rank: 0, models: [{ id, created: 1, ownedBy: 'somebody' }], breaker: 'closed', leaving: false })
    workers.serveExchange(generate, { to: instance }, async call => {
      if (instance === 'west') throw new GatewayError('provider_failed', 'west answered 500', { provider: instance })
      call.head({ provider: instance })
      call.write(Buffer.from(call.request.stream ? 'data: [DONE]\n\n' : '{"choices":[]}'))
      return {}
    })
  }
  const router = new Router(catalog, { ...NO_ROUTING, aliases: new Map([['fast', { targets: [{ model: 'west/broken', weight: 1 }], fallback: [`east/${model}`] }]]) })
  const app = buildServer(readSettings(settings, {}), { bus, catalog, router, log: openLog('test', 'silent'), metrics: new Registry(), tracing: noTracing })
  onTestFinished(() => app.close())
  return await app.listen({ port: 0, host: '127.0.0.1' })
}

test.each([
  ['as most are', 'gpt-test', 'east/gpt-test'],
  ['that is not ASCII', 'модель\nñ', 'east/????????'],
  ['that is long', 'x'.repeat(20_000), `east/${'x'.repeat(3995)}`],
])('a fallback with a name %s answers, and is named as far as a header can', async (_, model, named) => {
  const url = await fallingBackTo(model)
  for (const stream of [false, true]) {
    const answer = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'hi' }], stream }) })
    expect(await answer.text()).toBe(stream ? 'data: [DONE]\n\n' : '{"choices":[]}')
    expect([answer.status, answer.headers.get('x-gomodel-provider'), answer.headers.get('x-gomodel-fallback')]).toEqual([200, 'east', named])
  }
})
