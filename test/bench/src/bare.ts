import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import { Pool, type Dispatcher } from 'undici'
import { tellParent } from './child.ts'

// The least that a gateway can be that is written as Fastify and undici mean it: no key is checked, nothing parsed, counted or kept; bytes in, bytes out.
const upstream = new Pool(`http://127.0.0.1:${process.env.BENCH_UPSTREAM_PORT}`, { connections: null, allowH2: false, headersTimeout: 0, bodyTimeout: 0 })
const app = fastify()
app.removeAllContentTypeParsers()
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))

app.post('/v1/chat/completions', (request, reply) => {
  reply.hijack()
  const { authorization = '' } = request.headers
  const headers = ['content-type', 'application/json', 'authorization', authorization]
  upstream.dispatch({ method: 'POST', path: '/v1/chat/completions', headers, body: request.body as Buffer }, passedTo(reply.raw))
})

/** Writes an answer to the client as it comes, no faster than the client takes it and no longer than it stays. */
function passedTo(client: ServerResponse): Dispatcher.DispatchHandler {
  return {
    onRequestStart(controller) {
      client.once('close', () => {
        if (!client.writableFinished) controller.abort(new Error('the client is gone'))
      })
    },
    onResponseStart(controller, status, headers) {
      // Node says by itself how the connection goes on and where the body ends.
      const { connection: _, 'transfer-encoding': __, ...passed } = headers
      client.writeHead(status, passed)
      client.on('drain', () => controller.resume())
    },
    onResponseData(controller, chunk) {
      if (!client.write(chunk)) controller.pause()
    },
    onResponseEnd() {
      client.end()
    },
    onResponseError() {
      client.destroy()
    },
  }
}

await app.listen({ port: 0, host: '127.0.0.1', backlog: 4096 })
tellParent((app.server.address() as AddressInfo).port)
