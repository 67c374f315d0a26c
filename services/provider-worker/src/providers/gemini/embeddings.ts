import { GatewayError, NO_TOKENS, type Usage } from '@gomodel/contracts'
import type { Changes } from '../../hub/changes.ts'
import { type GenerateRequest, type Identity, type NativeApi, ProviderError } from '../../provider.ts'
import { inEncoding } from '../openai/vectors.ts'
import { isRecord } from '../usage.ts'
import { type Fields, record, records, recordsIn, textOf } from './fields.ts'
import { geminiError } from './error.ts'
import { bareName } from './model-list.ts'
import { given } from './generation-config.ts'

// Gemini counts no tokens here. Four characters of English are about one.
const CHARACTERS_A_TOKEN = 4
// As many as Google takes in one batch.
const MAX_TEXTS = 100

const READ: ReadonlySet<string> = new Set(['model', 'input', 'dimensions', 'encoding_format', 'taskType', 'task_type', 'title'])

/** OpenAI's embeddings, of Gemini's `batchEmbedContents`. */
export const geminiEmbeddings = (identity: Identity): NativeApi => (body, request, changes) => {
  const asked = askedIn(body, changes)
  const texts = textsOf(asked.input)
  if (texts.length > MAX_TEXTS) throw new GatewayError('unsupported', `${identity.name} takes at most ${MAX_TEXTS} inputs in one request`, { param: 'input', provider: identity.name })
  const model = bareName(request.model)
  const one = given({ outputDimensionality: asked.dimensions, taskType: asked.taskType ?? asked.task_type, title: asked.title })
  const requests = texts.map(text => ({ model: `models/${model}`, content: { parts: [{ text }] }, ...one }))
  return {
    path: `/models/${encodeURIComponent(model)}:batchEmbedContents`,
    body: Buffer.from(JSON.stringify({ requests })),
    answer: bytes => answerOf(identity, bytes, { request, texts, base64: asked.encoding_format === 'base64' }),
    reader: () => {
      throw new GatewayError('unsupported', 'embeddings are not streamed', { param: 'stream', provider: identity.name })
    },
  }
}

function askedIn(body: Uint8Array, changes: Changes): Fields {
  const asked: unknown = JSON.parse(textOf(body))
  if (!isRecord(asked)) throw new GatewayError('invalid_request', 'the request body is not a JSON object')
  for (const [field, value] of Object.entries(asked)) {
    if (!READ.has(field) && value !== null) changes.dropped(field)
  }
  return asked
}

function textsOf(input: unknown): readonly string[] {
  const texts: unknown[] = Array.isArray(input) ? input : [input]
  if (texts.length > 0 && texts.every(text => typeof text === 'string')) return texts
  const tokens = texts.some(text => typeof text === 'number' || (Array.isArray(text) && text.length > 0))
  if (tokens) throw new GatewayError('unsupported', 'input must be text: Gemini has other tokens than those it was written in', { param: 'input' })
  throw new GatewayError('invalid_request', 'input must be a text or a list of texts', { param: 'input' })
}

function answerOf(identity: Identity, bytes: Uint8Array, { request, texts, base64 }: { request: GenerateRequest; texts: readonly string[]; base64: boolean }) {
  const said = recordsIn(identity, textOf(bytes))
  const failed = said.find(({ error }) => error)
  if (failed) throw geminiError(identity, failed.error)
  const vectors = records(said[0]?.embeddings).map(({ values }) => values).filter(isVector)
  if (vectors.length !== texts.length) {
    const { name: provider } = identity
    throw new ProviderError('protocol', 'provider_failed', `${provider} gave ${vectors.length} embeddings for ${texts.length} texts`, { provider })
  }
  const data = vectors.map((vector, index) => ({ object: 'embedding', index, embedding: vector }))
  const usage = usageOf(record(said[0]?.usageMetadata)?.promptTokenCount, texts)
  const nativeUsage = { prompt_tokens: usage.inputUncached, total_tokens: usage.inputUncached }
  const answer = { object: 'list', data, model: request.model, usage: nativeUsage }
  return { bytes: inEncoding(answer, base64 ? 'base64' : 'float'), end: { usage, nativeUsage, natural: true } }
}

function usageOf(counted: unknown, texts: readonly string[]): Usage {
  if (typeof counted === 'number' && counted > 0) return { ...NO_TOKENS, inputUncached: Math.round(counted), source: 'final' }
  const estimate = texts.reduce((sum, { length }) => sum + Math.ceil(length / CHARACTERS_A_TOKEN), 0)
  return { ...NO_TOKENS, inputUncached: estimate, source: 'estimated' }
}

const isVector = (values: unknown): values is readonly number[] => Array.isArray(values) && values.every(value => typeof value === 'number')
