import type { ErrorCode } from '@gomodel/contracts'
import { errorResponses } from './errors.ts'
import { exactCacheParameters } from './headers.ts'
import { headersNamed, reference, type Operation } from './shape.ts'

const ERRORS_OF_EMBEDDINGS: readonly ErrorCode[] = [
  'invalid_request', 'unsupported', 'unauthenticated', 'model_not_found', 'payload_too_large', 'unprocessable', 'rate_limited', 'cancelled', 'internal',
  'provider_failed', 'provider_key_refused', 'unavailable', 'overloaded', 'circuit_open', 'timeout',
]

const vectors = {
  object: 'list',
  data: [
    { object: 'embedding', index: 0, embedding: [0.6, 0.8] },
    { object: 'embedding', index: 1, embedding: [0, -1] },
  ],
  model: 'simulated-embedding-hashed-ngrams',
  usage: { prompt_tokens: 4, total_tokens: 4 },
}

/** `POST /v1/embeddings`. */
export const createEmbeddings: Operation = {
  operationId: 'createEmbeddings',
  tags: ['Embeddings'],
  summary: 'Turn texts into vectors',
  description: 'Gives one vector for each text, in their order. Fields that are not listed here reach the provider untouched. An equal request may be answered from a cache.',
  parameters: [reference('parameters', 'RequestId'), reference('parameters', 'Strict'), ...exactCacheParameters, reference('parameters', 'TraceParent')],
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: reference('schemas', 'EmbeddingsRequest'),
        examples: { two: { summary: 'Two texts', value: { model: 'simulator/simulated-embedding-hashed-ngrams', input: ['good morning', 'good night'] } } },
      },
    },
  },
  responses: {
    200: {
      description: 'The vectors.',
      headers: headersNamed('X-Request-ID', 'X-GoModel-Provider', 'X-GoModel-Fallback', 'X-GoModel-Translation', 'X-Cache', 'X-Cache-Entry', 'Age'),
      content: { 'application/json': { schema: reference('schemas', 'EmbeddingsAnswer'), example: vectors } },
    },
    ...errorResponses(ERRORS_OF_EMBEDDINGS, { cached: true }),
  },
}
