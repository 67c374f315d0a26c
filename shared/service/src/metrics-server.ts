import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'

export interface MetricsServerOptions {
  readonly host: string
  /** 0 is any free port. */
  readonly port: number
  /** Undefined where there are to be no metrics. */
  readonly registry: Registry | undefined
  readonly connected: () => boolean
}

/** What a process without a public port serves: `/health` (it is alive), `/ready` (it has its bus), `/metrics` (Prometheus). */
export async function startMetricsServer(options: MetricsServerOptions): Promise<{ readonly address: string; close(): Promise<void> }> {
  const server = createServer((request, response) => void answer(request, response, options))
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(options.port, options.host, resolve)
  await promise
  const { address, family, port } = server.address() as AddressInfo
  return {
    address: `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`,
    close: async () => {
      const closed = new Promise(ended => server.close(ended))
      server.closeAllConnections()
      await closed
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, { registry, connected }: MetricsServerOptions): Promise<void> {
  const [path = ''] = (request.url ?? '').split('?')
  const say = (status: number, value: object): void => void response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value))
  if (path === '/health') return say(200, { status: 'ok' })
  // A process whose bus is away is not to be restarted for that: what it streams goes on when the bus is back.
  if (path === '/ready') return connected() ? say(200, { status: 'ready' }) : say(503, { status: 'not ready', missing: ['a connection to the bus'] })
  if (path !== '/metrics' || !registry) return say(404, { status: 'not found' })
  const text = await registry.metrics().catch(() => undefined)
  if (text === undefined) return say(500, { status: 'the metrics could not be read' })
  response.writeHead(200, { 'content-type': registry.contentType }).end(text)
}
