import { createRequire } from 'node:module'
import { ChatCompletion, ChatCompletionChunk, ChatRequest, ErrorReply, Model, ModelList } from '@gomodel/contracts'
import { createChatCompletion } from './chat-operation.ts'
import { errorExamples } from './errors.ts'
import { requestHeaders, responseHeaders } from './headers.ts'
import { listModels, retrieveModel } from './model-operations.ts'
import type { Operation } from './shape.ts'
import { getDocument, getHealth, getMetrics, getReadiness, stateSchemas } from './state-operations.ts'

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

const paths: Readonly<Record<string, { readonly get: Operation } | { readonly post: Operation }>> = {
  '/v1/chat/completions': { post: createChatCompletion },
  '/v1/models': { get: listModels },
  '/v1/models/{id}': { get: retrieveModel },
  '/health': { get: getHealth },
  '/ready': { get: getReadiness },
  '/metrics': { get: getMetrics },
  '/openapi.json': { get: getDocument },
}

const description = `One endpoint in the dialect of the OpenAI API, in front of many model providers.
Any client for that API works: give it this address with \`/v1\` behind it, and a key of this gateway.

The key goes into the header \`Authorization: Bearer KEY\`. A gateway that was started without \`GOMODEL_MASTER_KEY\` takes requests without one.

Whatever goes wrong is said in the same four fields, \`message\`, \`type\`, \`param\` and \`code\`. Where \`Retry-After\` is present, another try may succeed after that many seconds.`

/** The gateway's API as an OpenAPI 3.1 document, its schemas being those that requests are checked with. */
export const openapiDocument = {
  openapi: '3.1.0',
  info: { title: 'GoModel API', version, description },
  tags: [
    { name: 'Chat', description: 'Conversations with a model.' },
    { name: 'Models', description: 'What can be asked.' },
    { name: 'State', description: 'How the gateway is. No key is needed.' },
  ],
  security: [{ key: [] }],
  paths,
  components: {
    securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'A key of this gateway.' } },
    schemas: { ChatRequest: { ...ChatRequest, additionalProperties: true }, ChatCompletion, ChatCompletionChunk, Model, ModelList, ErrorReply, ...stateSchemas },
    parameters: requestHeaders,
    headers: responseHeaders,
    examples: errorExamples,
  },
} as const
