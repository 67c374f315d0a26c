import { ListeningClock } from '@gomodel/bus'
import { announced } from '@gomodel/contracts'
import { defineService } from '@gomodel/service'
import { Catalog } from './catalog.ts'
import { listen, type Door } from './listen.ts'
import { buildServer } from './server.ts'
import { Router } from './routing/router.ts'
import { LiveRouting } from './routing/routing-settings.ts'
import { settings } from './settings.ts'

const SWEEP_MS = 100

/** The one public port: authenticates, resolves the model, sends the request over the bus and the answer to the client. */
export const ingress = defineService({
  name: 'ingress',
  settings,
  servesHttp: true,
  async start({ settings: given, config, onConfig, bus, log, metrics, tracing, fail }) {
    const clock = new ListeningClock(SWEEP_MS)
    const catalog = new Catalog(clock)
    const router = new Router(catalog, config)
    const routing = new LiveRouting(bus, router, config)
    const stopRouting = routing.start()
    onConfig(changed => routing.configure(changed))
    const heard = bus.on(announced, said => catalog.heard(said))
    const sweep = setInterval(() => {
      clock.tick(bus.connected)
      catalog.expire()
    }, SWEEP_MS)
    const app = buildServer(given, { bus, catalog, router, log, metrics, tracing })
    if (given.masterKey === undefined) log.warn('GOMODEL_MASTER_KEY is not set: everybody who reaches this port may use it and spend on your providers')
    const address = await listen(app, given).catch((thrown: unknown) => {
      fail(cannotListen(given, thrown))
      throw thrown
    })
    log.info({ address }, 'listening')
    return {
      stop: async () => {
        await app.close()
        clearInterval(sweep)
        await Promise.all([heard.stop(), stopRouting()])
      },
    }
  },
})

function cannotListen({ host, port }: Door, thrown: unknown): string {
  const { code = 'it failed' } = thrown as { code?: string }
  return `the gateway cannot listen on ${host.includes(':') ? `[${host}]` : host}:${port} (HOST, PORT): ${code === 'EADDRINUSE' ? 'another process does (EADDRINUSE)' : code}`
}
