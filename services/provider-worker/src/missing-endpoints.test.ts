import { describe, expect, test } from 'vitest'
import { type Behaviour, inTurn, startUpstream } from '@gomodel/testing'
import { onTestFinished } from 'vitest'
import { TRACE, generatorAt } from './fixtures/generator.ts'
import { RecordingCall } from './fixtures/recording-call.ts'
import { generateAnswer } from './generate.ts'
import { MissingEndpoints } from './missing-endpoints.ts'
import { openAiDialect } from './providers/openai/dialect.ts'
import { nativeInputTokens, nativeResponses } from './providers/responses.ts'

const chatAnswer: Behaviour = { body: { id: 'chatcmpl-1', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'from a chat' }, finish_reason: 'stop' }] } }
const notFound = (body: unknown, status = 404): Behaviour => ({ status, body: body as object })

async function asked(behaviours: readonly Behaviour[], { requests = 1, body = {} as object, mayLack = true, now = (): number => 0 } = {}) {
  const upstream = await startUpstream(inTurn(...behaviours))
  onTestFinished(() => upstream.stop())
  const identity = { name: 'openai', type: 'openai', apiKey: 'sk-test-1234567890', baseUrl: upstream.url }
  const attempts: number[] = []
  const generator = generatorAt(upstream.url, {
    provider: { ...openAiDialect(identity), native: { responses: nativeResponses(identity), input_tokens: nativeInputTokens(identity) } },
    missing: new MissingEndpoints({ mayLack, now }),
    attempted: ({ attempt }) => void attempts.push(attempt),
  })
  const calls = []
  for (let made = 0; made < requests; made++) {
    const call = new RecordingCall({ endpoint: 'responses' }, { messages: undefined, input: 'hi', ...body })
    call.trace = TRACE
    const end = await generateAnswer(generator, call).catch((thrown: unknown) => thrown)
    calls.push({ call, end })
  }
  return { calls, attempts, paths: upstream.requests.map(({ path }) => path) }
}

const RESPONSES = '/v1/responses'
const CHAT = '/v1/chat/completions'

describe('a server without an endpoint that others of its type have', () => {
  test.each<[string, Behaviour]>([
    ['404 and nothing', notFound('')],
    ['404 in a shape of its own', notFound({ detail: 'Not Found' })],
    ['404 in the shape of OpenAI', notFound({ error: { message: 'Invalid URL (POST /v1/responses)', type: 'invalid_request_error', param: null, code: null } })],
    ['405', notFound({ error: 'Method Not Allowed' }, 405)],
  ])('that answers %s is asked for a chat, and from then on at once', async (_, refusal) => {
    const { calls, paths, attempts } = await asked([refusal, chatAnswer], { requests: 2 })
    for (const { call } of calls) expect(JSON.parse(call.text)).toMatchObject({ object: 'response', output: [{ content: [{ text: 'from a chat' }] }] })
    expect(paths).toEqual([RESPONSES, CHAT, CHAT])
    expect(attempts, 'each call of the provider has a number of its own').toEqual([1, 2, 1])
  })

  test('is asked again when what was learnt is old', async () => {
    let now = 0
    const { paths } = await asked([notFound(''), chatAnswer, notFound(''), chatAnswer], { requests: 2, now: () => (now += 11 * 60 * 1000) })
    expect(paths).toEqual([RESPONSES, CHAT, RESPONSES, CHAT])
  })

  test.each<[string, Behaviour]>([
    ['by its code', notFound({ error: { message: 'no such model', type: 'invalid_request_error', param: null, code: 'model_not_found' } })],
    ['by its field', notFound({ object: 'error', message: 'The model does not exist.', type: 'NotFoundError', param: 'model', code: 404 })],
  ])('is not meant when it was the model that is not known: %s', async (_, refusal) => {
    const { calls, paths } = await asked([refusal, chatAnswer])
    expect(calls[0]?.end).toMatchObject({ code: 'model_not_found' })
    expect(paths).toEqual([RESPONSES])
  })

  test('is not meant where the provider itself is asked', async () => {
    const { calls, paths } = await asked([notFound(''), chatAnswer], { mayLack: false })
    expect(calls[0]?.end).toMatchObject({ code: 'model_not_found' })
    expect(paths).toEqual([RESPONSES])
  })

  test('says what it said when a chat could not do it either', async () => {
    const { calls, paths } = await asked([notFound({ error: { message: 'no such conversation', type: 'invalid_request_error' } })], { requests: 2, body: { conversation: 'conv_1' } })
    for (const { end } of calls) expect(end).toMatchObject({ message: 'no such conversation' })
    expect(paths).toEqual([RESPONSES, RESPONSES])
  })

  test('is not remembered when the chat failed as well', async () => {
    const { calls, paths } = await asked([notFound(''), notFound('no chat either'), notFound(''), chatAnswer], { requests: 2 })
    expect(calls[0]?.end).toMatchObject({ code: 'model_not_found' })
    expect(calls[1]?.call.text).toContain('from a chat')
    expect(paths).toEqual([RESPONSES, CHAT, RESPONSES, CHAT])
  })
})
