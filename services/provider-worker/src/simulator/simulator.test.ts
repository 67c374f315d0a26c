import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { eventually } from '../fixtures/eventually.ts'
import { QUESTION, contentOf, simulatorWith } from '../fixtures/simulator.ts'
import { EMBEDDING_MODEL, SIMULATED_MODELS } from './simulated-models.ts'

const bodyOf = async (answer: Response): Promise<string> => {
  let body = ''
  try {
    for await (const piece of (answer.body ?? []) as AsyncIterable<Uint8Array>) body += Buffer.from(piece).toString()
  } catch {
    body += '<broken>'
  }
  return body
}

describe('the simulator', () => {
  test('lists models that all say that they are simulated, and whose page says the same', async () => {
    const { simulator } = await simulatorWith()
    const { data } = (await (await fetch(`${simulator.url}/models`)).json()) as { data: { id: string; owned_by: string }[] }
    const page = readFileSync(new URL('../../../../docs/simulator.md', import.meta.url), 'utf8')
    expect(data.map(({ id }) => id)).toEqual(SIMULATED_MODELS)
    for (const { id, owned_by } of data) {
      expect(id).toMatch(/^simulated-/)
      expect(owned_by).toBe('simulator')
      expect(page).toContain(`\`${id}\``)
    }
  })

  test('gives the same bytes for the same request, in either form', async () => {
    const { ask } = await simulatorWith()
    const { ask: askAnother } = await simulatorWith()
    for (const stream of [false, true]) {
      const first = await (await ask({ stream, n: 2 })).text()
      expect(await (await ask({ stream, n: 2 })).text()).toBe(first)
      expect(await (await askAnother({ stream, n: 2 })).text()).toBe(first)
      expect(await (await ask({ stream, n: 2, user: 'other' })).text()).not.toBe(first)
    }
  })

  test.each([
    ['GET', '/nothing'],
    ['GET', '/chat/completions'],
    ['POST', '/models'],
  ])('does not know %s %s', async (method, path) => {
    const { simulator } = await simulatorWith()
    const answer = await fetch(simulator.url + path, { method })
    expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: 'unknown_url' } }])
  })

  test.each([
    ['{"model":', null],
    ['[]', null],
    [{ messages: QUESTION.messages }, 'model'],
    [{ ...QUESTION, messages: undefined }, 'messages'],
    [{ ...QUESTION, messages: [] }, 'messages'],
    [{ ...QUESTION, messages: 'hello' }, 'messages'],
    [{ ...QUESTION, messages: [{ role: 'robot', content: 'x' }] }, 'messages[0].role'],
    [{ ...QUESTION, messages: [{ role: 'user' }] }, 'messages[0].content'],
    [{ ...QUESTION, messages: [{ role: 'user', content: 3 }] }, 'messages[0].content'],
    [{ ...QUESTION, messages: [{ role: 'tool', content: 'x' }] }, 'messages[0].tool_call_id'],
    [{ ...QUESTION, n: 0 }, 'n'],
    [{ ...QUESTION, max_tokens: 1.5 }, 'max_tokens'],
    [{ ...QUESTION, temperature: 3 }, 'temperature'],
    [{ ...QUESTION, stop: ['1', '2', '3', '4', '5'] }, 'stop'],
    [{ ...QUESTION, stream: 'yes' }, 'stream'],
    [{ ...QUESTION, stream_options: { include_usage: true } }, 'stream_options'],
    [{ ...QUESTION, response_format: { type: 'xml' } }, 'response_format.type'],
    [{ ...QUESTION, tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
    [{ ...QUESTION, tool_choice: 'required' }, 'tool_choice'],
    [{ ...QUESTION, model: EMBEDDING_MODEL }, 'model'],
  ])('refuses %j', async (body, param) => {
    const { post } = await simulatorWith()
    const answer = await post('/chat/completions', body)
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { type: 'invalid_request_error', param, message: expect.any(String) as unknown } }])
  })

  test.each(['gpt-4o', 'simulated-chat@0tps', 'simulated-chat@fast', 'simulated-delay-9999s', 'simulated-error-200', 'simulated-error-4291'])('has no model %s', async model => {
    const { ask } = await simulatorWith()
    const answer = await ask({ model })
    expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: 'model_not_found', param: 'model' } }])
  })

  test('fails with the status that a model is named after, in chat as in embeddings', async () => {
    const { post } = await simulatorWith()
    for (const [status, retryAfter, code] of [[400, null, null], [401, null, 'invalid_api_key'], [429, '5', 'rate_limit_exceeded'], [500, null, null], [503, '1', null], [418, null, null]] as const) {
      for (const path of ['/chat/completions', '/embeddings']) {
        const answer = await post(path, { model: `simulated-error-${status}` })
        expect([answer.status, answer.headers.get('retry-after')]).toEqual([status, retryAfter])
        expect(await answer.json()).toMatchObject({ error: { code, message: expect.stringContaining('Simulated') as unknown } })
      }
    }
  })
})

