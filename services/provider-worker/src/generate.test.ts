import { NO_TOKENS } from '@gomodel/contracts'
import { type Behaviour, badRequest, errorWith200, inTurn, numberedContent, rateLimited, serverError, startUpstream, unauthorized } from '@gomodel/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from './fixtures/eventually.ts'
import { KEY, TRACE, generatorAt } from './fixtures/generator.ts'
import { RecordingCall } from './fixtures/recording-call.ts'
import { generateAnswer } from './generate.ts'

async function upstreamThat(...behaviours: Behaviour[]) {
  const upstream = await startUpstream(inTurn(...behaviours))
  onTestFinished(() => upstream.stop())
  return upstream
}
const streaming = (more: object = {}): RecordingCall => new RecordingCall({ stream: true, ...more })
const counted = { ...NO_TOKENS, inputUncached: 7, outputText: 5, source: 'final' }
/** Where a call failed before, what that took is told beside them. */
const times: unknown = expect.objectContaining({ firstMs: expect.any(Number), totalMs: expect.any(Number) })
const ended = { usage: counted, nativeUsage: { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 }, finish: 'stop', natural: true, upstream: times }
const dones = (call: RecordingCall): number => call.text.split('data: [DONE]\n\n').length - 1

describe('a stream', () => {
  test.each([1, 3, 7, 64, Infinity])('arrives exact when the network cuts it every %d bytes', async writeSize => {
    const upstream = await upstreamThat({ deltas: 5, writeSize })
    const call = streaming()
    await expect(generateAnswer(generatorAt(upstream.url), call)).resolves.toEqual(ended)
    expect(call.content).toBe(numberedContent(5))
    expect(call.text.endsWith('\n\ndata: [DONE]\n\n')).toBe(true)
    expect(dones(call)).toBe(1)
    expect(call.heads).toEqual(['openai'])
    expect(call.text).not.toContain('"choices":[]')
  })

  test('shows usage to who asked for it', async () => {
    const upstream = await upstreamThat({})
    const call = streaming({ includeUsage: true })
    await generateAnswer(generatorAt(upstream.url), call)
    expect(call.text).toContain('"choices":[],"usage":{"prompt_tokens":7')
  })

  test('sends the upstream its key, its model, the request’s id and the trace, and asks for usage', async () => {
    const upstream = await upstreamThat({})
    const call = streaming()
    call.trace = TRACE
    await generateAnswer(generatorAt(upstream.url), call)
    const [request] = upstream.requests
    expect(request?.path).toBe('/v1/chat/completions')
    expect(request?.headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'x-client-request-id': 'request-1', ...TRACE, accept: 'text/event-stream' })
    expect(request?.json).toEqual({ model: 'gpt-4o-mini', messages: [], stream: true, stream_options: { include_usage: true } })
  })

  test('may say nothing at all', async () => {
    const upstream = await upstreamThat({ deltas: 0 })
    const call = streaming()
    await expect(generateAnswer(generatorAt(upstream.url), call)).resolves.toMatchObject({ finish: 'stop' })
    expect(dones(call)).toBe(1)
  })

  test('is over with [DONE], though the provider keeps the connection', async () => {
    const events = [{ choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'stop' }] }, '[DONE]']
    const upstream = await upstreamThat({ events, fault: { kind: 'stall', after: 2 } })
    const call = streaming()
    await generateAnswer(generatorAt(upstream.url), call)
    expect(dones(call)).toBe(1)
    await expect.poll(() => upstream.requests[0]?.aborted, eventually).toBe(true)
  })

  test.each([
    ['an error', { fault: { kind: 'error', after: 0 } }],
    ['garbage', { fault: { kind: 'garbage', after: 0 } }],
    ['a cut', { fault: { kind: 'cut', after: 0 } }],
    ['a reset', { fault: { kind: 'reset', after: 0 } }],
    ['an early end', { fault: { kind: 'end', after: 0 } }],
    ['a hang-up', { fault: { kind: 'hang-up' } }],
    ['status 503', serverError(503)],
    ['status 429', { ...rateLimited(), headers: { 'retry-after-ms': '20' } }],
    ['an error under status 200', errorWith200()],
  ] satisfies [string, Behaviour][])('is mended unseen after %s before the first content', async (_, failing) => {
    const upstream = await upstreamThat(failing, failing, { deltas: 5 })
    const call = streaming()
    await expect(generateAnswer(generatorAt(upstream.url), call)).resolves.toEqual(ended)
    expect(call.content).toBe(numberedContent(5))
    expect(call.text.split('"role":"assistant"')).toHaveLength(2)
    expect(upstream.requests).toHaveLength(3)
  })

  test.each(['error', 'garbage', 'cut', 'reset', 'end', 'stall'] as const)('that fails by %s after content is broken, once and for all', async kind => {
    const upstream = await upstreamThat({ deltas: 9, fault: { kind, after: 3 } })
    const call = streaming()
    const generator = generatorAt(upstream.url, { gapTimeoutMs: 150 })
    const failure = await generateAnswer(generator, call).catch((thrown: unknown) => thrown)
    expect(failure).toMatchObject({ code: 'stream_broken' })
    expect(String(failure)).toMatch(/failed in the middle of its answer|fell silent/)
    expect(call.content).toBe(numberedContent(3))
    expect(dones(call)).toBe(0)
    expect(upstream.requests).toHaveLength(1)
  })

  test('that a provider answers as a whole is an error, and not paid for twice', async () => {
    const upstream = await upstreamThat({ body: { choices: [{ index: 0, message: { content: 'whole' }, finish_reason: 'stop' }] } })
    await expect(generateAnswer(generatorAt(upstream.url), streaming())).rejects.toMatchObject({ code: 'provider_failed', message: /a whole answer where a stream/ })
    expect(upstream.requests).toHaveLength(1)
  })

  test('that is an error under status 200 is told as that, however its type is spelled', async () => {
    const upstream = await upstreamThat({ body: { error: { message: 'too long', type: 'invalid_request_error' } }, headers: { 'content-type': 'Application/JSON' } })
    await expect(generateAnswer(generatorAt(upstream.url), streaming())).rejects.toMatchObject({ code: 'invalid_request', message: 'too long' })
  })
})

