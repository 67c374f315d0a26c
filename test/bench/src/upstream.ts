import { createServer, type AddressInfo, type Socket } from 'node:net'
import { tellParent } from './child.ts'
import { SENT } from './sent.ts'
import { StreamPump } from './stream-pump.ts'
import { delayOf, MODELS, type Dialect } from './traffic.ts'

/** The provider of the bench: as little work per request as a socket allows, so that what is measured is the gateway. */
const server = createServer({ noDelay: true }, serve)

const HEAD_END = '\r\n\r\n'
const STREAM = Buffer.from('"stream":true')
const INCLUDE_USAGE = Buffer.from('"include_usage":true')
// Both lists are at one path.
const ANTHROPIC_CLIENT = /\r\nanthropic-version:/i
const SPEAKERS = { chat: speaker('chat'), messages: speaker('messages') }

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
  const asksForModels = head.startsWith('GET ')
  const { models, whole, pumps } = SPEAKERS[head.startsWith('POST /v1/messages ') || (asksForModels && ANTHROPIC_CLIENT.test(head)) ? 'messages' : 'chat']
  if (asksForModels) socket.write(models)
  else if (!body.includes(STREAM)) socket.write(whole)
  else pumps.find(({ name }) => body.includes(name))?.pump.begin(socket, body.includes(INCLUDE_USAGE))
}

/** What is answered in one dialect. */
function speaker(dialect: Dialect) {
  // Of either provider's list as much as a gateway reads.
  const data = MODELS[dialect].map(id => ({ id, object: 'model', type: 'model', created: 1_790_000_000, created_at: '2026-09-21T00:00:00Z', owned_by: 'bench' }))
  return {
    models: withLength(Buffer.from(JSON.stringify({ object: 'list', data, has_more: false }))),
    whole: withLength(SENT[dialect].whole),
    pumps: MODELS[dialect].map(model => ({ name: Buffer.from(`"${model}"`), pump: new StreamPump(SENT[dialect], delayOf(model)) })),
  }
}

function withLength(body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`), body])
}

server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => tellParent((server.address() as AddressInfo).port))
