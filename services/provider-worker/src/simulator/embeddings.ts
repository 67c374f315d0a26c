import { hashedNgrams } from './hashed-ngrams.ts'
import { wrong } from './refusal.ts'
import { type Fields, number, required, wrongType } from './request-fields.ts'
import { estimatedTokens } from './tokens.ts'

const DEFAULT_DIMENSIONS = 512
const MAX_DIMENSIONS = 3072
// OpenAI's limits: texts in a request, tokens in a text, tokens in a request.
const MAX_INPUTS = 2048
const MAX_TOKENS_EACH = 8192
const MAX_TOKENS = 300_000

/** Answers a request for embeddings, in floats or in base64. */
export function embeddings(fields: Fields, model: string): unknown {
  const dimensions = number(fields, 'dimensions', { min: 1, max: MAX_DIMENSIONS, whole: true }) ?? DEFAULT_DIMENSIONS
  const format = fields.encoding_format ?? 'float'
  if (format !== 'float' && format !== 'base64') throw wrong('encoding_format', "Invalid value for 'encoding_format'. Supported values are: 'float', 'base64'.")
  const inputs = inputsOf(required(fields, 'input'))
  const tokens = inputs.reduce((sum, { tokens: some }) => sum + some, 0)
  if (tokens > MAX_TOKENS) throw wrong('input', `Invalid 'input': about ${tokens} tokens in all, where ${MAX_TOKENS} are allowed.`, 'context_length_exceeded')
  const data = inputs.map(({ text }, index) => {
    const vector = hashedNgrams(text, dimensions)
    return { object: 'embedding', index, embedding: format === 'base64' ? base64(vector) : [...vector] }
  })
  return { object: 'list', data, model, usage: { prompt_tokens: tokens, total_tokens: tokens } }
}

interface Input {
  readonly text: string
  readonly tokens: number
}

/** A text, several, one as token numbers, or several as such. */
function inputsOf(input: unknown): Input[] {
  const list: unknown[] = Array.isArray(input) && !isTokens(input) ? input : [input]
  if (list.length === 0) throw wrong('input', "Invalid 'input': empty array.", 'empty_array')
  if (list.length > MAX_INPUTS) throw wrong('input', `Invalid 'input': array too long. Expected an array with maximum length ${MAX_INPUTS}.`, 'array_above_max_length')
  return list.map((item, index) => {
    const param = list === input ? `input[${index}]` : 'input'
    const read = inputOf(item)
    if (!read) throw wrongType(param, 'a non-empty string or an array of token numbers')
    if (read.tokens > MAX_TOKENS_EACH) throw wrong(param, `Invalid '${param}': about ${read.tokens} tokens, where ${MAX_TOKENS_EACH} are allowed.`, 'context_length_exceeded')
    return read
  })
}

function inputOf(item: unknown): Input | undefined {
  if (typeof item === 'string' && item !== '') return { text: item, tokens: estimatedTokens(item.length) }
  return isTokens(item) ? { text: item.join(' '), tokens: item.length } : undefined
}

const isTokens = (value: unknown): value is number[] => Array.isArray(value) && value.length > 0 && value.every(item => Number.isInteger(item))

/** Floats of 32 bits, the low byte first, as OpenAI sends them. */
function base64(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4)
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4))
  return bytes.toString('base64')
}
