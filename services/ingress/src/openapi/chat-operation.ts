import type { ErrorCode } from '@gomodel/contracts'
import { EXAMPLE_MODEL } from './model-operations.ts'
import { errorResponses } from './errors.ts'
import { cacheParameters } from './headers.ts'
import { headersNamed, reference, type Operation } from './shape.ts'

const ERRORS_OF_CHAT: readonly ErrorCode[] = [
  'invalid_request', 'unsupported', 'unauthenticated', 'model_not_found', 'payload_too_large', 'unprocessable', 'rate_limited', 'cancelled', 'internal',
  'provider_failed', 'provider_key_refused', 'stream_broken', 'unavailable', 'overloaded', 'circuit_open', 'timeout',
]

const request = { model: EXAMPLE_MODEL, messages: [{ role: 'user', content: 'Say hello' }] }

const answered = { id: 'chatcmpl-7f3c', created: 1767225600, model: 'simulated-chat' }
const usage = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 }

const completion = {
  ...answered,
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello there' }, finish_reason: 'stop' }],
  usage,
}

const chunk = (delta: object, finish: string | null = null) => ({ ...answered, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })

const events = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ content: 'Hello' }),
  chunk({ content: ' there' }),
  chunk({}, 'stop'),
  { ...answered, object: 'chat.completion.chunk', choices: [], usage },
]

const stream = [...events.map(event => JSON.stringify(event)), '[DONE]'].map(data => `data: ${data}\n\n`).join('')

/** `POST /v1/chat/completions`. */
export const createChatCompletion: Operation = {
  operationId: 'createChatCompletion',
  tags: ['Chat'],
  summary: 'Ask a model',
  description: [
    'Sends the conversation to the model and gives its answer, as one JSON document or, with `"stream": true`, as server-sent events.',
    'The gateway reads the fields that are listed here. Every other field of the body reaches the provider untouched, and so does every field of its answer reach you.',
    'An equal request may be answered from a cache; `X-Cache` says so, and `Cache-Control` decides about it.',
    'When a stream fails after its first piece, its last event is `data: {"error": …}` in the shape of every error, and the connection closes without `[DONE]`: a stream that ends with `[DONE]` is complete.',
  ].join('\n\n'),
  parameters: [reference('parameters', 'RequestId'), reference('parameters', 'Strict'), ...cacheParameters, reference('parameters', 'TraceParent')],
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: reference('schemas', 'ChatRequest'),
        examples: {
          whole: { summary: 'A whole answer', value: request },
          stream: { summary: 'A stream, with what it cost at its end', value: { ...request, stream: true, stream_options: { include_usage: true } } },
          limits: { summary: 'With instructions and a limit', value: { ...request, messages: [{ role: 'system', content: 'Answer in one sentence.' }, { role: 'user', content: 'What is a message bus?' }], max_tokens: 100, temperature: 0.2 } },
        },
      },
    },
  },
  responses: {
    200: {
      description: 'The answer: JSON, or an event stream when `stream` is true.',
      headers: headersNamed('X-Request-ID', 'X-GoModel-Provider', 'X-GoModel-Fallback', 'X-GoModel-Translation', 'X-Cache', 'X-Cache-Entry', 'X-Cache-Similarity', 'Age'),
      content: {
        'application/json': { schema: reference('schemas', 'ChatCompletion'), example: completion },
        'text/event-stream': {
          schema: { type: 'string', description: 'The data of each event is a `ChatCompletionChunk`, of the last one `[DONE]`. Lines that begin with a colon are comments, which keep the connection open while the model is silent.' },
          example: stream,
        },
      },
    },
    ...errorResponses(ERRORS_OF_CHAT, { cached: true }),
  },
}
