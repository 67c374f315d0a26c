import type { ErrorCode } from '@gomodel/contracts'
import { CountTokensRequest, Message, MessagesErrorReply, MessagesRequest, TokenCount } from '../endpoints/messages-api.ts'
import { ANTHROPIC_ERRORS, errorResponses } from './errors.ts'
import { cacheParameters } from './headers.ts'
import { EXAMPLE_MODEL } from './model-operations.ts'
import { headersNamed, reference, type Operation } from './shape.ts'

const ERRORS_OF_COUNT: readonly ErrorCode[] = [
  'invalid_request', 'unsupported', 'unauthenticated', 'model_not_found', 'payload_too_large', 'unprocessable', 'rate_limited', 'cancelled', 'internal',
  'provider_failed', 'provider_key_refused', 'unavailable', 'overloaded', 'circuit_open', 'timeout',
]
const ERRORS_OF_MESSAGES: readonly ErrorCode[] = [...ERRORS_OF_COUNT, 'stream_broken']

const asked = { model: EXAMPLE_MODEL, messages: [{ role: 'user', content: 'Say hello' }] }
const request = { ...asked, max_tokens: 100 }
const usage = { input_tokens: 9, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 2 }
const message = { id: 'msg_7f3c', type: 'message', role: 'assistant', model: 'simulated-chat', content: [{ type: 'text', text: 'Hello there' }], stop_reason: 'end_turn', stop_sequence: null, usage }

const events = [
  { type: 'message_start', message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 0 } } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: ' there' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage },
  { type: 'message_stop' },
]

const tool = { name: 'weather', description: 'The weather in a city', input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } }
const parameters = [reference('parameters', 'RequestId'), reference('parameters', 'Strict'), reference('parameters', 'TraceParent'), reference('parameters', 'AnthropicVersion')]
const headers = ['X-Request-ID', 'request-id', 'X-GoModel-Provider', 'X-GoModel-Fallback', 'X-GoModel-Translation'] as const

/** `POST /v1/messages`. */
export const createMessage: Operation = {
  operationId: 'createMessage',
  tags: ['Messages'],
  summary: 'Ask a model, in Anthropic’s API',
  description: [
    'Anthropic’s Messages API over every provider, so that its SDKs and Claude Code work with any model: their base URL is this address without `/v1`. The key may come as `x-api-key` too.',
    'At Anthropic itself the body and the answer pass untouched. Everywhere else they are translated: what a provider has nothing of is left out, and `X-GoModel-Translation` names it; what would change the meaning, such as a tool that Anthropic runs, is refused by its name.',
    'What another provider wants back of its thoughts travels in the `signature` of `thinking` blocks: send them back as they came. Arguments of a tool that are no JSON object come as `{"INVALID_JSON": "…"}`, the text being what the model wrote.',
    'When a stream fails after its first piece, its last event is `error`: a stream that ends with `message_stop` is complete.',
  ].join('\n\n'),
  parameters: [...parameters, ...cacheParameters],
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: reference('schemas', 'MessagesRequest'),
        examples: {
          whole: { summary: 'A whole answer', value: request },
          stream: { summary: 'A stream', value: { ...request, stream: true } },
          tools: { summary: 'With a tool', value: { ...request, system: 'Be brief.', tools: [tool] } },
        },
      },
    },
  },
  responses: {
    200: {
      description: 'The answer: JSON, or an event stream when `stream` is true.',
      headers: headersNamed(...headers, 'X-Cache', 'X-Cache-Entry', 'X-Cache-Similarity', 'Age'),
      content: {
        'application/json': { schema: reference('schemas', 'Message'), example: message },
        'text/event-stream': {
          schema: { type: 'string', description: 'The events of Anthropic’s API, from `message_start` to `message_stop`. Lines that begin with a colon are comments, which keep the connection open while the model is silent.' },
          example: events.map(event => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''),
        },
      },
    },
    ...errorResponses(ERRORS_OF_MESSAGES, { other: ANTHROPIC_ERRORS, cached: true }),
  },
}

/** `POST /v1/messages/count_tokens`. */
export const countMessageTokens: Operation = {
  operationId: 'countMessageTokens',
  tags: ['Messages'],
  summary: 'Count the tokens of a request, in Anthropic’s API',
  description: 'How many tokens the request would be. Where the provider does not count them, the figure is an estimate from the text, made without asking anybody and rather too high than too low; `X-GoModel-Translation: emulated=input_tokens:estimate` says so.',
  parameters,
  requestBody: { required: true, content: { 'application/json': { schema: reference('schemas', 'CountTokensRequest'), examples: { one: { summary: 'One message', value: asked } } } } },
  responses: {
    200: { description: 'The count.', headers: headersNamed(...headers), content: { 'application/json': { schema: reference('schemas', 'TokenCount'), example: { input_tokens: 9 } } } },
    ...errorResponses(ERRORS_OF_COUNT, { other: ANTHROPIC_ERRORS }),
  },
}

/** What the two are described with. */
export const messagesSchemas = {
  MessagesRequest: { ...MessagesRequest, additionalProperties: true },
  CountTokensRequest: { ...CountTokensRequest, additionalProperties: true },
  Message,
  TokenCount,
  MessagesErrorReply,
} as const
