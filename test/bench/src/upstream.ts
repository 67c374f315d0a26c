import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tellParent } from './child.ts'
import { StreamPump } from './stream-pump.ts'
import { delayOf, MODELS, WHOLE_ANSWER } from './traffic.ts'

/** The provider of the bench: as little work per request as a socket allows, so that what is measured is the gateway. */
const server = createServer({ noDelay: true }, serve)

const HEAD_END = '\r\n\r\n'
const STREAM = Buffer.from('"stream":true')
const INCLUDE_USAGE = Buffer.from('"include_usage":true')
const ANSWER = withLength(WHOLE_ANSWER)
const MODEL_LIST = withLength(Buffer.from(JSON.stringify({ object: 'list', data: MODELS.map(id => ({ id, object: 'model', created: 1_790_000_000, owned_by: 'bench' })) })))
const pumps = MODELS.map(model => ({ name: Buffer.from(`"${model}"`), pump: new StreamPump(delayOf(model)) }))

function serve(socket: Socket): void {
  let pending: Buffer = Buffer.alloc(0)
  socket.on('error', () => {})
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    for (;;) {
      const headEnd = pending.indexOf(HEAD_END)
      if (headEnd < 0) return
      const head = pending.toString('latin1', 0, headEnd)
      const bodyAt = headEnd + HEAD_END.length
      const end = bodyAt + Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0)
      if (pending.length < end) return
      answer(socket, head, pending.subarray(bodyAt, end))
      pending = pending.subarray(end)
    }
  })
}

function answer(socket: Socket, head: string, body: Buffer): void {
  if (head.startsWith('GET ')) socket.write(MODEL_LIST)
  else if (!body.includes(STREAM)) socket.write(ANSWER)
  else pumps.find(({ name }) => body.includes(name))?.pump.begin(socket, body.includes(INCLUDE_USAGE))
}

function withLength(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`), body])
}

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => tellParent((server.address() as AddressInfo).port))
