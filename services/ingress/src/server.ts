import type { Bus } from '@gomodel/bus'
import { GatewayError } from '@gomodel/contracts'
import { Invalidations, TurnQueue, type Logger, type Tracing } from '@gomodel/service'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Registry } from 'prom-client'
import { AnswerCache } from './answer-cache.ts'
import type { Layers } from './cache-question.ts'
import { authenticator } from './auth.ts'
import type { Catalog } from './catalog.ts'
import type { ErrorDialect } from './endpoints/endpoint.ts'
import { ENDPOINTS } from './endpoints/index.ts'
import { toGatewayError } from './error-reply.ts'
import { Flights } from './flights/flights.ts'
import { serveFlights } from './flights/serve-flights.ts'
import { Incoming } from './incoming.ts'
import { Invalidator } from './invalidator.ts'
import { ingressMetrics } from './observe.ts'
import { elapsedMs, tellAnswered } from './outcome.ts'
import { refuse, refuseUnreadable } from './refuse.ts'
import { idHeaders, requestId } from './request-identity.ts'
import { beginSpan, endSpan } from './request-span.ts'
import { batchRoutes } from './routes/batches.ts'
import { cacheRoutes } from './routes/cache.ts'
import { docsRoutes } from './routes/docs.ts'
import { fileRoutes } from './routes/files.ts'
import { generateRoute } from './routes/generate.ts'
import { healthRoutes, PUBLIC_PATHS } from './routes/health.ts'
import { modelRoutes } from './routes/models.ts'
import { responseRoutes } from './routes/responses.ts'
import { passthroughRoute } from './routes/passthrough.ts'
import { KeptResponses } from './responses/kept-responses.ts'
import type { Router } from './routing/router.ts'
import { SemanticCache } from './semantic/semantic-cache.ts'
import type { IngressSettings } from './settings.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How errors of this route are told; where it is absent, as the API does that the client speaks. */
    errors?: ErrorDialect
  }
  interface FastifyRequest {
    /** The pattern of its path, which is one of few; undefined where there is no such route. The framework makes its `routeOptions` anew whenever they are looked at. */
    route: string | undefined
    /** By the clock of the process, in milliseconds. */
    begunAt: number
  }
}

/** How long a request may take to come, its body included; how long its answer takes does not count. Of that its head has a minute. */
const REQUEST_MS = 300_000
const LEFT = new GatewayError('cancelled', 'the client left before its answer was over')
const nothing = (): void => {}

/** What the server uses of the process it lives in. */
export interface ServerParts {
  readonly bus: Bus
  readonly catalog: Catalog
  readonly router: Router
  readonly log: Logger
  readonly metrics: Registry
  readonly tracing: Tracing
}

