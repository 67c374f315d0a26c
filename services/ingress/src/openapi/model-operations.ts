import { Type } from 'typebox'
import { errorResponsesInBoth } from './errors.ts'
import { headersNamed, reference, type Content, type Operation } from './shape.ts'

/** A model that every gateway without a provider serves, so that the examples work as they stand. */
export const EXAMPLE_MODEL = 'simulator/simulated-chat'

const model = { id: EXAMPLE_MODEL, object: 'model', created: 1767225600, owned_by: 'simulator' }

const headers = headersNamed('X-Request-ID', 'request-id')

const AnthropicModel = Type.Object(
  { type: Type.Literal('model'), id: Type.String(), display_name: Type.String(), created_at: Type.String({ description: 'The beginning of 1970 where the provider does not say.' }) },
  { description: 'A model in the shape of Anthropic’s API.' },
)
const name = Type.Union([Type.String(), Type.Null()])

/** What models are to a client of Anthropic's API. */
export const anthropicModelSchemas = {
  AnthropicModel,
  AnthropicModelList: Type.Object({ data: Type.Array(AnthropicModel), has_more: Type.Literal(false), first_id: name, last_id: name }, { description: 'Models in the shape of Anthropic’s API, all on one page.' }),
}

const anthropicModel = { type: 'model', id: EXAMPLE_MODEL, display_name: EXAMPLE_MODEL, created_at: '2026-01-01T00:00:00.000Z' }

/** One thing in the shape of either API. */
const either = (schemas: readonly string[], openai: unknown, anthropic: unknown): Content => ({
  'application/json': {
    schema: { oneOf: schemas.map(schema => reference('schemas', schema)) },
    examples: { openai: { summary: 'In OpenAI’s API', value: openai }, anthropic: { summary: 'With `anthropic-version`, in Anthropic’s', value: anthropic } },
  },
})

/** `GET /v1/models`. */
export const listModels: Operation = {
  operationId: 'listModels',
  tags: ['Models'],
  summary: 'List the models',
  description: 'Every model that can be asked now, of all instances. One whose instance has no live worker is not listed. A client that sends `anthropic-version` gets the shape of Anthropic’s API.',
  parameters: [reference('parameters', 'RequestId'), reference('parameters', 'AnthropicVersion')],
  responses: {
    200: { description: 'The models.', headers, content: either(['ModelList', 'AnthropicModelList'], { object: 'list', data: [model] }, { data: [anthropicModel], has_more: false, first_id: EXAMPLE_MODEL, last_id: EXAMPLE_MODEL }) },
    ...errorResponsesInBoth(['unauthenticated', 'internal']),
  },
}

/** `GET /v1/models/{id}`. */
export const retrieveModel: Operation = {
  operationId: 'retrieveModel',
  tags: ['Models'],
  summary: 'Look up one model',
  description: 'One model by its qualified name, or by its bare one. The slash between instance and model may be written as it is or as `%2F`. A client that sends `anthropic-version` gets the shape of Anthropic’s API.',
  parameters: [
    { name: 'id', in: 'path', required: true, description: 'The name of the model: `instance/model`, or `model` alone.', schema: { type: 'string', minLength: 1 }, example: EXAMPLE_MODEL },
    reference('parameters', 'RequestId'),
    reference('parameters', 'AnthropicVersion'),
  ],
  responses: {
    200: { description: 'The model, under its qualified name.', headers, content: either(['Model', 'AnthropicModel'], model, anthropicModel) },
    ...errorResponsesInBoth(['invalid_request', 'unauthenticated', 'model_not_found', 'internal', 'unavailable', 'circuit_open']),
  },
}