describe('the pace', () => {
  test('is that of the setting, unless the model’s name says another', async () => {
    const slow = await simulatorWith({ tokensPerSecond: 1 })
    const started = performance.now()
    expect((await slow.whole({ model: 'simulated-chat@max' })).choices[0]?.finish_reason).toBe('stop')
    expect((await slow.whole({ model: 'simulated-chat@9999tps' })).choices[0]?.finish_reason).toBe('stop')
    await slow.events({ max_tokens: 1 })
    expect(performance.now() - started).toBeGreaterThan(900)
    const fast = await simulatorWith()
    const before = performance.now()
    await fast.whole({ model: 'simulated-chat@10tps', max_tokens: 4 })
    await fast.events({ model: 'simulated-chat@10tps', max_tokens: 4 })
    expect(performance.now() - before).toBeGreaterThan(700)
  })

  test('lets the first token wait where the model is named after a delay', async () => {
    const { whole, ask } = await simulatorWith()
    const started = performance.now()
    await whole({ model: 'simulated-delay-300ms' })
    expect(performance.now() - started).toBeGreaterThan(290)
    const answer = await ask({ model: 'simulated-delay-300ms@max', stream: true })
    const headAt = performance.now()
    expect(await bodyOf(answer)).toMatch(/data: \[DONE\]\n\n$/)
    expect(performance.now() - headAt).toBeGreaterThan(200)
  })

  test('is the client’s, when that reads slowly', async () => {
    const { simulator, ask } = await simulatorWith()
    const answer = await ask({ stream: true, n: 128, response_format: { type: 'json_schema', json_schema: { name: 'long', schema: { type: 'array', minItems: 1000, items: { type: 'string' } } } } })
    const reader = answer.body!.getReader()
    await reader.read()
    await expect.poll(async () => {
      const before = simulator.tokensSpoken
      await sleep(200)
      return simulator.tokensSpoken - before
    }, eventually).toBe(0)
    const paused = simulator.tokensSpoken
    expect(paused).toBeLessThan(128 * 4096)
    reader.releaseLock()
    await answer.body!.cancel()
  })
})

describe('a model that fails on the way', () => {
  test('breaks off a stream after some words, and a whole answer in its middle', async () => {
    const { ask, events } = await simulatorWith()
    const whole = contentOf(await events())
    const broken = await bodyOf(await ask({ model: 'simulated-error-midstream', stream: true }))
    const heard = [...broken.matchAll(/"delta":\{"content":("[^}]*")\}/g)].map(([, content]) => JSON.parse(content!) as string)
    expect(heard.length).toBeGreaterThan(10)
    expect(whole.startsWith(heard.join(''))).toBe(true)
    expect(broken).toMatch(/<broken>$/)
    expect(broken).not.toContain('"finish_reason":"')
    expect(await bodyOf(await ask({ model: 'simulated-error-midstream' }))).toMatch(/^\{"id".*<broken>$/s)
  })

  test('falls silent after some words, and begins no whole answer', async () => {
    const { simulator, ask } = await simulatorWith()
    const leaving = new AbortController()
    const stream = ask({ model: 'simulated-stall', stream: true }, { signal: leaving.signal }).then(bodyOf)
    const whole = ask({ model: 'simulated-stall' }, { signal: leaving.signal }).catch(() => 'left')
    await expect.poll(() => simulator.tokensSpoken, eventually).toBeGreaterThan(60)
    await sleep(100)
    leaving.abort()
    expect(await stream).toMatch(/"content":.*<broken>$/s)
    expect(await whole).toBe('left')
  })
})

describe('a client that leaves', () => {
  test.each([
    ['a stream', { stream: true }],
    ['a whole answer', {}],
  ])('ends %s', async (_, more) => {
    const { simulator, ask } = await simulatorWith({ tokensPerSecond: 5 })
    const leaving = new AbortController()
    const left = ask(more, { signal: leaving.signal }).then(bodyOf, () => '<broken>')
    await expect.poll(() => simulator.tokensSpoken, eventually).toBeGreaterThan(0)
    leaving.abort()
    expect(await left).toMatch(/<broken>$/)
    await expect.poll(async () => {
      const before = simulator.tokensSpoken
      await sleep(600)
      return simulator.tokensSpoken - before
    }, eventually).toBe(0)
    expect(simulator.tokensSpoken).toBeLessThan(60)
  })

  test('is not told more by a simulator that stops', async () => {
    const { simulator, ask } = await simulatorWith({ tokensPerSecond: 20 })
    const answer = await ask({ stream: true })
    const body = bodyOf(answer)
    await simulator.stop()
    expect(await body).toMatch(/<broken>$/)
    await expect(ask()).rejects.toThrow('fetch failed')
  })
})
