import Anthropic, { APIError, AuthenticationError, BadRequestError, NotFoundError, RateLimitError } from '@anthropic-ai/sdk'
import { numberedContent, rateLimited, serverError, startUpstream, type RecordedRequest, type Upstream } from '@gomodel/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { MASTER_KEY, PROVIDER_KEY, listed, shapes, startStandalone, type Gateway } from './gateway.ts'

const messages = [{ role: 'user' as const, content: 'hello' }]
const tools = [{ name: 'weather', description: 'in a city', input_schema: { type: 'object' as const, properties: { city: { type: 'string' } } } }]

const chunk = (delta: object, finish_reason: string | null = null) => ({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'gpt-test', choices: [{ index: 0, delta, finish_reason }] })
const usageChunk = { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'gpt-test', choices: [], usage: { prompt_tokens: 30, completion_tokens: 12, total_tokens: 42, prompt_tokens_details: { cached_tokens: 10 } } }
const call = (index: number, args: string, id?: string) => chunk({ tool_calls: [{ index, ...(id && { id, type: 'function' }), function: { ...(id && { name: 'weather' }), arguments: args } }] })

/** A turn of a model that thinks, speaks, and calls a tool twice, the two calls mixed up. */
const turn = [
  chunk({ role: 'assistant', content: '' }),
  chunk({ reasoning_content: 'Two ' }),
  chunk({ reasoning_content: 'cities.' }),
  chunk({ content: 'I look.' }),
  call(0, '', 'call_a'),
  call(0, '{"city":'),
  call(1, '{"city":', 'call_b'),
  call(0, '"Kraków"}'),
  call(1, '"Łódź"}'),
  chunk({}, 'tool_calls'),
  usageChunk,
  '[DONE]',
]

