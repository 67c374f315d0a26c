import type { ServerResponse } from 'node:http'
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
    const pairs: string[] = []
    const general = reply.getHeaders()
    for (const name in general) if (!(name in headers)) pairs.push(name, String(general[name as keyof typeof general]))
    for (const name in headers) pairs.push(name, headers[name]!)
    pairs.push('content-length', String(bytes.length))
    send(raw, pairs, bytes)
  } catch {
    // Nobody is left to tell: the request is over for everything else.
    raw.destroy()
  }
}

/** `pairs` are names and values in turn: Node takes them as they are, where it would look an object through. */
function send(raw: ServerResponse, pairs: string[], bytes: Uint8Array): void {
  raw.writeHead(200, pairs)
  if (bytes.length > ONE_STRING_BYTES) raw.end(bytes)
  else raw.end((bytes instanceof Buffer ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)).toString('latin1'), 'latin1')
}
