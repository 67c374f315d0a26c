import { EmbeddingsRequest } from '@gomodel/contracts'
import { openAiErrors } from '../error-reply.ts'
import type { GenerateEndpoint } from './endpoint.ts'
import { OPENAI_HEADERS } from './openai-headers.ts'
import { bodyReader } from './read-body.ts'

const readEmbeddings = bodyReader(EmbeddingsRequest)

/** `POST /v1/embeddings`. */
export const embeddings: GenerateEndpoint = {
  endpoint: 'embeddings',
  path: '/v1/embeddings',
  read: body => ({ model: readEmbeddings(body).model, stream: false, includeUsage: false }),
  headers: OPENAI_HEADERS,
  errors: openAiErrors,
  replay: (answer, bytes) => (answer.form === 'whole' ? Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) : undefined),
}
