import type { Socket } from 'node:net'
import type { Bus } from '@gomodel/bus'
import { GatewayError } from '@gomodel/contracts'
import type { Logger, Tracing } from '@gomodel/service'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import { AnswerCache } from './answer-cache.ts'
import { authenticator } from './auth.ts'
import type { Catalog } from './catalog.ts'
import { errorBody, errorHeaders, toGatewayError } from './error-reply.ts'
import { ingressMetrics } from './observe.ts'
import { requestId } from './request-identity.ts'
import { beginSpan, endSpan } from './request-span.ts'
import { chatRoute } from './routes/chat.ts'
import { docsRoutes } from './routes/docs.ts'
import { healthRoutes, PUBLIC_PATHS } from './routes/health.ts'
import { modelRoutes } from './routes/models.ts'
import type { IngressSettings } from './settings.ts'

/** What the server uses of the process it lives in. */
export interface ServerParts {
  readonly bus: Bus
  readonly catalog: Catalog
  readonly log: Logger
  readonly metrics: Registry
  readonly tracing: Tracing
}

/** The HTTP side of the gateway, not yet listening. */
export function buildServer(settings: IngressSettings, parts: ServerParts): FastifyInstance {
  const { bus, catalog, log, tracing } = parts
  const app = fastify({
    logger: false,
    bodyLimit: settings.bodyLimitBytes,
    genReqId: raw => requestId(raw.headers),
    requestIdHeader: false,
    // While it stops, what still comes on an open connection is served, and the connection closed behind it.
    return503OnClosing: false,
    frameworkErrors: (thrown, request, reply) => sendError(reply, failed(request, thrown)),
    clientErrorHandler: refuseUnreadable,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
  })
  const authenticate = authenticator(settings.masterKey)
  const metrics = ingressMetrics(parts.metrics)

  // Bodies stay bytes: they are forwarded as they came. Whatever type the client names, JSON is what is read.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))

  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    beginSpan(tracing, request)
    if (!PUBLIC_PATHS.has(request.routeOptions.url ?? '')) authenticate(request.headers.authorization)
  })

  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'unknown'
    metrics.answered(route, reply.raw.statusCode, reply.elapsedTime / 1000)
    endSpan(request, reply, failures.get(request))
    if (log.isLevelEnabled('debug')) log.debug({ requestId: request.id, method: request.method, route, status: reply.raw.statusCode, ms: Math.round(reply.elapsedTime) }, 'answered')
  })

  const failures = new WeakMap<FastifyRequest, GatewayError>()

  function failed(request: FastifyRequest, thrown: unknown): GatewayError {
    const error = toGatewayError(thrown)
    note(request, error)
    return error
  }

  function note(request: FastifyRequest, error: GatewayError): void {
    failures.set(request, error)
    const said = { requestId: request.id, code: error.code, status: error.status, provider: error.details.provider, err: error.details.cause }
    if (error.status === 500) log.error(said, error.message)
    else if (error.status > 500) log.warn(said, error.message)
    else log.debug(said, error.message)
  }

  app.setErrorHandler((thrown, request, reply) => sendError(reply, failed(request, thrown)))

  app.setNotFoundHandler(request => {
    throw new GatewayError('unknown_url', `there is no ${request.method} ${request.url.split('?')[0]!.slice(0, 200)}`)
  })

  healthRoutes(app, { bus, catalog, metrics: settings.metricsEnabled ? parts.metrics : undefined })
  modelRoutes(app, catalog)
  docsRoutes(app)
  const cache = settings.cacheEnabled ? new AnswerCache({ bus, tracing, metrics }) : undefined
  chatRoute(app, { bus, catalog, cache, tracing, metrics, keepAliveMs: settings.keepAliveMs, streamFailed: note })
  return app
}

const sendError = (reply: FastifyReply, error: GatewayError) => reply.status(error.status).headers(errorHeaders(error)).send(errorBody(error))

/** What came is not HTTP: there is no request to answer, only a socket. */
function refuseUnreadable(thrown: Error & { code?: string }, socket: Socket): void {
  if (thrown.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const body = JSON.stringify(errorBody(new GatewayError('invalid_request', 'the request is not valid HTTP')))
  socket.end(`HTTP/1.1 400 Bad Request\r\ncontent-type: application/json; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`)
}
