import { describe, expect, test } from 'vitest'
import { QUESTION, contentOf, said, simulatorWith } from '../fixtures/simulator.ts'

const weather = {
  type: 'function',
  function: { name: 'get_weather', parameters: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 3 } }, required: ['city', 'days'] } },
}
const time = { type: 'function', function: { name: 'get_time', parameters: { type: 'object', properties: { zone: { enum: ['UTC', 'CET'] } } } } }
const tools = [weather, time]

describe('a simulated answer', () => {
  test('says that it is one, what was asked, and how to get a real one', async () => {
    const { whole } = await simulatorWith()
    for (const content of ['How do message buses carry tokens?', 'Why is the sky blue?', 'hi', '你好吗']) {
      const answer = await whole(said(content))
      const text = answer.choices[0]?.message.content
      expect(text).toMatch(/simulated answer/i)
      expect(text).toContain('GoModel’s simulator')
      expect(text).toContain('OPENAI_API_KEY')
      expect(text).toContain(content)
      expect(answer).toMatchObject({ model: 'simulated-chat', system_fingerprint: 'simulated', choices: [{ finish_reason: 'stop', message: { role: 'assistant' } }] })
      expect(answer.id).toContain('simulated')
    }
  })

  test('reads the text of parts, and says what it did not look at', async () => {
    const { whole } = await simulatorWith()
    const { choices } = await whole(said([{ type: 'text', text: 'What is in this picture?' }, { type: 'image_url', image_url: { url: 'https://example.com/x.png' } }]))
    expect(choices[0]?.message.content).toContain('What is in this picture?')
    expect(choices[0]?.message.content).toContain('1 part of the conversation that is not text')
  })

  test('quotes a long question no further than need be', async () => {
    const { whole } = await simulatorWith()
    const { choices, usage } = await whole(said('🙂'.repeat(100_000)))
    expect(choices[0]?.message.content).toContain(`${'🙂'.repeat(200)}…`)
    expect(choices[0]?.message.content).not.toContain('🙂'.repeat(201))
    expect(usage?.prompt_tokens).toBe(50_000)
  })

  test('streams role, words, finish and usage, and says the same as when it comes whole', async () => {
    const { whole, events } = await simulatorWith()
    const all = await events({ stream_options: { include_usage: true } })
    const answer = await whole()
    expect(all[0]?.choices).toEqual([{ index: 0, delta: { role: 'assistant', content: '', refusal: null }, logprobs: null, finish_reason: null }])
    expect(all.at(-2)?.choices).toEqual([{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }])
    expect(all.at(-1)).toMatchObject({ choices: [], usage: answer.usage })
    expect(contentOf(all)).toBe(answer.choices[0]?.message.content)
    const deltas = all.slice(1, -2).map(({ choices, usage }) => [choices[0]?.delta.content?.length, usage])
    expect(deltas.length).toBe(answer.usage?.completion_tokens)
    expect(new Set(deltas.map(([length]) => length)).size).toBeGreaterThan(5)
    expect(deltas.every(([, usage]) => usage === null)).toBe(true)
  })

  test('has no usage chunk for who did not ask for one', async () => {
    const { events } = await simulatorWith()
    expect((await events()).every(event => event.choices.length === 1 && !('usage' in event))).toBe(true)
  })

  test('counts one prompt token for four characters, none of them cached', async () => {
    const { whole } = await simulatorWith()
    const messages = [{ role: 'system', content: '12345678' }, { role: 'user', content: '1' }]
    const { usage } = await whole({ messages })
    expect(usage).toMatchObject({ prompt_tokens: 3, prompt_tokens_details: { cached_tokens: 0 } })
    expect(usage?.total_tokens).toBe(3 + (usage?.completion_tokens ?? 0))
  })

  test.each(['max_tokens', 'max_completion_tokens'])('is no longer than %s, and says why it ends', async field => {
    const { whole, events } = await simulatorWith()
    const full = await whole()
    const cut = await whole({ [field]: 7 })
    expect(cut).toMatchObject({ choices: [{ finish_reason: 'length' }], usage: { completion_tokens: 7 } })
    expect(full.choices[0]?.message.content?.startsWith(cut.choices[0]?.message.content ?? '-')).toBe(true)
    expect((await events({ [field]: 7 })).at(-1)?.choices[0]?.finish_reason).toBe('length')
    expect((await whole({ [field]: full.usage?.completion_tokens })).choices[0]?.finish_reason).toBe('stop')
  })

  test('ends before the first of its stop sequences', async () => {
    const { whole } = await simulatorWith()
    const text = (await whole()).choices[0]?.message.content ?? ''
    expect(text.indexOf('tokens?')).toBeGreaterThan(0)
    const cut = await whole({ stop: ['OPENAI_API_KEY', 'tokens?', 'never said'] })
    expect(cut.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: text.slice(0, text.indexOf('tokens?')) } })
    expect((await whole({ stop: text.slice(0, 1) })).choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: '' } })
  })

  test('comes as often as is asked, in turns', async () => {
    const { whole, events } = await simulatorWith()
    const { choices, usage } = await whole({ n: 5 })
    const texts = choices.map(({ message }) => message.content)
    expect(choices.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4])
    expect(new Set(texts).size).toBeGreaterThan(1)
    const streamed = await events({ n: 5 })
    expect([0, 1, 2, 3, 4].map(index => contentOf(streamed, index))).toEqual(texts)
    expect(streamed.slice(5, 10).map(event => event.choices[0]?.index)).toEqual([0, 1, 2, 3, 4])
    expect(streamed.filter(event => event.choices[0]?.delta.content).length).toBe(usage?.completion_tokens)
  })
})

