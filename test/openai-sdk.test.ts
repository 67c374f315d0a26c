import { inTurn, numberedContent, serverError, startUpstream, unauthorized, type Upstream } from '@gomodel/testing'
import OpenAI, { APIError, AuthenticationError, BadRequestError, NotFoundError } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MASTER_KEY, PROVIDER_KEY, shapes, type Gateway } from './gateway.ts'

const messages = [{ role: 'user' as const, content: 'hello' }]

describe.each(shapes)('an unchanged OpenAI SDK on %s', (_, start) => {
  let upstream: Upstream
  let gateway: Gateway
  let client: OpenAI

  beforeAll(async () => {
    upstream = await startUpstream(undefined, ['gpt-test', 'vendor/slashed'])
    gateway = await start(upstream)
    client = new OpenAI({ apiKey: MASTER_KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
  })
  afterAll(async () => {
    await gateway?.stop()
    await upstream?.stop()
  })

  test('gets a whole answer, and the provider the request as it was sent', async () => {
    upstream.script = () => ({ deltas: 7 })
    const { data, response } = await client.chat.completions.create({ model: 'openai/gpt-test', messages, seed: 42, metadata: { kept: 'yes' } }).withResponse()
    expect(data.choices[0]?.message.content).toBe(numberedContent(7))
    expect(data.usage?.total_tokens).toBeGreaterThan(0)
    expect(response.headers.get('x-gomodel-provider')).toBe('openai')
    const sent = upstream.requests.at(-1)!
    expect(sent.json).toEqual({ model: 'gpt-test', messages, seed: 42, metadata: { kept: 'yes' } })
    expect(sent.headers['authorization']).toBe(`Bearer ${PROVIDER_KEY}`)
    expect(sent.headers['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-\d\d$/)
  })

  test.each([11, 60])('hears that a request of %i MB is too large', async megabytes => {
    const large = [{ role: 'user' as const, content: 'x'.repeat(megabytes * 1024 * 1024) }]
    for (const stream of [false, true]) {
      await expect(client.chat.completions.create({ model: 'gpt-test', messages: large, stream })).rejects.toMatchObject({ status: 413, code: 'payload_too_large', type: 'invalid_request_error' })
    }
  })

  test('streams every token once and in order, without a usage chunk that it did not ask for', async () => {
    upstream.script = () => ({ deltas: 50, writeSize: 33 })
    let text = ''
    let finish: string | null | undefined
    for await (const chunk of await client.chat.completions.create({ model: 'gpt-test', messages, stream: true })) {
      expect(chunk.choices).toHaveLength(1)
      expect(chunk.usage ?? null).toBeNull()
      text += chunk.choices[0]!.delta.content ?? ''
      finish = chunk.choices[0]!.finish_reason ?? finish
    }
    expect(text).toBe(numberedContent(50))
    expect(finish).toBe('stop')
    expect(upstream.requests.at(-1)!.json['stream_options']).toEqual({ include_usage: true })
  })

  test('sees usage in a stream when it asks', async () => {
    upstream.script = () => ({ deltas: 3 })
    const usages = []
    for await (const chunk of await client.chat.completions.create({ model: 'gpt-test', messages, stream: true, stream_options: { include_usage: true } })) {
      if (chunk.usage) usages.push(chunk)
    }
    expect(usages).toHaveLength(1)
    expect(usages[0]!.choices).toEqual([])
  })

  test('streams tool calls as the provider sends them', async () => {
    const call = (delta: unknown, finish_reason: string | null = null) => ({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt-test', choices: [{ index: 0, delta, finish_reason }] })
    upstream.script = () => ({
      events: [
        call({ role: 'assistant', content: null }),
        call({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }] }),
        call({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
        call({ tool_calls: [{ index: 0, function: { arguments: '"Kraków"}' } }] }),
        call({}, 'tool_calls'),
        '[DONE]',
      ],
    })
    const runner = client.chat.completions.stream({ model: 'gpt-test', messages, tools: [{ type: 'function', function: { name: 'weather', parameters: {} } }] })
    const { choices } = await runner.finalChatCompletion()
    expect(choices[0]?.message.tool_calls?.[0]).toMatchObject({ id: 'call_1', function: { name: 'weather', arguments: '{"city":"Kraków"}' } })
  })

  test('lists the models and finds one by either name', async () => {
    const models = await client.models.list()
    expect(models.data.map(model => model.id).toSorted()).toEqual(['openai/gpt-test', 'openai/vendor/slashed'])
    for (const name of ['openai/vendor/slashed', 'vendor/slashed']) expect((await client.models.retrieve(name)).id).toBe('openai/vendor/slashed')
    await expect(client.models.retrieve('gpt-tset')).rejects.toThrow(/near names: gpt-test/)
  })

  test('gets each error as the class that it knows', async () => {
    const stranger = new OpenAI({ apiKey: 'wrong', baseURL: `${gateway.url}/v1`, maxRetries: 0 })
    await expect(stranger.models.list()).rejects.toBeInstanceOf(AuthenticationError)
    await expect(client.chat.completions.create({ model: 'nope', messages })).rejects.toMatchObject({ constructor: NotFoundError, code: 'model_not_found' })
    await expect(client.chat.completions.create({ model: 'gpt-test', messages: [] })).rejects.toMatchObject({ constructor: BadRequestError, param: 'messages' })
    upstream.script = () => unauthorized()
    await expect(client.chat.completions.create({ model: 'gpt-test', messages })).rejects.toMatchObject({ status: 502, code: 'provider_key_refused' })
  })

  test('is served after failures that a retry before the first content mends', async () => {
    upstream.script = inTurn(serverError(503), { fault: { kind: 'hang-up' } }, { deltas: 4 })
    const answer = await client.chat.completions.create({ model: 'gpt-test', messages, stream: true })
    let text = ''
    for await (const chunk of answer) text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toBe(numberedContent(4))
  })

  test('learns of an answer that broke, after what had come', async () => {
    upstream.script = () => ({ deltas: 20, deltaDelayMs: 5, fault: { kind: 'reset', after: 10 } })
    let text = ''
    const read = async () => {
      for await (const chunk of await client.chat.completions.create({ model: 'gpt-test', messages, stream: true })) text += chunk.choices[0]?.delta.content ?? ''
    }
    await expect(read()).rejects.toMatchObject({ constructor: APIError, code: 'stream_broken' })
    expect(text).toBe(numberedContent(10))
  })
})