describe('a whole answer', () => {
  test('passes byte for byte', async () => {
    const body = '\n\n  {"id":"x", "n":12345678901234567890, "f":1.0, "choices":[{"index":0,"finish_reason":"stop"}]}\n'
    const upstream = await upstreamThat({ body, headers: { 'content-type': 'application/json' } })
    const call = new RecordingCall()
    await expect(generateAnswer(generatorAt(upstream.url), call)).resolves.toEqual({ finish: 'stop', natural: true, upstream: times })
    expect(call.text).toBe(body)
    expect(call.heads).toEqual(['openai'])
    expect(upstream.requests[0]?.json).toEqual({ model: 'gpt-4o-mini', messages: [] })
  })

  test('may begin with a byte order mark, which is kept from the client', async () => {
    const upstream = await upstreamThat({ body: '\ufeff{"choices":[{"index":0,"finish_reason":"stop"}]}', headers: { 'content-type': 'application/json' } })
    const call = new RecordingCall()
    await expect(generateAnswer(generatorAt(upstream.url), call)).resolves.toMatchObject({ finish: 'stop' })
    expect(call.text).toBe('{"choices":[{"index":0,"finish_reason":"stop"}]}')
  })

  test('may be large, and is given to a slow caller in pieces', async () => {
    const upstream = await upstreamThat({ pieces: ['x'.repeat(3_000_000)] })
    const call = new RecordingCall()
    call.limit(100_000)
    const answer = generateAnswer(generatorAt(upstream.url), call)
    await expect.poll(() => call.bytes.length, eventually).toBeGreaterThan(99_999)
    expect(call.bytes.length).toBeLessThan(200_000)
    call.grant(Infinity)
    await expect(answer).resolves.toMatchObject({ finish: 'stop' })
    expect(JSON.parse(call.text)).toMatchObject({ choices: [{ message: { content: 'x'.repeat(3_000_000) } }] })
  })

  test.each([
    ['a cut', { fault: { kind: 'cut', after: 0 } }],
    ['an early end', { fault: { kind: 'end', after: 0 } }],
    ['an error under status 200', errorWith200()],
    ['nothing', { body: '' }],
  ] satisfies [string, Behaviour][])('is mended after %s', async (_, failing) => {
    const upstream = await upstreamThat(failing, {})
    const call = new RecordingCall()
    await expect(generateAnswer(generatorAt(upstream.url), call)).resolves.toEqual(ended)
    expect(upstream.requests).toHaveLength(2)
  })

  test.each([
    ['a page', { body: '<html>' }],
    ['a stream', { body: 'data: {"choices":[]}\n\ndata: [DONE]\n\n', headers: { 'content-type': 'text/event-stream' } }],
    ['no answer', { body: '{"status":"queued"}', status: 202 }],
  ] satisfies [string, Behaviour][])('that is %s is an error, and not paid for again', async (_, other) => {
    const upstream = await upstreamThat(other, {})
    await expect(generateAnswer(generatorAt(upstream.url), new RecordingCall())).rejects.toMatchObject({ code: 'provider_failed', message: /gave an answer/ })
    expect(upstream.requests).toHaveLength(1)
  })

  test('that stops in its middle is a timeout, which is not tried again', async () => {
    const upstream = await upstreamThat({ fault: { kind: 'stall', after: 0 } })
    const call = new RecordingCall()
    await expect(generateAnswer(generatorAt(upstream.url, { gapTimeoutMs: 100 }), call)).rejects.toMatchObject({ code: 'timeout' })
    expect(call.heads).toEqual([])
    expect(upstream.requests).toHaveLength(1)
  })
})

