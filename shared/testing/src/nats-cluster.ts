import { type NatsServer, startNats } from './nats-server.ts'
import { until } from './wait.ts'

/** Several real nats-servers on loopback, each routed to every other. */
export interface NatsCluster extends AsyncDisposable {
  readonly servers: readonly NatsServer[]
  /** All client addresses, as NATS_URL takes them. */
  readonly url: string
  /** Resolves once every server that runs sees so many others. */
  routed(others: number, servers?: readonly NatsServer[]): Promise<void>
  stop(): Promise<void>
}

/** Starts a cluster and resolves when all its routes are formed. */
export async function startNatsCluster(size = 3): Promise<NatsCluster> {
  const servers: NatsServer[] = []
  const name = `gomodel-${process.pid}`
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()))
  }
  const routed = async (others: number, among: readonly NatsServer[] = servers): Promise<void> => {
    for (const server of among) {
      await until(async () => (await peers(server)) === others, { what: `${others} routes at ${server.url}`, timeoutMs: 20_000, everyMs: 50 })
    }
  }
  try {
    for (let index = 0; index < size; index++) {
      const routes = servers.flatMap((server) => server.routeUrl ?? [])
      servers.push(await startNats({ cluster: { name, routes } }))
    }
    await routed(size - 1)
  } catch (thrown) {
    await stop()
    throw thrown
  }
  return { servers, url: servers.map((server) => server.url).join(','), routed, stop, [Symbol.asyncDispose]: stop }
}

/** How many other servers a server is routed to; newer servers keep several connections to each. */
async function peers(server: NatsServer): Promise<number> {
  const answer = await fetch(`${server.monitorUrl}/routez`, { signal: AbortSignal.timeout(2000) })
  const { routes = [] } = (await answer.json()) as { routes?: { remote_id: string }[] }
  return new Set(routes.map((route) => route.remote_id)).size
}
