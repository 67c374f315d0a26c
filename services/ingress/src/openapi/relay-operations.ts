import { Type } from 'typebox'
import type { ErrorCode } from '@gomodel/contracts'
import { errorResponses } from './errors.ts'
import { headersNamed, reference, type Content, type Operation, type Parameter, type PathItem, type Response } from './shape.ts'

const ERRORS_OF_RELAYS: readonly ErrorCode[] = [
  'invalid_request', 'unauthenticated', 'payload_too_large', 'cancelled', 'internal', 'provider_failed', 'provider_key_refused', 'stream_broken',
  'unavailable', 'overloaded', 'circuit_open', 'timeout',
]

/** What lists and lookups of providers' own resources give, as far as the gateway says anything of it. */
export const relaySchemas = {
  ProviderResource: Type.Object({ id: Type.String(), object: Type.Optional(Type.String()) }, { description: 'As the provider gives it.' }),
  ProviderResourceList: Type.Object({
    object: Type.Literal('list'),
    data: Type.Array(Type.Object({ id: Type.String(), provider: Type.Optional(Type.String({ description: 'The instance that has it; only where several were asked.' })) })),
    has_more: Type.Optional(Type.Boolean()),
  }),
}

const provider: readonly Parameter[] = [
  { name: 'provider', in: 'query', description: 'The instance that is meant, or a type of which there is one instance.', schema: { type: 'string' } },
  { name: 'X-GoModel-Provider', in: 'header', description: 'The same, where the query does not say it.', schema: { type: 'string' } },
]
const id: Parameter = { name: 'id', in: 'path', required: true, description: 'Its id.', schema: { type: 'string', minLength: 1 } }

const headers = headersNamed('X-Request-ID', 'X-GoModel-Provider')
const bytes: Content = { '*/*': { schema: { description: 'Any bytes.' } } }
const refused: Response = { description: 'Any other status of the provider, and errors of its own with one of those above: as it answers, in its words.', headers, content: bytes }
const resource: Content = { 'application/json': { schema: reference('schemas', 'ProviderResource'), example: { id: 'file-1', object: 'file' } } }
const list: Content = { 'application/json': { schema: reference('schemas', 'ProviderResourceList'), example: { object: 'list', data: [{ id: 'file-1', provider: 'openai' }], has_more: false } } }

const WHERE = 'Without a provider, every instance that has such things is asked until one knows the id.'

function operation(tag: string, operationId: string, more: Pick<Operation, 'summary' | 'description'> & { parameters?: readonly Parameter[]; body?: Content; answer: Content; errors?: readonly ErrorCode[] }): Operation {
  const { summary, description, parameters = [], body, answer, errors = [] } = more
  const answered: Response = { description: 'As the provider answers.', headers, content: answer }
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    parameters: [...parameters, reference('parameters', 'RequestId')],
    ...(body && { requestBody: { required: true, content: body } }),
    responses: { 200: answered, ...errorResponses([...ERRORS_OF_RELAYS, ...errors]), default: refused },
  }
}

const files = (operationId: string, more: Omit<Parameters<typeof operation>[2], 'errors'>): Operation =>
  operation('Files', operationId, { ...more, parameters: [...(more.parameters ?? []), ...provider], errors: ['unsupported'] })

const batches = (operationId: string, more: Parameters<typeof operation>[2]): Operation =>
  operation('Batches', operationId, { ...more, parameters: [...(more.parameters ?? []), ...provider], errors: ['unsupported', ...(more.errors ?? [])] })

const form: Content = { 'multipart/form-data': { schema: { type: 'object', properties: { purpose: { type: 'string' }, file: { type: 'string', format: 'binary' } }, required: ['purpose', 'file'] } } }
const batch: Content = {
  'application/json': {
    schema: { type: 'object', properties: { input_file_id: { type: 'string' }, endpoint: { type: 'string' }, completion_window: { type: 'string' }, metadata: { type: 'object' } } },
    example: { input_file_id: 'file-1', endpoint: '/v1/chat/completions', completion_window: '24h', metadata: { provider: 'openai' } },
  },
}

const passed = (method: string): Operation =>
  operation('Passthrough', `passthrough${method}`, {
    summary: `${method.toUpperCase()} in a provider's own API`,
    description: 'The request reaches the provider as it is, with the key of the instance in place of yours, and its answer reaches you as it is, whatever its status. Of what such answers cost, only what the APIs of OpenAI, Anthropic and Gemini say is counted.',
    parameters: [
      { name: 'instance', in: 'path', required: true, description: 'The provider instance.', schema: { type: 'string', minLength: 1 }, example: 'openai' },
      { name: 'path', in: 'path', required: true, description: 'Below the address of its API, slashes and all, with any query.', schema: { type: 'string' }, example: 'models' },
    ],
    ...(['Post', 'Put', 'Patch'].includes(method) && { body: bytes }),
    answer: bytes,
    errors: ['unknown_url'],
  })

/** What providers do themselves: their files, their batches, and all of their own APIs. */
export const relayPaths: Readonly<Record<string, PathItem>> = {
  '/v1/files': {
    post: files('uploadFile', { summary: 'Upload a file', description: 'Where several instances keep files, the request has to say which. In the input of a batch, models may be named as everywhere here, `instance/model`.', body: form, answer: resource }),
    get: files('listFiles', { summary: 'List the files', description: 'Without a provider, those of all instances, one instance after the other, at most 100 a page; `after` goes on from an id. `X-GoModel-Unavailable` names the instances that could not be asked.', answer: list }),
  },
  '/v1/files/{id}': {
    get: files('retrieveFile', { summary: 'Look up one file', description: WHERE, parameters: [id], answer: resource }),
    delete: files('deleteFile', { summary: 'Delete a file', description: WHERE, parameters: [id], answer: resource }),
  },
  '/v1/files/{id}/content': { get: files('downloadFile', { summary: 'Read a file', description: WHERE, parameters: [id], answer: bytes }) },
  '/v1/batches': {
    post: batches('createBatch', { summary: 'Have many requests answered later', description: 'Where several instances have batches, the request has to say which: in the query, in a header, or as `metadata.provider`, which the provider sees, too.', body: batch, answer: resource }),
    get: batches('listBatches', { summary: 'List the batches', description: 'As files are listed.', answer: list }),
  },
  '/v1/batches/{id}': { get: batches('retrieveBatch', { summary: 'Look up one batch', description: WHERE, parameters: [id], answer: resource }) },
  '/v1/batches/{id}/cancel': { post: batches('cancelBatch', { summary: 'Cancel a batch', description: WHERE, parameters: [id], answer: resource }) },
  '/v1/batches/{id}/results': {
    get: batches('readBatchResults', {
      summary: 'Read the results of a batch',
      description: 'One line of JSON for each request. What the batch cost is counted when they are first read.',
      parameters: [id],
      answer: { 'application/jsonl': { schema: { type: 'string' }, example: '{"custom_id":"1","response":{"status_code":200,"body":{}}}\n' } },
      errors: ['not_ready'],
    }),
  },
  '/p/{instance}/{path}': { get: passed('Get'), post: passed('Post'), put: passed('Put'), patch: passed('Patch'), delete: passed('Delete'), options: passed('Options') },
}