const nativeMessage = {
  id: 'msg_native', type: 'message', role: 'assistant', model: 'claude-test', stop_reason: 'end_turn', stop_sequence: null, unheard_of: { kept: true },
  content: [{ type: 'thinking', thinking: 'Hm.', signature: 'EqQB' }, { type: 'text', text: 'So.' }],
  usage: { input_tokens: 5, cache_read_input_tokens: 2, cache_creation_input_tokens: 0, output_tokens: 3 },
}
const nativeEvents = [
  { type: 'message_start', message: { ...nativeMessage, content: [], stop_reason: null } },
  { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
  { type: 'ping' },
  { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'Hm.' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'EqQB' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'So.' } },
  { type: 'content_block_stop', index: 1 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 3 } },
  { type: 'message_stop' },
]
const nativeStream = nativeEvents.map(event => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')

/** What Anthropic answers, as far as it matters here. */
function claude({ path, json }: RecordedRequest): { body: unknown; headers?: Record<string, string>; writeSize?: number } {
  if (path.endsWith('/count_tokens')) return { body: { input_tokens: 4711 } }
  return json['stream'] === true ? { body: nativeStream, headers: { 'content-type': 'text/event-stream' }, writeSize: 50 } : { body: nativeMessage }
}

describe.each(shapes)('an unchanged Anthropic SDK on %s', (_, start) => {
  let openai: Upstream
  let anthropic: Upstream
  let gateway: Gateway
  let client: Anthropic

  beforeAll(async () => {
    openai = await startUpstream(undefined, ['gpt-test'])
    anthropic = await startUpstream(claude, ['claude-test'])
    gateway = await start(openai, { ANTHROPIC_API_KEY: PROVIDER_KEY, ANTHROPIC_BASE_URL: anthropic.url })
    await listed(gateway.url, 'anthropic/claude-test')
    client = new Anthropic({ apiKey: MASTER_KEY, baseURL: gateway.url, maxRetries: 0 })
  })
  afterAll(async () => {
    await gateway?.stop()
    await anthropic?.stop()
    await openai?.stop()
  })

  describe('at a provider that speaks OpenAI’s API', () => {
    test('gets a whole answer, and the provider a request in its own words', async () => {
      openai.script = () => ({ deltas: 7 })
      const system = [{ type: 'text' as const, text: 'Be brief.', cache_control: { type: 'ephemeral' as const } }]
      const body = { model: 'openai/gpt-test', max_tokens: 100, system, messages, stop_sequences: ['END'], metadata: { user_id: 'u-1' } }
      const { data, response, request_id } = await client.messages.create(body).withResponse()
      expect(data).toMatchObject({ type: 'message', role: 'assistant', content: [{ type: 'text', text: numberedContent(7) }], stop_reason: 'end_turn', usage: { input_tokens: 7, output_tokens: 7 } })
      expect(data.id).toMatch(/^msg_/)
      expect(request_id).toBe(response.headers.get('x-request-id'))
      expect(response.headers.get('x-gomodel-provider')).toBe('openai')
      const sent = openai.requests.at(-1)!
      expect(sent.path).toBe('/v1/chat/completions')
      expect(sent.json).toMatchObject({ model: 'gpt-test', stop: ['END'], user: 'u-1', messages: [{ role: 'system' }, { role: 'user', content: 'hello' }] })
      expect(sent.headers['authorization']).toBe(`Bearer ${PROVIDER_KEY}`)
      expect(sent.headers['x-api-key']).toBeUndefined()
    })

    test('streams thoughts, text and tools block by block, and goes on with their results', async () => {
      openai.script = () => ({ events: turn, writeSize: 41 })
      const thinking = { type: 'enabled' as const, budget_tokens: 2000 }
      const stream = client.messages.stream({ model: 'gpt-test', max_tokens: 4000, thinking, tools, messages: [{ role: 'user', content: 'Weather?' }] })
      const kinds: string[] = []
      stream.on('streamEvent', event => void kinds.push(event.type === 'content_block_start' ? event.content_block.type : event.type))
      const first = await stream.finalMessage()
      expect(first.content).toMatchObject([
        { type: 'thinking', thinking: 'Two cities.', signature: '' },
        { type: 'text', text: 'I look.' },
        { type: 'tool_use', id: 'call_a', name: 'weather', input: { city: 'Kraków' } },
        { type: 'tool_use', id: 'call_b', name: 'weather', input: { city: 'Łódź' } },
      ])
      expect(first).toMatchObject({ stop_reason: 'tool_use', usage: { input_tokens: 20, cache_read_input_tokens: 10, output_tokens: 12 } })
      expect(kinds.filter(kind => !kind.startsWith('content_block'))).toEqual(['message_start', 'thinking', 'text', 'tool_use', 'tool_use', 'message_delta', 'message_stop'])

      openai.script = () => ({ pieces: ['Sunny.'] })
      const results = first.content.flatMap(block => (block.type === 'tool_use' ? [{ type: 'tool_result' as const, tool_use_id: block.id, content: 'sunny' }] : []))
      const history: Anthropic.MessageParam[] = [{ role: 'user', content: 'Weather?' }, { role: 'assistant', content: first.content }, { role: 'user', content: [...results, { type: 'text', text: 'In one word.' }] }]
      const second = await client.messages.create({ model: 'gpt-test', max_tokens: 4000, thinking, tools, messages: history })
      expect(second.content).toMatchObject([{ type: 'text', text: 'Sunny.' }])
      const tool_calls = ['Kraków', 'Łódź'].map((city, place) => ({ id: ['call_a', 'call_b'][place], type: 'function', function: { name: 'weather', arguments: JSON.stringify({ city }) } }))
      expect(openai.requests.at(-1)!.json).not.toHaveProperty('thinking')
      expect(openai.requests.at(-1)!.json['messages']).toMatchObject([
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: 'I look.', tool_calls },
        { role: 'tool', tool_call_id: 'call_a', content: 'sunny' },
        { role: 'tool', tool_call_id: 'call_b', content: 'sunny' },
        { role: 'user', content: 'In one word.' },
      ])
    })

    test('learns what was left out, and may refuse to have it so', async () => {
      openai.script = () => ({})
      const asked = { model: 'gpt-test', max_tokens: 100, messages, service_tier: 'standard_only' as const }
      const { response } = await client.messages.create(asked).withResponse()
      expect(response.headers.get('x-gomodel-translation')).toContain('dropped=service_tier')
      await expect(client.messages.create(asked, { headers: { 'x-gomodel-strict': 'true' } })).rejects.toMatchObject({ constructor: BadRequestError, message: expect.stringContaining('service_tier') })
    })

    test('counts tokens by an estimate, without asking the provider', async () => {
      const before = openai.requests.length
      const { data, response } = await client.messages.countTokens({ model: 'gpt-test', messages: [{ role: 'user', content: 'word '.repeat(1000) }] }).withResponse()
      expect(data.input_tokens).toBeGreaterThan(900)
      expect(data.input_tokens).toBeLessThan(1600)
      expect(response.headers.get('x-gomodel-translation')).toBe('emulated=input_tokens:estimate')
      expect(openai.requests.length).toBe(before)
    })

    test('learns of an answer that broke, after what had come', async () => {
      openai.script = () => ({ deltas: 20, deltaDelayMs: 5, fault: { kind: 'reset', after: 10 } })
      let text = ''
      const read = async () => {
        for await (const event of await client.messages.create({ model: 'gpt-test', max_tokens: 100, messages: [{ role: 'user', content: 'break' }], stream: true })) {
          if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text
        }
      }
      await expect(read()).rejects.toMatchObject({ constructor: APIError, error: { type: 'error', error: { type: 'api_error' }, request_id: expect.any(String) } })
      expect(text).toBe(numberedContent(10))
    })
  })

  describe('at Anthropic', () => {
    test('passes through in both directions', async () => {
      const body = { model: 'claude-test', max_tokens: 100, messages, unknown_field: [1] }
      const { data, response } = await client.messages.create(body, { headers: { 'anthropic-beta': 'some-beta-2026-01-01' } }).withResponse()
      expect(data).toMatchObject(nativeMessage)
      expect(response.headers.get('x-gomodel-translation')).toBeNull()
      const sent = anthropic.requests.at(-1)!
      expect(sent.json).toEqual(body)
      expect(sent.headers).toMatchObject({ 'x-api-key': PROVIDER_KEY, 'anthropic-version': expect.stringMatching(/^20/), 'anthropic-beta': 'some-beta-2026-01-01' })
    })

    test('streams its own events, and replays its signed thoughts but nobody else’s', async () => {
      const first = await client.messages.stream({ model: 'claude-test', max_tokens: 100, messages }).finalMessage()
      expect(first.content).toMatchObject(nativeMessage.content)
      expect(first.usage).toMatchObject(nativeMessage.usage)
      const unsigned: Anthropic.ThinkingBlockParam = { type: 'thinking', thinking: 'from elsewhere', signature: '' }
      const history: Anthropic.MessageParam[] = [...messages, { role: 'assistant', content: [unsigned, ...first.content] }, ...messages]
      await client.messages.create({ model: 'claude-test', max_tokens: 100, messages: history })
      expect(anthropic.requests.at(-1)!.json['messages']).toEqual([...messages, { role: 'assistant', content: nativeMessage.content }, ...messages])
    })

    test('counts tokens itself', async () => {
      await expect(client.messages.countTokens({ model: 'anthropic/claude-test', messages })).resolves.toEqual({ input_tokens: 4711 })
      expect(anthropic.requests.at(-1)!.path).toBe('/v1/messages/count_tokens')
    })
  })

  test('lists the models and finds one by either name', async () => {
    const ids: string[] = []
    for await (const model of client.models.list()) ids.push(model.id)
    expect(ids.toSorted()).toEqual(['anthropic/claude-test', 'openai/gpt-test'])
    await expect(client.models.retrieve('gpt-test')).resolves.toMatchObject({ type: 'model', id: 'openai/gpt-test' })
  })

  test('is let in by a bearer, too', async () => {
    const bearer = new Anthropic({ authToken: MASTER_KEY, apiKey: null, baseURL: gateway.url, maxRetries: 0 })
    await expect(bearer.models.list()).resolves.toMatchObject({ data: expect.any(Array) })
  })

  test('gets each error as the class that it knows', async () => {
    const asked = { model: 'gpt-test', max_tokens: 100, messages: [{ role: 'user' as const, content: 'what goes wrong' }] }
    const stranger = new Anthropic({ apiKey: 'wrong', baseURL: gateway.url, maxRetries: 0 })
    await expect(stranger.messages.create(asked)).rejects.toBeInstanceOf(AuthenticationError)
    await expect(client.messages.create({ ...asked, model: 'nope' })).rejects.toMatchObject({ constructor: NotFoundError, error: { error: { type: 'not_found_error' } } })
    await expect(client.messages.create({ ...asked, messages: [] })).rejects.toMatchObject({ constructor: BadRequestError, message: expect.stringContaining('messages') })
    await expect(client.messages.create({ ...asked, tools: [{ type: 'web_search_20250305', name: 'web_search' }] })).rejects.toMatchObject({ constructor: BadRequestError, message: expect.stringContaining('tools[0].type') })
    openai.script = () => rateLimited(30)
    await expect(client.messages.create(asked)).rejects.toMatchObject({ constructor: RateLimitError, error: { type: 'error', error: { type: 'rate_limit_error' } } })
    openai.script = () => serverError(500)
    await expect(client.messages.stream(asked).finalMessage()).rejects.toMatchObject({ status: 502, error: { error: { type: 'api_error' } }, requestID: expect.any(String) })
  })
})

