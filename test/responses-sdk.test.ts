import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Behaviour, type RecordedRequest, numberedContent, startUpstream, type Upstream } from '@gomodel/testing'
import OpenAI, { APIError, BadRequestError, NotFoundError } from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MASTER_KEY, PROVIDER_KEY, listed, startCluster, startStandalone, type Environment, type Gateway } from './gateway.ts'

// By its type the first has a chat only, the second has the Responses API; the address of both is the scripted provider.
const CHAT_ONLY = 'groq/gpt-test'
const NATIVE = 'openai/gpt-test'

const shapes: [string, (upstream: Upstream, env: Environment, folder: string) => Promise<Gateway>][] = [
  ['standalone', (upstream, env, folder) => startStandalone(upstream, { ...env, DATA_DIR: folder })],
  ['services over NATS', (upstream, env, folder) => startCluster(upstream, { env, stores: [{ DATA_DIR: folder }] })],
]

const called = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }
const weather = { type: 'function' as const, name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } }, strict: false }
const chatAnswer = (message: object, finish = 'stop'): Behaviour => ({
  body: { id: 'chatcmpl-1', object: 'chat.completion', created: 1_700_000_000, model: 'gpt-test', choices: [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason: finish }], usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 } },
})

describe.each(shapes)('the Responses API of an unchanged OpenAI SDK on %s', (_, start) => {
  let upstream: Upstream
  let gateway: Gateway
  let client: OpenAI
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gomodel-'))
    upstream = await startUpstream(undefined, ['gpt-test'])
    gateway = await start(upstream, { GROQ_API_KEY: PROVIDER_KEY, GROQ_BASE_URL: upstream.url }, folder)
    await listed(gateway.url, CHAT_ONLY)
    client = new OpenAI({ apiKey: MASTER_KEY, baseURL: `${gateway.url}/v1`, maxRetries: 0 })
  })
  afterAll(async () => {
    await gateway?.stop()
    await upstream?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const script = (next: (request: RecordedRequest) => Behaviour) => (upstream.script = next)
  const sent = () => upstream.requests.at(-1)!

  describe('over a provider with a chat only', () => {
    test('answers as a whole, and says what it could not take along', async () => {
      script(() => ({ deltas: 5 }))
      const { data, response } = await client.responses.create({ model: CHAT_ONLY, input: 'hello', instructions: 'be brief', metadata: { a: 'b' }, max_tool_calls: 2 }).withResponse()
      expect(data).toMatchObject({ object: 'response', status: 'completed', output_text: numberedContent(5), model: 'gpt-test', metadata: { a: 'b' }, instructions: 'be brief', usage: { input_tokens: 7, output_tokens: 5, total_tokens: 12 } })
      expect(sent().path).toBe('/v1/chat/completions')
      expect(sent().json.messages).toEqual([{ role: 'system', content: 'be brief' }, { role: 'user', content: 'hello' }])
      expect(response.headers.get('x-gomodel-provider')).toBe('groq')
      expect(response.headers.get('x-gomodel-translation')).toContain('dropped=max_tool_calls')
    })

    test('streams every token once, in events that the SDK puts together again', async () => {
      script(() => ({ deltas: 50, writeSize: 33 }))
      const stream = client.responses.stream({ model: CHAT_ONLY, input: 'hello' })
      let text = ''
      const numbers: number[] = []
      for await (const event of stream) {
        numbers.push(event.sequence_number)
        if (event.type === 'response.output_text.delta') text += event.delta
      }
      expect(text).toBe(numberedContent(50))
      expect(numbers).toEqual(numbers.map((__, index) => index))
      expect(await stream.finalResponse()).toMatchObject({ status: 'completed', output_text: numberedContent(50), usage: { output_tokens: 50 } })
    })

    test('calls a function and goes on with its result', async () => {
      script(() => chatAnswer({ tool_calls: [called] }, 'tool_calls'))
      const asked = [{ role: 'user' as const, content: 'weather in Oslo?' }]
      const first = await client.responses.create({ model: CHAT_ONLY, input: asked, tools: [weather], store: false })
      const call = first.output.find(item => item.type === 'function_call')
      expect(call).toMatchObject({ name: 'weather', call_id: 'call_1', arguments: '{"city":"Oslo"}' })
      script(() => chatAnswer({ content: 'cold' }))
      const second = await client.responses.create({ model: CHAT_ONLY, input: [...asked, call!, { type: 'function_call_output', call_id: 'call_1', output: '-3' }], tools: [weather], store: false })
      expect(second.output_text).toBe('cold')
      expect(sent().json.messages).toEqual([...asked, { role: 'assistant', content: null, tool_calls: [called] }, { role: 'tool', tool_call_id: 'call_1', content: '-3' }])
    })

    test('goes on from an earlier response, streamed or whole, however often', async () => {
      script(() => chatAnswer({ tool_calls: [called] }, 'tool_calls'))
      const first = await client.responses.create({ model: CHAT_ONLY, input: 'weather in Oslo?', instructions: 'not for later', tools: [weather] })
      script(() => ({ pieces: ['cold'] }))
      const stream = client.responses.stream({ model: CHAT_ONLY, previous_response_id: first.id, input: [{ type: 'function_call_output', call_id: 'call_1', output: '-3' }] })
      const second = await stream.finalResponse()
      expect(second).toMatchObject({ output_text: 'cold', previous_response_id: first.id })
      const told = [{ role: 'user', content: 'weather in Oslo?' }, { role: 'assistant', content: null, tool_calls: [called] }, { role: 'tool', tool_call_id: 'call_1', content: '-3' }]
      expect(sent().json.messages).toEqual(told)
      script(() => chatAnswer({ content: 'yes' }))
      const reference = { type: 'item_reference' as const, id: second.output[0]!.id! }
      await client.responses.create({ model: CHAT_ONLY, previous_response_id: second.id, input: 'sure?' })
      expect(sent().json.messages).toEqual([...told, { role: 'assistant', content: 'cold' }, { role: 'user', content: 'sure?' }])
      await client.responses.create({ model: CHAT_ONLY, input: [reference, { role: 'user', content: 'why?' }] })
      expect(sent().json.messages).toEqual([{ role: 'assistant', content: 'cold' }, { role: 'user', content: 'why?' }])
    })

    test('keeps a response until it is deleted', async () => {
      script(() => chatAnswer({ content: 'kept' }))
      const made = await client.responses.create({ model: CHAT_ONLY, input: [{ role: 'user', content: 'one' }, { role: 'user', content: 'two' }] })
      expect(await client.responses.retrieve(made.id)).toMatchObject({ id: made.id, output_text: 'kept', usage: { input_tokens: 7 } })
      const items = await client.responses.inputItems.list(made.id, { order: 'asc', limit: 1 })
      expect(items.data).toMatchObject([{ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'one' }] }])
      expect((await items.getNextPage()).data).toMatchObject([{ content: [{ text: 'two' }] }])
      const types: string[] = []
      for await (const event of await client.responses.retrieve(made.id, { stream: true, starting_after: 5 })) types.push(event.type)
      expect(types).toEqual(['response.content_part.done', 'response.output_item.done', 'response.completed'])
      await expect(client.responses.cancel(made.id)).rejects.toBeInstanceOf(BadRequestError)
      await client.responses.delete(made.id)
      await expect(client.responses.retrieve(made.id)).rejects.toBeInstanceOf(NotFoundError)
      await expect(client.responses.delete(made.id)).rejects.toBeInstanceOf(NotFoundError)
      const failure = await client.responses.create({ model: CHAT_ONLY, input: 'and?', previous_response_id: made.id }).catch((thrown: unknown) => thrown)
      expect(failure).toMatchObject({ status: 400, code: 'previous_response_not_found', param: 'previous_response_id' })
    })

    test('does not keep what is not to be kept', async () => {
      script(() => chatAnswer({ content: 'gone' }))
      const made = await client.responses.create({ model: CHAT_ONLY, input: 'hello', store: false })
      await expect(client.responses.retrieve(made.id)).rejects.toBeInstanceOf(NotFoundError)
    })

    test('keeps what is larger than a message of the bus', async () => {
      script(() => chatAnswer({ content: 'long' }))
      const input = 'x'.repeat(3_000_000)
      const made = await client.responses.create({ model: CHAT_ONLY, input })
      await client.responses.create({ model: CHAT_ONLY, input: 'and?', previous_response_id: made.id })
      expect(sent().json.messages).toEqual([{ role: 'user', content: input }, { role: 'assistant', content: 'long' }, { role: 'user', content: 'and?' }])
    })

    test('counts tokens near enough', async () => {
      const few = await client.responses.inputTokens.count({ model: CHAT_ONLY, input: 'hello' })
      expect(few.object).toBe('response.input_tokens')
      expect((await client.responses.inputTokens.count({ model: CHAT_ONLY, input: 'hello '.repeat(100) })).input_tokens).toBeGreaterThan(few.input_tokens + 50)
    })

    test('tells a stream that breaks by an error behind what came', async () => {
      script(() => ({ deltas: 9, fault: { kind: 'cut', after: 3 } }))
      let text = ''
      const read = async () => {
        for await (const event of await client.responses.create({ model: CHAT_ONLY, input: 'hello', stream: true })) if (event.type === 'response.output_text.delta') text += event.delta
      }
      const failure = await read().catch((thrown: unknown) => thrown)
      expect(failure).toBeInstanceOf(APIError)
      expect(failure).toMatchObject({ code: 'stream_broken' })
      expect(text).toBe(numberedContent(3))
    })

    test('refuses by its name what no chat can do', async () => {
      await expect(client.responses.create({ model: CHAT_ONLY, input: 'news?', tools: [{ type: 'web_search' }] })).rejects.toMatchObject({ status: 400, code: 'unsupported', param: 'tools[0].type' })
    })
  })

  describe('over a provider with the Responses API', () => {
    const response = (more: object = {}) => ({ id: 'resp_native1', object: 'response', created_at: 1, status: 'completed', error: null, incomplete_details: null, model: 'gpt-test', output: [{ id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'native', annotations: [] }] }], usage: { input_tokens: 3, output_tokens: 1, total_tokens: 4 }, unheard_of: [1], ...more })

    test('passes requests and answers as they are', async () => {
      script(() => ({ body: response() }))
      const made = await client.responses.create({ model: NATIVE, input: 'hello', tools: [{ type: 'web_search' }], max_tool_calls: 2 })
      expect(made).toMatchObject({ ...response(), output_text: 'native' })
      expect(sent()).toMatchObject({ path: '/v1/responses', json: { model: 'gpt-test', input: 'hello', tools: [{ type: 'web_search' }], max_tool_calls: 2 } })
    })

    test('streams the provider’s own events', async () => {
      const events = [
        { type: 'response.created', sequence_number: 0, response: response({ id: 'resp_native2', status: 'in_progress', output: [] }) },
        { type: 'response.output_text.delta', sequence_number: 1, item_id: 'msg_1', output_index: 0, content_index: 0, delta: 'native' },
        { type: 'response.completed', sequence_number: 2, response: response({ id: 'resp_native2' }) },
      ]
      script(() => ({ events }))
      const got: unknown[] = []
      for await (const event of await client.responses.create({ model: NATIVE, input: 'hello', stream: true })) got.push(event)
      expect(got).toEqual(events)
      script(() => ({ body: response({ id: 'resp_native2' }) }))
      expect(await client.responses.retrieve('resp_native2')).toMatchObject({ id: 'resp_native2' })
    })

    test('asks the provider for what it keeps, and goes on from it there only', async () => {
      script(() => ({ body: response({ id: 'resp_native3' }) }))
      await client.responses.create({ model: NATIVE, input: 'hello' })
      script(({ method, path }) => ({ body: path.includes('input_items') ? { object: 'list', data: [{ id: 'msg_0', type: 'message' }], has_more: false } : method === 'DELETE' ? { id: 'resp_native3', object: 'response', deleted: true } : response({ id: 'resp_native3' }) }))
      expect(await client.responses.retrieve('resp_native3', { include: ['reasoning.encrypted_content'] })).toMatchObject({ output_text: 'native' })
      expect(sent()).toMatchObject({ method: 'GET', path: '/v1/responses/resp_native3?include%5B%5D=reasoning.encrypted_content' })
      expect((await client.responses.inputItems.list('resp_native3')).data).toEqual([{ id: 'msg_0', type: 'message' }])
      await client.responses.create({ model: NATIVE, input: 'and?', previous_response_id: 'resp_native3' })
      expect(sent().json).toMatchObject({ previous_response_id: 'resp_native3', input: 'and?' })
      await expect(client.responses.create({ model: CHAT_ONLY, input: 'and?', previous_response_id: 'resp_native3' })).rejects.toMatchObject({ status: 400, param: 'previous_response_id' })
      await client.responses.delete('resp_native3')
      const asked = upstream.requests.length
      await expect(client.responses.retrieve('resp_native3')).rejects.toBeInstanceOf(NotFoundError)
      expect(upstream.requests).toHaveLength(asked)
    })

    test('is told the items of what the gateway kept of another', async () => {
      script(() => chatAnswer({ content: 'from a chat', reasoning_content: 'hm' }))
      const made = await client.responses.create({ model: CHAT_ONLY, input: 'hello' })
      script(() => ({ body: response() }))
      const { response: next } = await client.responses.create({ model: NATIVE, input: 'and?', previous_response_id: made.id }).withResponse()
      expect(sent().json.previous_response_id).toBeUndefined()
      expect(sent().json.input).toMatchObject([{ role: 'user' }, { role: 'assistant', content: [{ type: 'output_text', text: 'from a chat' }] }, { role: 'user' }])
      expect(next.headers.get('x-gomodel-translation'), 'what one model thought is not for another').toBe('dropped=input[1]')
    })
  })
})