describe('a simulated answer in JSON', () => {
  test('is an object that says that it is simulated', async () => {
    const { whole } = await simulatorWith()
    const { choices } = await whole({ response_format: { type: 'json_object' } })
    expect(JSON.parse(choices[0]?.message.content ?? '')).toMatchObject({ simulated: true, question: QUESTION.messages[0]?.content })
  })

  test('has the shape of the schema', async () => {
    const { whole, events } = await simulatorWith()
    const schema = { type: 'object', properties: { title: { type: 'string' }, stars: { type: 'integer', maximum: 0 } }, required: ['title', 'stars'], additionalProperties: false }
    const response_format = { type: 'json_schema', json_schema: { name: 'review', strict: true, schema } }
    const { choices } = await whole({ response_format })
    expect(JSON.parse(choices[0]?.message.content ?? '')).toEqual({ title: 'simulated title', stars: 0 })
    expect(contentOf(await events({ response_format }))).toBe(choices[0]?.message.content)
  })
})

describe('with tools a simulated model', () => {
  test('calls the first, with arguments that its schema allows', async () => {
    const { whole } = await simulatorWith()
    const { choices } = await whole({ tools })
    expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null, tool_calls: [{ type: 'function', function: { name: 'get_weather', arguments: '{"city":"simulated city","days":3}' } }] } })
    expect(choices[0]?.message.tool_calls).toHaveLength(1)
  })

  test('streams a call in pieces', async () => {
    const { events } = await simulatorWith()
    const all = await events({ tools, stream_options: { include_usage: true } })
    const calls = all.flatMap(event => event.choices[0]?.delta.tool_calls ?? [])
    expect(all[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: null, refusal: null })
    expect(calls[0]).toMatchObject({ index: 0, type: 'function', function: { name: 'get_weather', arguments: '' } })
    expect(calls.length).toBeGreaterThan(4)
    expect(calls.map(call => call.function.arguments).join('')).toBe('{"city":"simulated city","days":3}')
    expect(all.at(-2)?.choices[0]?.finish_reason).toBe('tool_calls')
    expect(all.at(-1)?.usage?.completion_tokens).toBe(calls.length)
  })

  const called = async (more: object) => (await (await simulatorWith()).whole({ tools, ...more })).choices[0]?.message.tool_calls?.map(call => call.function.name) ?? []

  test('calls those that the user names, each with an id of its own', async () => {
    const { whole } = await simulatorWith()
    const both = said('Use get_time and get_weather.')
    const calls = (await whole({ tools, ...both })).choices[0]?.message.tool_calls ?? []
    expect(calls.map(call => call.function.name)).toEqual(['get_weather', 'get_time'])
    expect(new Set(calls.map(call => call.id)).size).toBe(2)
    expect(await called({ ...both, parallel_tool_calls: false })).toEqual(['get_weather'])
    expect(await called(said('Use get_time.'))).toEqual(['get_time'])
  })

  test('calls the one that it is told to, any when it must, and none when it may not', async () => {
    expect(await called({ tool_choice: { type: 'function', function: { name: 'get_time' } } })).toEqual(['get_time'])
    expect(await called({ tool_choice: 'required' })).toEqual(['get_weather'])
    expect(await called({ tool_choice: 'none' })).toEqual([])
  })

  test('answers in words once they have answered, and calls again when the user goes on', async () => {
    const { whole } = await simulatorWith()
    const first = (await whole({ tools })).choices[0]?.message
    const result = { role: 'tool', tool_call_id: first?.tool_calls?.[0]?.id, content: '{"degrees": 21}' }
    const messages = [...QUESTION.messages, first, result]
    const second = (await whole({ tools, tool_choice: 'required', messages })).choices[0]
    expect(second?.finish_reason).toBe('stop')
    expect(second?.message.content).toContain('The tool `get_weather` returned: “{"degrees": 21}”.')
    expect(await called({ messages: [...messages, second?.message, { role: 'user', content: 'And tomorrow?' }] })).toEqual(['get_weather'])
  })
})