test('an Anthropic SDK is answered from the cache in either form, whichever was stored', async () => {
  await using openai = await startUpstream(() => ({ deltas: 4 }), ['gpt-test'])
  await using gateway = await startStandalone(openai, { RESPONSE_CACHE_SIMPLE_ENABLED: 'true' })
  const client = new Anthropic({ apiKey: MASTER_KEY, baseURL: gateway.url, maxRetries: 0 })
  const ask = (content: string) => ({ model: 'gpt-test', max_tokens: 100, messages: [{ role: 'user' as const, content }] })
  const cached = async (content: string) => (await client.messages.create(ask(content)).withResponse()).response.headers.get('x-cache')
  const streamed = await client.messages.stream(ask('streamed first')).finalMessage()
  const whole = await client.messages.create(ask('whole first'))
  for (const [content, first] of [['streamed first', streamed], ['whole first', whole]] as const) {
    await expect.poll(() => cached(content), { timeout: 20_000 }).toBe('HIT (exact)')
    const asked = openai.requests.length
    const stream = client.messages.stream(ask(content))
    expect((await stream.withResponse()).response.headers.get('x-cache')).toBe('HIT (exact)')
    for (const again of [await stream.finalMessage(), await client.messages.create(ask(content))]) {
      expect(again).toMatchObject({ id: first.id, content: [{ type: 'text', text: numberedContent(4) }], stop_reason: 'end_turn', usage: { input_tokens: 7, output_tokens: 4 } })
    }
    expect(openai.requests).toHaveLength(asked)
  }
})
