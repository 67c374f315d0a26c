import type { ErrorCode } from '@gomodel/contracts'
import { DeletedResponse, InputItems, InputTokens, InputTokensRequest, ResponseObject, ResponsesRequest } from '../endpoints/responses-api.ts'
import { eventsFromResponse } from '../responses-forms/events-from-response.ts'
import { errorResponses } from './errors.ts'
import { cacheParameters } from './headers.ts'
import { EXAMPLE_MODEL } from './model-operations.ts'
import { headersNamed, reference, type Operation, type Parameter, type PathItem } from './shape.ts'

const ERRORS_OF_COUNT: readonly ErrorCode[] = [
  'invalid_request', 'unsupported', 'unauthenticated', 'model_not_found', 'payload_too_large', 'unprocessable', 'rate_limited', 'cancelled', 'internal',
  'provider_failed', 'provider_key_refused', 'unavailable', 'overloaded', 'circuit_open', 'timeout',
]
const ERRORS_OF_RESPONSES: readonly ErrorCode[] = [...ERRORS_OF_COUNT, 'stream_broken']
const ERRORS_OF_KEPT: readonly ErrorCode[] = ['invalid_request', 'unauthenticated', 'not_found', 'cancelled', 'internal', 'provider_failed', 'provider_key_refused', 'unavailable', 'overloaded', 'circuit_open', 'timeout']

const asked = { model: EXAMPLE_MODEL, input: 'Say hello' }
const message = { id: 'msg_1', type: 'message', status: 'completed', content: [{ type: 'output_text', annotations: [], logprobs: [], text: 'Hello there' }], role: 'assistant' }
const usage = { input_tokens: 9, input_tokens_details: { cached_tokens: 0 }, output_tokens: 2, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 11 }
const response = { id: 'resp_1', object: 'response', created_at: 1_760_000_000, status: 'completed', error: null, incomplete_details: null, model: 'simulated-chat', output: [message], previous_response_id: null, usage }
const events = eventsFromResponse(Buffer.from(JSON.stringify(response))).toString()

const tool = { type: 'function', name: 'weather', description: 'The weather in a city', parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }
const parameters = [reference('parameters', 'RequestId'), reference('parameters', 'Strict'), reference('parameters', 'TraceParent')]
const headers = ['X-Request-ID', 'X-GoModel-Provider', 'X-GoModel-Fallback', 'X-GoModel-Translation'] as const

const createResponse: Operation = {
  operationId: 'createResponse',
  tags: ['Responses'],
  summary: 'Ask a model, in OpenAI’s Responses API',
  description: [
    'OpenAI’s Responses API over every provider. Where the provider has it, the body and the answer pass untouched; everywhere else they are translated to its chat: what that has nothing of is left out, and `X-GoModel-Translation` names it; what would change the meaning, such as a tool that OpenAI runs, is refused by its name.',
    'Responses are kept unless `store` is false: by the provider where it has the API, otherwise by the gateway, for thirty days unless configured otherwise. `previous_response_id` goes on from one. What a provider kept can be gone on from at that provider only.',
    'What another provider wants back of its thoughts is in `encrypted_content` of `reasoning` items: send them back as they came.',
    'An equal request may be answered from a cache, and is then the same response with the same id; one with `previous_response_id`, `item_reference`, `conversation`, `prompt` or `background` never is.',
    'When a stream fails after its first piece, its last event is `error`: a stream that ends with `response.completed` or `response.incomplete` is complete.',
  ].join('\n\n'),
  parameters: [...parameters, ...cacheParameters],
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: reference('schemas', 'ResponsesRequest'),
        examples: {
          whole: { summary: 'A whole answer', value: asked },
          stream: { summary: 'A stream', value: { ...asked, stream: true } },
          tools: { summary: 'With a function', value: { ...asked, instructions: 'Be brief.', tools: [tool] } },
          further: { summary: 'Going on', value: { ...asked, previous_response_id: 'resp_1' } },
        },
      },
    },
  },
  responses: {
    200: {
      description: 'The answer: JSON, or an event stream when `stream` is true.',
      headers: headersNamed(...headers, 'X-Cache', 'X-Cache-Entry', 'X-Cache-Similarity', 'Age'),
      content: {
        'application/json': { schema: reference('schemas', 'ResponseObject'), example: response },
        'text/event-stream': {
          schema: { type: 'string', description: 'The events of the Responses API, each with the next `sequence_number`. Lines that begin with a colon are comments, which keep the connection open while the model is silent.' },
          example: events,
        },
      },
    },
    ...errorResponses(ERRORS_OF_RESPONSES, { cached: true }),
  },
}

