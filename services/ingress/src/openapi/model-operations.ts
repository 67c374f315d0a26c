import { errorResponses } from './errors.ts'
import { headersNamed, reference, type Operation } from './shape.ts'

/** A model that every gateway without a provider serves, so that the examples work as they stand. */
export const EXAMPLE_MODEL = 'simulator/simulated-chat'

const model = { id: EXAMPLE_MODEL, object: 'model', created: 1767225600, owned_by: 'simulator' }

const headers = headersNamed('X-Request-ID')

/** `GET /v1/models`. */
export const listModels: Operation = {
  operationId: 'listModels',
  tags: ['Models'],
  summary: 'List the models',
  description: 'Every model that can be asked now, of all instances. One whose instance has no live worker is not listed. To a client that sends `anthropic-version` it is told as Anthropic’s API tells it: `data` of `{"type":"model","id","display_name","created_at"}`, and `has_more`.',
  parameters: [reference('parameters', 'RequestId')],
  responses: {
    200: { description: 'The models.', headers, content: { 'application/json': { schema: reference('schemas', 'ModelList'), example: { object: 'list', data: [model] } } } },
    ...errorResponses(['unauthenticated', 'internal']),
  },
}

/** `GET /v1/models/{id}`. */
export const retrieveModel: Operation = {
  operationId: 'retrieveModel',
  tags: ['Models'],
  summary: 'Look up one model',
  description: 'One model by its qualified name, or by its bare one. The slash between instance and model may be written as it is or as `%2F`.',
  parameters: [
    { name: 'id', in: 'path', required: true, description: 'The name of the model: `instance/model`, or `model` alone.', schema: { type: 'string', minLength: 1 }, example: EXAMPLE_MODEL },
    reference('parameters', 'RequestId'),
  ],
  responses: {
    200: { description: 'The model, under its qualified name.', headers, content: { 'application/json': { schema: reference('schemas', 'Model'), example: model } } },
    ...errorResponses(['invalid_request', 'unauthenticated', 'model_not_found', 'internal', 'unavailable', 'circuit_open']),
  },
}
