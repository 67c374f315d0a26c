import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { spansInJson } from './otlp-json.ts'
import { spansInProtobuf } from './otlp-protobuf.ts'
import type { ReceivedSpan } from './otlp-span.ts'

/** A collector on loopback: OTLP over HTTP, in protobuf and in JSON. */
export interface OtlpReceiver extends AsyncDisposable {
  /** The base address, as OTEL_EXPORTER_OTLP_ENDPOINT wants it. */
  readonly url: string
  /** What was accepted so far. */
  readonly spans: readonly ReceivedSpan[]
  /** Every request, whatever became of it. */
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[]
  /** `refuse`: 503 to all. `hang`: no answer at all. May be changed at any time. */
  behaviour: 'accept' | 'refuse' | 'hang'
  stop(): Promise<void>
}

/** Starts a collector that accepts what comes. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const requests: OtlpReceiver['requests'][number][] = []
  const settings: Pick<OtlpReceiver, 'behaviour'> = { behaviour: 'accept' }
  const server = createServer((request, response) => {
    void receive(request, response).catch((thrown: unknown) => response.writeHead(400).end(String(thrown)))
  })

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    requests.push({ path: request.url ?? '', headers: request.headers })
    if (settings.behaviour === 'hang') return
    if (settings.behaviour === 'refuse') return void response.writeHead(503).end()
    if (request.method !== 'POST' || request.url !== '/v1/traces') return void response.writeHead(404).end()
    const type = request.headers['content-type'] ?? ''
    const body = Buffer.concat(chunks)
    spans.push(...(type.includes('json') ? spansInJson(body.toString()) : spansInProtobuf(body)))
    response.writeHead(200, { 'content-type': type }).end(type.includes('json') ? '{}' : '')
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const stop = async (): Promise<void> => {
    if (!server.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    requests,
    get behaviour() {
      return settings.behaviour
    },
    set behaviour(next) {
      settings.behaviour = next
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}
