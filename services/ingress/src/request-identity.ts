import { randomFillSync, randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Trace } from '@gomodel/bus'

const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/

/** The caller's request id when it is short and printable, else a new one. */
export function requestId(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given) ? given : randomUUID()
}

/** The trace that the caller is in, or a new one: the provider always gets a traceparent. */
export function traceOf(headers: IncomingHttpHeaders): Trace {
  const { traceparent, tracestate } = headers
  if (typeof traceparent === 'string' && TRACEPARENT.test(traceparent)) {
    return { traceparent, ...(typeof tracestate === 'string' && tracestate.length <= 512 && { tracestate }) }
  }
  const random = randomHex()
  return { traceparent: `00-${random.slice(0, 32)}-${random.slice(32)}-00` }
}

const IDS_BYTES = 24
const pool = Buffer.allocUnsafe(256 * IDS_BYTES)
let used = pool.length

/** From a pool: asking the system for each request took a twentieth of the ingress' time. */
function randomHex(): string {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += IDS_BYTES
  return pool.toString('hex', used - IDS_BYTES, used)
}