/** The HTTP side of the gateway, not yet listening. */
export function buildServer(settings: IngressSettings, parts: ServerParts): FastifyInstance {
  const { bus, catalog, router, log, tracing } = parts
  const app = fastify({
    logger: false,
    http: { IncomingMessage: Incoming },
    genReqId: raw => requestId(raw.headers),
    requestIdHeader: false,
    // The framework turns off what Node has, and a body that never ends would be held for ever.
    requestTimeout: REQUEST_MS,
    // While it stops, what still comes on an open connection is served, and the connection closed behind it.
    return503OnClosing: false,
    frameworkErrors: (thrown, request, reply) => refuse(request, reply, failed(request, thrown)),
    clientErrorHandler: refuseUnreadable,
    // Routes read their bodies themselves; the framework's own compilers take 15 MB.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
  })
  const authenticate = authenticator(settings.masterKey)
  const metrics = ingressMetrics(parts.metrics)

  // Bodies stay bytes: they are forwarded as they came. Whatever type the client names, JSON is what is read; what is no type at all
  // the framework would refuse.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', (_, payload, done) => (payload as Incoming).whole(settings.bodyLimitBytes, done))

  app.decorateRequest('route', undefined)
  app.decorateRequest('begunAt', 0)
  app.decorateRequest('outcome', undefined)

  app.addHook('onRequest', (request, reply, done) => {
    request.route = request.routeOptions.url
    request.begunAt = performance.now()
    if (!isMediaType(request.raw.headers['content-type'])) delete request.raw.headers['content-type']
    reply.raw.once('close', () => over(request, reply))
    // What is written behind a client that left is an error of its response.
    reply.raw.on('error', nothing)
    reply.headers(idHeaders(request.id, request.headers))
    beginSpan(tracing, request)
    try {
      if (!PUBLIC_PATHS.has(request.route ?? '')) authenticate(request.headers.authorization, request.headers['x-api-key'])
      done()
    } catch (thrown) {
      done(GatewayError.from(thrown))
    }
  })

  /** The framework tells only of answers that were sent to their end, and clients may leave before. */
  function over(request: FastifyRequest, { raw }: FastifyReply): void {
    const { route = 'unknown' } = request
    const failure = failures.get(request) ?? (raw.writableFinished ? undefined : LEFT)
    const end = { status: raw.headersSent || !failure ? raw.statusCode : failure.status, failure, ms: elapsedMs(request) }
    metrics.answered(route, end.status, end.ms / 1000)
    tellAnswered(bus, request, end)
    endSpan(request, end)
    if (log.isLevelEnabled('debug')) log.debug({ requestId: request.id, method: request.method, route, status: end.status, ms: Math.round(end.ms) }, 'answered')
  }

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

  app.setErrorHandler((thrown, request, reply) => refuse(request, reply, failed(request, thrown)))

  app.setNotFoundHandler(request => {
    throw new GatewayError('unknown_url', `there is no ${request.method} ${request.url.split('?')[0]!.slice(0, 200)}`)
  })

  healthRoutes(app, { bus, catalog, metrics: settings.metricsEnabled ? parts.metrics : undefined })
  modelRoutes(app, { catalog, router })
  docsRoutes(app)
  const relays = { bus, offers: catalog.offers, tracing, streamFailed: note }
  fileRoutes(app, relays)
  batchRoutes(app, relays)
  if (settings.passthroughEnabled) passthroughRoute(app, { providers: settings.passthroughProviders, v1Alias: settings.passthroughV1Alias }, relays)
  const limits = { maxMessages: settings.semanticMaxMessages, withoutSystem: settings.semanticWithoutSystem }
  const invalidations = new Invalidations()
  const hearing = invalidations.hear(bus)
  app.addHook('onClose', () => hearing.stop())
  const layers: Layers = { exact: settings.cacheEnabled, semantic: settings.semanticEnabled ? new SemanticCache({ bus, tracing, metrics, limits }) : undefined }
  const cache = layers.exact || layers.semantic ? new AnswerCache({ bus, tracing, metrics, semantic: layers.semantic, invalidations }) : undefined
  const flights = cache && layers.exact ? new Flights(bus, cache) : undefined
  if (flights) flyWith(app, bus, flights)
  const replies = new TurnQueue()
  const kept = new KeptResponses({ bus, metrics, log })
  for (const endpoint of ENDPOINTS) generateRoute(app, endpoint, { bus, router, cache, flights, layers, dispatch: { mode: settings.semanticDispatch, hedgeMs: settings.semanticHedgeMs }, kept, tracing, metrics, keepAliveMs: settings.keepAliveMs, replies, streamFailed: note })
  const invalidator = new Invalidator({ bus, layers, invalidations, metrics })
  responseRoutes(app, { relays, kept, invalidator })
  cacheRoutes(app, { bus, invalidator, log })
  return app
}

/** Other ingresses may follow what this one gets, until that is done. */
function flyWith(app: FastifyInstance, bus: Bus, flights: Flights): void {
  const served = serveFlights(bus, flights)
  app.addHook('onClose', async () => {
    await served.drain()
    flights.close()
  })
}

const MEDIA_TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;|$)/

/** Most are the first. */
const isMediaType = (type: string | undefined): boolean => type === 'application/json' || type === undefined || MEDIA_TYPE.test(type)

function noSchemas(): never {
  throw new Error('no route has a schema for the framework')
}
