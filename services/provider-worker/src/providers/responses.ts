import { withMembers } from '../json-fields.ts'
import { type Identity, type NativeApi, ProviderError } from '../provider.ts'
import { noAnswer, objectIn } from './openai/answer.ts'
import { reported } from './openai/error.ts'
import { endOfResponse } from './responses-end.ts'
import { failedResponse } from './responses-error.ts'
import { withoutForeignReasoning } from './responses-input.ts'
import { ResponsesStream } from './responses-stream.ts'

const PATH = '/responses'

/** OpenAI's Responses API at a provider that has it: what the client sent and what the model answers pass through untouched. */
export const nativeResponses =
  (identity: Identity): NativeApi =>
  (body, { model }, changes) => ({
    path: PATH,
    body: withMembers(body, new Map([['model', () => named(model)], ...withoutForeignReasoning(body, changes)])),
    answer: bytes => {
      const text = textOf(bytes)
      const response = objectIn(identity, text)
      if (response.status === 'failed') throw failedResponse(identity, response.error)
      if (response.error) throw reported(identity, text)
      if (!Array.isArray(response.output)) throw noAnswer(identity, text, 'without an output')
      return { bytes, end: endOfResponse(response) }
    },
    reader: () => new ResponsesStream(identity),
  })

/** How many tokens a request has, counted by the provider. */
export const nativeInputTokens =
  (identity: Identity): NativeApi =>
  (body, { model }) => ({
    path: `${PATH}/input_tokens`,
    body: withMembers(body, new Map([['model', () => named(model)]])),
    answer: bytes => {
      const text = textOf(bytes)
      if (typeof objectIn(identity, text).input_tokens !== 'number') throw noAnswer(identity, text, 'without a count')
      return { bytes, end: { natural: true } }
    },
    reader: () => {
      throw new ProviderError('protocol', 'internal', 'internal error', { cause: new Error('counted tokens are no stream') })
    },
  })

const named = (model: string): Buffer => Buffer.from(JSON.stringify(model))

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()
