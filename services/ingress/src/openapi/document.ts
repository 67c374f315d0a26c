import { createRequire } from 'node:module'
import { ChatCompletion, ChatCompletionChunk, ChatRequest, EmbeddingsAnswer, EmbeddingsRequest, ErrorReply, Model, ModelList } from '@gomodel/contracts'
import { cacheSchemas, invalidateCache } from './cache-operation.ts'
import { createChatCompletion } from './chat-operation.ts'
import { createEmbeddings } from './embeddings-operation.ts'
import { errorExamples } from './errors.ts'
import { requestHeaders, responseHeaders } from './headers.ts'
import { countMessageTokens, createMessage, messagesSchemas } from './messages-operations.ts'
import { anthropicModelSchemas, listModels, retrieveModel } from './model-operations.ts'
import { responsesPaths, responsesSchemas } from './responses-operations.ts'
import { relayPaths, relaySchemas } from './relay-operations.ts'
import type { PathItem } from './shape.ts'
import { getDocument, getHealth, getMetrics, getReadiness, stateSchemas } from './state-operations.ts'

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }

const paths: Readonly<Record<string, PathItem>> = {
  '/v1/chat/completions': { post: createChatCompletion },
  '/v1/messages': { post: createMessage },
  '/v1/messages/count_tokens': { post: countMessageTokens },
  ...responsesPaths,
  '/v1/embeddings': { post: createEmbeddings },
  '/v1/models': { get: listModels },
  '/v1/models/{id}': { get: retrieveModel },
  ...relayPaths,
  '/admin/api/v1/cache/invalidate': { post: invalidateCache },
  '/health': { get: getHealth },
  '/ready': { get: getReadiness },
  '/metrics': { get: getMetrics },
  '/openapi.json': { get: getDocument },
}

const description = `One endpoint in the dialect of the OpenAI API, in front of many model providers.
Any client for that API works: give it this address with \`/v1\` behind it, and a key of this gateway. Clients of Anthropic's API work too: give them this address as it is.

The key goes into the header \`Authorization: Bearer KEY\`, or \`x-api-key: KEY\`. A gateway that was started without \`GOMODEL_MASTER_KEY\` takes requests without one.

Whatever goes wrong is said in the same four fields, \`message\`, \`type\`, \`param\` and \`code\`; to a client of Anthropic's API, which names its version in \`anthropic-version\`, as that API says it. Where \`Retry-After\` is present, another try may succeed after that many seconds.`

/** The gateway's API as an OpenAPI 3.1 document, its schemas being those that requests are checked with. */
export const openapiDocument = {
  openapi: '3.1.0',
  info: { title: 'GoModel API', version, description },
  tags: [
    { name: 'Chat', description: 'Conversations with a model.' },
    { name: 'Messages', description: 'The same in Anthropic’s API.' },
    { name: 'Responses', description: 'The same in OpenAI’s Responses API, and what is kept of it.' },
    { name: 'Embeddings', description: 'Texts as vectors.' },
    { name: 'Models', description: 'What can be asked.' },
    { name: 'Files', description: 'Files that providers keep.' },
    { name: 'Batches', description: 'Many requests at once, answered later by a provider that has such a thing.' },
    { name: 'Passthrough', description: 'Providers in their own APIs.' },
    { name: 'Administration', description: 'For whoever runs the gateway.' },
    { name: 'State', description: 'How the gateway is. No key is needed.' },
  ],
  security: [{ key: [] }, { apiKey: [] }],
  paths,
  components: {
    securitySchemes: {
      key: { type: 'http', scheme: 'bearer', description: 'A key of this gateway.' },
      apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key', description: 'The same key, as clients of Anthropic’s API send it.' },
    },
    schemas: { ChatRequest: { ...ChatRequest, additionalProperties: true }, ChatCompletion, ChatCompletionChunk, EmbeddingsRequest: { ...EmbeddingsRequest, additionalProperties: true }, EmbeddingsAnswer, Model, ModelList, ...anthropicModelSchemas, ErrorReply, ...messagesSchemas, ...responsesSchemas, ...relaySchemas, ...cacheSchemas, ...stateSchemas },
    parameters: requestHeaders,
    headers: responseHeaders,
    examples: errorExamples,
  },
} as const
