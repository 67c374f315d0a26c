import { Type } from 'typebox'
import { errorResponses } from './errors.ts'
import { headersNamed, reference, type Operation } from './shape.ts'

/** What the gateway says of itself. */
export const stateSchemas = {
  Health: Type.Object({ status: Type.Literal('ok') }),
  Ready: Type.Object({ status: Type.Literal('ready'), providers: Type.Array(Type.String(), { description: 'The instances with a live worker.' }) }),
  NotReady: Type.Object({ status: Type.Literal('not ready'), missing: Type.Array(Type.String(), { description: 'What it lacks, in words.' }) }),
}

const headers = headersNamed('X-Request-ID')

const open = { tags: ['State'], security: [] } as const

/** `GET /health`. */
export const getHealth: Operation = {
  ...open,
  operationId: 'getHealth',
  summary: 'Is the process alive',
  description: 'Answers as long as the process runs, whatever else is missing. Meant for what restarts processes.',
  responses: {
    200: { description: 'It is.', headers, content: { 'application/json': { schema: reference('schemas', 'Health'), example: { status: 'ok' } } } },
    ...errorResponses(['internal']),
  },
}

/** `GET /ready`. */
export const getReadiness: Operation = {
  ...open,
  operationId: 'getReadiness',
  summary: 'Can it serve',
  description: 'Whether the gateway is connected and has a provider to ask. Meant for what sends traffic to it.',
  responses: {
    200: { description: 'It can.', headers, content: { 'application/json': { schema: reference('schemas', 'Ready'), example: { status: 'ready', providers: ['simulator'] } } } },
    ...errorResponses(['internal']),
    503: {
      description: 'Not now.',
      headers: headersNamed('X-Request-ID', 'Retry-After'),
      content: { 'application/json': { schema: reference('schemas', 'NotReady'), example: { status: 'not ready', missing: ['a provider with a live worker'] } } },
    },
  },
}

/** `GET /metrics`. */
export const getMetrics: Operation = {
  ...open,
  operationId: 'getMetrics',
  summary: 'Metrics for Prometheus',
  description: 'Counters, gauges and histograms in the text format of Prometheus. With `METRICS_ENABLED=false` there is no such address.',
  responses: {
    200: {
      description: 'The metrics of this process.',
      headers,
      content: { 'text/plain': { schema: { type: 'string' }, example: '# HELP gateway_requests_total Requests by route and status.\n# TYPE gateway_requests_total counter\ngateway_requests_total{route="/v1/models",status="200"} 3\n' } },
    },
    ...errorResponses(['unknown_url', 'internal']),
  },
}

/** `GET /openapi.json`. */
export const getDocument: Operation = {
  ...open,
  operationId: 'getDocument',
  summary: 'This description',
  description: 'The document that you are reading: OpenAPI 3.1, the same for every gateway of this version.',
  responses: {
    200: { description: 'The document.', headers, content: { 'application/json': { schema: { type: 'object' } } } },
    ...errorResponses(['internal']),
  },
}