describe('a refusal', () => {
  test('of the caller’s making is passed on and not tried again', async () => {
    const upstream = await upstreamThat(badRequest(`no such thing, says ${KEY}`))
    const generator = generatorAt(upstream.url)
    await expect(generateAnswer(generator, streaming())).rejects.toMatchObject({ code: 'invalid_request', message: 'no such thing, says [key]', details: { reason: 'invalid_request' } })
    expect(upstream.requests).toHaveLength(1)
    expect(generator.log.lines).toEqual([])
  })

  test('of the key alerts the operator, is not tried again and leaves the breaker closed', async () => {
    const upstream = await upstreamThat(unauthorized())
    const generator = generatorAt(upstream.url)
    for (let calls = 0; calls < 6; calls++) {
      await expect(generateAnswer(generator, streaming())).rejects.toMatchObject({ code: 'provider_key_refused', message: "openai refuses the gateway's key" })
    }
    expect(upstream.requests).toHaveLength(6)
    expect(generator.breaker.state).toBe('closed')
    expect(generator.log.lines[0]).toMatchObject({ level: 'error', about: { alert: 'provider_key_refused', instance: 'openai' } })
  })

  test('may begin with a byte order mark', async () => {
    const upstream = await upstreamThat({ status: 400, body: '\ufeff{"error":{"message":"too long"}}' })
    await expect(generateAnswer(generatorAt(upstream.url), streaming())).rejects.toMatchObject({ code: 'invalid_request', message: 'too long' })
  })

  test('with a long Retry-After is passed on at once', async () => {
    const upstream = await upstreamThat(rateLimited(30))
    await expect(generateAnswer(generatorAt(upstream.url), streaming())).rejects.toMatchObject({ code: 'rate_limited', details: { retryAfterMs: 30_000 } })
    expect(upstream.requests).toHaveLength(1)
  })

  test('that lasts is told after the last try', async () => {
    const upstream = await upstreamThat(serverError(500))
    await expect(generateAnswer(generatorAt(upstream.url), streaming())).rejects.toMatchObject({ code: 'provider_failed', message: 'openai answered 500' })
    expect(upstream.requests).toHaveLength(3)
  })

  test('may have a body of any size and kind', async () => {
    const upstream = await upstreamThat({ status: 400, body: `<html>${'x'.repeat(300_000)}` })
    await expect(generateAnswer(generatorAt(upstream.url), streaming())).rejects.toMatchObject({ code: 'invalid_request', message: 'openai answered 400' })
  })

  test('to answer here, a redirect, is not followed', async () => {
    const upstream = await upstreamThat({ status: 307, headers: { location: 'http://127.0.0.1:1/' }, body: '' })
    await expect(generateAnswer(generatorAt(upstream.url), streaming())).rejects.toMatchObject({ code: 'provider_failed', message: 'openai answered 307' })
    expect(upstream.requests).toHaveLength(1)
  })

  test('by a closed port is tried again, and often enough opens the breaker', async () => {
    const upstream = await upstreamThat({})
    await upstream.refuse()
    const generator = generatorAt(upstream.url)
    await expect(generateAnswer(generator, streaming())).rejects.toMatchObject({ code: 'provider_failed', message: 'openai could not be reached' })
    await expect(generateAnswer(generator, streaming())).rejects.toMatchObject({ code: 'provider_failed' })
    expect(generator.breaker.state).toBe('open')
    const failure = await generateAnswer(generator, streaming()).catch((thrown: unknown) => thrown)
    expect(failure).toMatchObject({ code: 'circuit_open' })
    expect((failure as { details: { retryAfterMs: number } }).details.retryAfterMs).toBeGreaterThan(0)
  })
})
