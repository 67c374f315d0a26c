import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Trace } from '@gomodel/bus'

/** Of version 00 nothing may follow the flags. */
const TRACEPARENT = /^(?!ff|00.{54})[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?$/
/** What workers put into a header of theirs: with a trace that they leave out the provider would get none, where a new one can be begun. */
const PASSED_ON = /^[\x20-\x7e]{1,512}$/

/** The caller's request id when it is short and printable, else a new one. */
export function requestId(headers: IncomingHttpHeaders): string {
  const given = headers['x-request-id']
  return typeof given === 'string' && /^[\x21-\x7e]{1,128}$/.test(given) ? given : randomUUID()
}

/** Whether a client speaks Anthropic's API; all that do name its version. */
export const speaksAnthropic = (headers: IncomingHttpHeaders): boolean => headers['anthropic-version'] !== undefined

/** The headers that name a request in its answer. */
export const idHeaders = (id: string, headers: IncomingHttpHeaders): Record<string, string> => ({ 'x-request-id': id, ...(speaksAnthropic(headers) && { 'request-id': id }) })

/** The trace that the caller is in, if it says so. */
export function traceOf(headers: IncomingHttpHeaders): Trace | undefined {
  const { traceparent, tracestate } = headers
  if (typeof traceparent !== 'string' || !PASSED_ON.test(traceparent) || !TRACEPARENT.test(traceparent)) return undefined
  return { traceparent, ...(typeof tracestate === 'string' && PASSED_ON.test(tracestate) && { tracestate }) }
}
