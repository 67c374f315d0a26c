import { afterAll, beforeEach, expect, test } from 'vitest'
import { type Behaviour, badRequest, errorWith200, inTurn, numberedContent, rateLimited, serverError, unauthorized } from './behaviour.ts'
import { startUpstream } from './scripted-upstream.ts'
import { slowReader } from './slow-reader.ts'
import { until } from './wait.ts'

const upstream = await startUpstream()
afterAll(() => upstream.stop())
beforeEach(() => {
  upstream.script = () => ({})
  upstream.models = ['gpt-4o-mini']
})

interface Chunk {
  choices: { delta: { role?: string; content?: string }; finish_reason: string | null }[]
  usage?: { completion_tokens: number } | null
  error?: object
}

const post = (body: object, signal: AbortSignal | null = null): Promise<Response> =>
  fetch(`${upstream.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'gpt-4o-mini', messages: [], ...body }),
    signal,
  })

const does = (behaviour: Behaviour): void => {
  upstream.script = () => behaviour
}

const data = (text: string): string[] => [...text.matchAll(/^data: (.*)$/gm)].map((match) => match[1] ?? '')
const chunks = (text: string): Chunk[] => data(text).filter((line) => line !== '[DONE]').map((line) => JSON.parse(line) as Chunk)
const contentOf = (text: string): string => chunks(text).map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')

/** What arrived before the answer ended or broke. */
async function arrived(response: Response): Promise<{ text: string; broke: boolean }> {
  const decoder = new TextDecoder()
  let text = ''
  try {
    for await (const part of response.body ?? []) text += decoder.decode(part, { stream: true })
    return { text, broke: false }
  } catch {
    return { text, broke: true }
  }
}

const latest = (): (typeof upstream.requests)[number] => {
  const record = upstream.requests.at(-1)
  if (!record) throw new Error('no request came')
  return record
}

test('a good answer is one JSON body, and the request is on record', async () => {
  does({ deltas: 3 })
  const response = await post({ temperature: 0 })
  const answer = (await response.json()) as { choices: { message: { content: string } }[]; usage: object }
  expect(answer.choices[0]?.message.content).toBe(numberedContent(3))
  expect(answer.usage).toEqual({ prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 })
  expect(latest()).toMatchObject({ method: 'POST', path: '/v1/chat/completions', json: { temperature: 0 } })
  expect(JSON.parse(latest().body.toString())).toEqual(latest().json)
  await until(() => latest().finished && !latest().aborted, { what: 'the end on record' })
})

test('a stream has a role first, then numbered deltas, a finish and [DONE]', async () => {
  does({ deltas: 4, bytesEach: 16 })
  const text = await (await post({ stream: true })).text()
  const all = chunks(text)
  expect(all[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: '', refusal: null })
  expect(contentOf(text)).toBe(numberedContent(4, 16))
  expect(numberedContent(4, 16)).toHaveLength(64)
  expect(all.at(-1)?.choices[0]?.finish_reason).toBe('stop')
  expect(all.every((chunk) => !('usage' in chunk))).toBe(true)
  expect(data(text).at(-1)).toBe('[DONE]')
  expect(latest().deltasWritten).toBe(4)
})

test('usage comes last and only when it is asked for, as null before', async () => {
  const all = chunks(await (await post({ stream: true, stream_options: { include_usage: true } })).text())
  expect(all.slice(0, -1).every((chunk) => chunk.usage === null)).toBe(true)
  expect(all.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 5 } })
})

test('small writes cut characters in two and lose nothing', async () => {
  does({ pieces: ['grüß', ' ', '日本語', '🙂'], writeSize: 3 })
  expect(contentOf(await (await post({ stream: true })).text())).toBe('grüß 日本語🙂')
})

test('delays are kept', async () => {
  does({ deltas: 3, headDelayMs: 60, firstDeltaDelayMs: 60, deltaDelayMs: 40 })
  const start = performance.now()
  const response = await post({ stream: true })
  expect(performance.now() - start).toBeGreaterThan(55)
  await response.text()
  expect(performance.now() - start).toBeGreaterThan(190)
})

test.each(['cut', 'reset'] as const)('a %s breaks the answer after so many deltas', async (kind) => {
  does({ deltas: 9, deltaDelayMs: 2, fault: { kind, after: 4 } })
  const { text, broke } = await arrived(await post({ stream: true }))
  expect(broke).toBe(true)
  expect(contentOf(text)).toBe(numberedContent(4))
  expect(latest()).toMatchObject({ deltasWritten: 4, aborted: false })
})

test('an answer can end early and cleanly', async () => {
  does({ fault: { kind: 'end', after: 2 } })
  const { text, broke } = await arrived(await post({ stream: true }))
  expect(broke).toBe(false)
  expect(contentOf(text)).toBe(numberedContent(2))
  expect(text).not.toMatch(/\[DONE\]|"finish_reason":"stop"/)
})

test('an error and garbage can come in the middle of a stream', async () => {
  does({ fault: { kind: 'error', after: 2 } })
  const { text } = await arrived(await post({ stream: true }))
  expect(chunks(text).at(-1)?.error).toMatchObject({ type: 'server_error' })
  does({ deltas: 3, fault: { kind: 'garbage', after: 2 } })
  const lines = data((await arrived(await post({ stream: true }))).text)
  expect(() => lines.map((line) => JSON.parse(line) as unknown)).toThrow('JSON')
  expect(lines.at(-1)).toBe('[DONE]')
})

test('a JSON answer breaks in its middle', async () => {
  does({ fault: { kind: 'cut', after: 0 } })
  expect((await arrived(await post({}))).broke).toBe(true)
  does({ fault: { kind: 'end', after: 0 } })
  await expect((await post({})).json()).rejects.toThrow('JSON')
  does({ fault: { kind: 'error', after: 0 } })
  expect(await (await post({})).json()).toHaveProperty('error.code', 'server_error')
})

test('a stall lasts until the client goes, which is on record', async () => {
  does({ fault: { kind: 'stall', after: 2 } })
  const leave = new AbortController()
  const reading = post({ stream: true }, leave.signal).then(arrived)
  await until(() => latest().deltasWritten === 2, { what: 'two deltas' })
  expect(latest()).toMatchObject({ finished: false, aborted: false })
  const left = performance.now()
  leave.abort()
  expect((await reading).broke).toBe(true)
  await until(() => latest().aborted, { what: 'the departure' })
  expect(latest().abortedAt).toBeGreaterThanOrEqual(left)
})

test('it can say nothing at all, or hang up', async () => {
  does({ fault: { kind: 'never' } })
  await expect(post({}, AbortSignal.timeout(100))).rejects.toThrow('timeout')
  await until(() => latest().aborted, { what: 'the departure' })
  does({ fault: { kind: 'hang-up' } })
  await expect(post({})).rejects.toThrow('fetch failed')
})

test('errors have their status, their shape and their headers', async () => {
  upstream.script = inTurn(rateLimited(7), unauthorized(), badRequest(), serverError(), serverError(503), errorWith200())
  const answers: Response[] = []
  for (let count = 0; count < 7; count++) answers.push(await post({ stream: true }))
  expect(answers.map((answer) => answer.status)).toEqual([429, 401, 400, 500, 503, 200, 200])
  expect(answers[0]?.headers.get('retry-after')).toBe('7')
  for (const answer of answers) expect(await answer.json()).toHaveProperty('error.message')
})

test('a listing of models is kept apart from the requests, and can fail', async () => {
  const before = upstream.requests.length
  upstream.models = ['a', 'b']
  const list = (await (await fetch(`${upstream.url}/models`)).json()) as { data: { id: string }[] }
  expect(list.data.map((model) => model.id)).toEqual(['a', 'b'])
  upstream.models = serverError(503)
  expect((await fetch(`${upstream.url}/models`)).status).toBe(503)
  expect(upstream.modelListings).toHaveLength(2)
  expect(upstream.requests).toHaveLength(before)
})

test('raw events and embeddings can be had, and other paths are unknown', async () => {
  does({ events: ['not json', { type: 'ping' }] })
  expect(await (await post({ stream: true })).text()).toBe('data: not json\n\ndata: {"type":"ping"}\n\n')
  does({})
  const embedded = await fetch(`${upstream.url}/embeddings`, { method: 'POST', body: JSON.stringify({ input: ['a', 'bc'] }) })
  expect(await embedded.json()).toMatchObject({ data: [{ index: 0 }, { index: 1 }] })
  expect((await fetch(`${upstream.url}/nothing`)).status).toBe(404)
})

test('it can refuse connections and take them again on the same port', async () => {
  await using own = await startUpstream(() => ({ fault: { kind: 'stall', after: 1 } }))
  const running = fetch(`${own.url}/chat/completions`, { method: 'POST', body: '{"stream":true}' }).then(arrived)
  await until(() => own.requests[0]?.deltasWritten, { what: 'a delta' })
  expect(own.openConnections).toBe(1)
  await own.refuse()
  expect((await running).broke).toBe(true)
  expect(own.requests[0]?.aborted).toBe(false)
  expect(own.openConnections).toBe(0)
  await expect(fetch(own.url)).rejects.toThrow('fetch failed')
  await own.accept()
  expect((await fetch(`${own.url}/models`)).status).toBe(200)
})

test('a slow reader slows the upstream, and its departure is on record', async () => {
  does({ deltas: 200_000, bytesEach: 1000 })
  const body = JSON.stringify({ stream: true })
  const reader = await slowReader({ url: `${upstream.url}/chat/completions`, body, bytesPerSecond: 2000 })
  await until(() => reader.byteCount >= 1500, { what: 'a second of reading' })
  const early = latest().deltasWritten
  expect(early).toBeLessThan(20_000)
  expect(reader.byteCount).toBeLessThan(4000)
  expect(reader.bytes.toString()).toMatch(/^HTTP\/1\.1 200 OK\r\n/)
  reader.setPace(50_000_000)
  await until(() => reader.byteCount > 200_000, { what: 'a faster pace', timeoutMs: 20_000 })
  reader.close()
  await until(() => latest().aborted && reader.closed, { what: 'the departure' })
  expect(latest().deltasWritten).toBeLessThan(200_000)
})

test('many streams run at once', async () => {
  does({ deltas: 20, deltaDelayMs: 1 })
  const texts = await Promise.all(Array.from({ length: 100 }, async () => (await post({ stream: true })).text()))
  expect(texts.every((text) => contentOf(text) === numberedContent(20))).toBe(true)
})