const countInputTokens: Operation = {
  operationId: 'countInputTokens',
  tags: ['Responses'],
  summary: 'Count the tokens of a request, in OpenAI’s Responses API',
  description: 'How many tokens the request would be. Where the provider does not count them, the figure is an estimate from the text, made without asking anybody and rather too high than too low; `X-GoModel-Translation: emulated=input_tokens:estimate` says so.',
  parameters,
  requestBody: { required: true, content: { 'application/json': { schema: reference('schemas', 'InputTokensRequest'), examples: { one: { summary: 'A text', value: asked } } } } },
  responses: {
    200: { description: 'The count.', headers: headersNamed(...headers), content: { 'application/json': { schema: reference('schemas', 'InputTokens'), example: { object: 'response.input_tokens', input_tokens: 9 } } } },
    ...errorResponses(ERRORS_OF_COUNT),
  },
}

const id: Parameter = { name: 'id', in: 'path', required: true, description: 'The id of a response.', schema: { type: 'string' }, example: 'resp_1' }
const query = (name: string, description: string, schema: object = { type: 'string' }): Parameter => ({ name, in: 'query', description, schema })

/** An operation on a response that was given before. */
const onKept = (said: Pick<Operation, 'operationId' | 'summary' | 'description'> & { schema: string; example: unknown; parameters?: readonly Parameter[]; stream?: string }): Operation => ({
  operationId: said.operationId,
  tags: ['Responses'],
  summary: said.summary,
  description: `${said.description} A response that its provider keeps is asked of that provider; it may say what it wants.`,
  parameters: [id, ...(said.parameters ?? []), reference('parameters', 'RequestId')],
  responses: {
    200: {
      description: said.summary,
      headers: headersNamed('X-Request-ID', 'X-GoModel-Provider'),
      content: { 'application/json': { schema: reference('schemas', said.schema), example: said.example }, ...(said.stream && { 'text/event-stream': { schema: { type: 'string' }, example: said.stream } }) },
    },
    ...errorResponses(ERRORS_OF_KEPT),
  },
})

/** The Responses API and what happens to a response after it was given. */
export const responsesPaths: Readonly<Record<string, PathItem>> = {
  '/v1/responses': { post: createResponse },
  '/v1/responses/input_tokens': { post: countInputTokens },
  '/v1/responses/{id}': {
    get: onKept({
      operationId: 'retrieveResponse',
      summary: 'A response that was kept',
      description: 'With `stream=true` it comes as the events that it could have been.',
      parameters: [query('stream', 'Give events.', { type: 'boolean' }), query('starting_after', 'Of the events, those after this `sequence_number`.', { type: 'integer' })],
      schema: 'ResponseObject',
      example: response,
      stream: events,
    }),
    delete: onKept({ operationId: 'deleteResponse', summary: 'Forget a response', description: 'It can neither be fetched nor gone on from any more.', schema: 'DeletedResponse', example: { id: 'resp_1', object: 'response', deleted: true } }),
  },
  '/v1/responses/{id}/input_items': {
    get: onKept({
      operationId: 'listInputItems',
      summary: 'The input of a response',
      description: 'The items that it answered, those of earlier responses among them.',
      parameters: [query('limit', 'How many, from 1 to 100; 20 unless told.', { type: 'integer' }), query('order', '`desc`, the newest first, or `asc`.'), query('after', 'The id of an item: those behind it.')],
      schema: 'InputItems',
      example: { object: 'list', data: [{ id: 'msg_0', type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Say hello' }], status: 'completed' }], first_id: 'msg_0', last_id: 'msg_0', has_more: false },
    }),
  },
  '/v1/responses/{id}/cancel': {
    post: onKept({ operationId: 'cancelResponse', summary: 'Stop a response that runs in the background', description: 'What the gateway keeps is over already: `invalid_request`.', schema: 'ResponseObject', example: { ...response, status: 'cancelled' } }),
  },
}

/** What they are described with. */
export const responsesSchemas = {
  ResponsesRequest: { ...ResponsesRequest, additionalProperties: true },
  InputTokensRequest: { ...InputTokensRequest, additionalProperties: true },
  ResponseObject,
  InputTokens,
  InputItems,
  DeletedResponse,
} as const
