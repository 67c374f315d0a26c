import { type Behaviour, inTurn, numberedContent, startUpstream } from '@gomodel/testing'
import { once } from 'node:events'
import { type AddressInfo, type Socket, createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { eventually } from './fixtures/eventually.ts'
import { generatorAt } from './fixtures/generator.ts'
import { RecordingCall } from './fixtures/recording-call.ts'
import { generateAnswer } from './generate.ts'
import { Upstream } from './upstream.ts'

async function upstreamThat(...behaviours: Behaviour[]) {
  const upstream = await startUpstream(inTurn(...behaviours))
  onTestFinished(() => upstream.stop())
  return upstream
}
const failureOf = (answer: Promise<unknown>): Promise<unknown> => answer.catch((thrown: unknown) => thrown)
const streaming = (): RecordingCall => new RecordingCall({ stream: true })

describe('a slow caller', () => {
  test('slows its provider down, and in the end has every byte', async () => {
    const deltas = 8000
    const upstream = await upstreamThat({ deltas, bytesEach: 4000 })
    const call = streaming()
    call.limit(50_000)
    const answer = generateAnswer(generatorAt(upstream.url), call)
    await expect.poll(() => call.bytes.length, eventually).toBeGreaterThan(49_999)
    // What the kernel's buffers hold is all that the provider can still send.
    let before = -1
    await expect.poll(() => {
      const now = upstream.requests[0]?.deltasWritten ?? 0
      const still = now === before
      before = now
      return still
    }, { ...eventually, interval: 300 }).toBe(true)
    expect(before).toBeLessThan(deltas)
    expect(call.bytes.length).toBeLessThan(50_000 + 2 * 65_536)
    call.grant(Infinity)
    await expect(answer).resolves.toMatchObject({ finish: 'stop' })
    expect(call.content).toBe(numberedContent(deltas, 4000))
  })

  test('is not taken for a silent provider', async () => {
    const upstream = await upstreamThat({ deltas: 2000, bytesEach: 4000 })
    const call = streaming()
    call.limit(10_000)
    const answer = generateAnswer(generatorAt(upstream.url, { gapTimeoutMs: 200 }), call)
    await expect.poll(() => call.bytes.length, eventually).toBeGreaterThan(9_999)
    await sleep(600)
    call.grant(Infinity)
    await expect(answer).resolves.toMatchObject({ finish: 'stop' })
    expect(call.content).toBe(numberedContent(2000, 4000))
  })

  test('has every byte of a provider that has closed long ago', async () => {
    const upstream = await upstreamThat({ deltas: 100, bytesEach: 1000, headers: { connection: 'close' } })
    const call = streaming()
    call.limit(1)
    const answer = generateAnswer(generatorAt(upstream.url), call)
    await expect.poll(() => upstream.requests[0]?.finished, eventually).toBe(true)
    await sleep(100)
    call.grant(Infinity)
    await expect(answer).resolves.toMatchObject({ finish: 'stop' })
    expect(call.content).toBe(numberedContent(100, 1000))
  })
})

describe('a provider', () => {
  test('that never answers times out, is left alone and not tried again', async () => {
    const upstream = await upstreamThat({ fault: { kind: 'never' } })
    await expect(generateAnswer(generatorAt(upstream.url, { firstTokenTimeoutMs: 100 }), streaming())).rejects.toMatchObject({
      code: 'timeout',
      message: 'openai did not begin to answer within 0.1 s',
    })
    await expect.poll(() => upstream.requests[0]?.aborted, eventually).toBe(true)
    expect(upstream.requests).toHaveLength(1)
  })

  test('that only says hello has not begun to answer', async () => {
    const upstream = await upstreamThat({ fault: { kind: 'stall', after: 0 } })
    const call = streaming()
    await expect(generateAnswer(generatorAt(upstream.url, { firstTokenTimeoutMs: 300, gapTimeoutMs: 60_000 }), call)).rejects.toMatchObject({ code: 'timeout' })
    expect(call.heads).toEqual([])
  })

  test('that takes its time between tokens is healthy, however long it takes in all', async () => {
    const upstream = await upstreamThat({ deltas: 12, deltaDelayMs: 100 })
    const call = streaming()
    await generateAnswer(generatorAt(upstream.url, { firstTokenTimeoutMs: 1000, gapTimeoutMs: 1000 }), call)
    expect(call.content).toBe(numberedContent(12))
  })

  test('keeps its connections for the next calls', async () => {
    const upstream = await upstreamThat({})
    const generator = generatorAt(upstream.url)
    for (let calls = 0; calls < 20; calls++) await generateAnswer(generator, streaming())
    // The last bytes of one answer may still be on their way when the next call begins.
    expect(upstream.openConnections).toBeLessThan(10)
  })
})

/** Takes connections and says nothing, so that a TLS handshake with it never ends. */
async function deafPort(): Promise<{ url: string; readonly connections: number }> {
  const sockets: Socket[] = []
  const server = createServer(socket => {
    sockets.push(socket.on('error', () => undefined))
  })
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}/v1`,
    get connections() {
      return sockets.length
    },
  }
}

describe('a connection that is never made', () => {
  test('times out and is not tried again', async () => {
    const port = await deafPort()
    const upstream = new Upstream('openai', port.url, 100)
    onTestFinished(() => upstream.close())
    await expect(generateAnswer(generatorAt(port.url, { upstream }), streaming())).rejects.toMatchObject({
      code: 'timeout',
      message: 'openai did not take the connection in time',
    })
    expect(port.connections).toBe(1)
  })

  test('is not waited for once the caller left', async () => {
    const port = await deafPort()
    const call = streaming()
    const answer = failureOf(generateAnswer(generatorAt(port.url), call))
    await expect.poll(() => port.connections, eventually).toBe(1)
    call.leave()
    expect(await answer).toMatchObject({ code: 'cancelled' })
  })
})

describe('a caller that leaves', () => {
  test.each([
    ['before the answer begins', { fault: { kind: 'never' } }, () => true],
    ['in the middle of a stream', { deltas: 9, fault: { kind: 'stall', after: 3 } }, (call: RecordingCall) => call.content === numberedContent(3)],
  ] satisfies [string, Behaviour, (call: RecordingCall) => boolean][])('%s ends the provider’s work at once', async (_, behaviour, arrived) => {
    const upstream = await upstreamThat(behaviour)
    const call = streaming()
    const generator = generatorAt(upstream.url)
    const answer = failureOf(generateAnswer(generator, call))
    await expect.poll(() => upstream.requests.length === 1 && arrived(call), eventually).toBe(true)
    call.leave()
    expect(await answer).toMatchObject({ code: 'cancelled' })
    await expect.poll(() => upstream.requests[0]?.aborted, eventually).toBe(true)
    expect(upstream.requests).toHaveLength(1)
  })

  test('while it reads nothing ends the provider’s work too', async () => {
    const upstream = await upstreamThat({ deltas: 8000, bytesEach: 4000 })
    const call = streaming()
    call.limit(1000)
    const answer = failureOf(generateAnswer(generatorAt(upstream.url), call))
    await expect.poll(() => call.bytes.length, eventually).toBeGreaterThan(999)
    call.leave()
    expect(await answer).toMatchObject({ code: 'cancelled' })
    await expect.poll(() => upstream.requests[0]?.aborted, eventually).toBe(true)
  })

  test('while a whole answer is handed out gets no more of it', async () => {
    const upstream = await upstreamThat({ pieces: ['x'.repeat(1_000_000)] })
    const call = new RecordingCall()
    call.limit(1000)
    const answer = failureOf(generateAnswer(generatorAt(upstream.url), call))
    await expect.poll(() => call.bytes.length, eventually).toBeGreaterThan(999)
    call.leave()
    expect(await answer).toMatchObject({ code: 'cancelled' })
  })

  test('says nothing about the provider’s health', async () => {
    const upstream = await upstreamThat({ fault: { kind: 'never' } })
    const generator = generatorAt(upstream.url)
    for (let calls = 1; calls <= 6; calls++) {
      const call = streaming()
      const answer = failureOf(generateAnswer(generator, call))
      await expect.poll(() => upstream.requests.length, eventually).toBe(calls)
      call.leave()
      expect(await answer).toMatchObject({ code: 'cancelled' })
    }
    expect(generator.breaker.state).toBe('closed')
  })

  test('before it is asked for reaches no provider', async () => {
    const upstream = await upstreamThat({})
    const call = streaming()
    call.leave()
    await expect(generateAnswer(generatorAt(upstream.url), call)).rejects.toMatchObject({ code: 'cancelled' })
    expect(upstream.requests).toHaveLength(0)
  })
})
