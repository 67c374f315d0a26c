import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { GatewayError } from '@gomodel/contracts'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { anthropicErrors } from './anthropic-errors.ts'
import { errorBody, errorHeaders, openAiErrors } from './error-reply.ts'
import type { Incoming } from './incoming.ts'
import { speaksAnthropic } from './request-identity.ts'

const JSON_TYPE = 'application/json; charset=utf-8'

/** Answers with an error, as the API tells it that the route or the client speaks. */
export function refuse(request: FastifyRequest, reply: FastifyReply, error: GatewayError): FastifyReply {
  const { status, body } = request.routeOptions.config.errors ?? (speaksAnthropic(request.headers) ? anthropicErrors : openAiErrors)
  reply.status(status(error)).headers(errorHeaders(error))
  const said = body(error, request.id)
  return error.code === 'payload_too_large' && !request.raw.complete ? refuseMidway(request.raw as Incoming, reply, said) : reply.send(said)
}

/**
 * Answers a client that is still sending. Many listen only when they are through, and Node hangs up as soon as an answer ends that is the last of its
 * connection: they would see nothing but a broken one. So this answer has a length and no end, and goes on until the rest was read.
 */
function refuseMidway(incoming: Incoming, reply: FastifyReply, body: object): FastifyReply {
  const text = JSON.stringify(body)
  const { raw } = reply.headers({ 'content-type': JSON_TYPE, 'content-length': Buffer.byteLength(text), connection: 'close' })
  reply.hijack()
  raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders)
  raw.write(text, () => incoming.readAway())
  return reply
}

const NOT_HTTP = ['400 Bad Request', 'the request is not valid HTTP'] as const
const UNREADABLE = new Map<string | undefined, readonly [status: string, why: string]>([
  ['HPE_HEADER_OVERFLOW', ['431 Request Header Fields Too Large', 'the address and the headers of the request are too long']],
  ['ERR_HTTP_REQUEST_TIMEOUT', ['408 Request Timeout', 'the request did not come in time']],
])

/** What came is no whole HTTP: there is no request to answer, only a socket. */
export function refuseUnreadable(thrown: Error & { code?: string }, socket: Socket): void {
  // Whoever is being answered would take it for a part of that.
  const answered = (socket as { _httpMessage?: ServerResponse | null })._httpMessage?.headersSent === true
  if (thrown.code === 'ECONNRESET' || answered || !socket.writable) return void socket.destroy()
  const [status, why] = UNREADABLE.get(thrown.code) ?? NOT_HTTP
  const body = JSON.stringify(errorBody(new GatewayError('invalid_request', why)))
  socket.end(`HTTP/1.1 ${status}\r\ncontent-type: ${JSON_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`)
}
