import { once } from 'node:events'
import { type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { generatorAt } from './fixtures/generator.ts'
import { RecordingCall } from './fixtures/recording-call.ts'
import { generateAnswer } from './generate.ts'

const CONTENT = 'data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}\n\n'
const FINISH = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'

/** A provider that says something, then the same again and again to keep the connection, until `count` times are over. */
async function keepingAlive(script: { type: string; first?: string; again: string; every?: number; count?: number; last?: string }): Promise<string> {
  const server = createServer((_, response: ServerResponse) => {
    response.writeHead(200, { 'content-type': script.type })
    response.write(script.first ?? script.again)
    let left = script.count ?? Infinity
    const timer = setInterval(() => {
      if (left-- > 0) return void response.write(script.again)
      clearInterval(timer)
      response.end(script.last)
    }, script.every ?? 20)
    response.on('close', () => clearInterval(timer))
  })
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}

describe('a provider that only keeps the connection alive', () => {
  test('with comments before its first word has not begun to answer', async () => {
    const url = await keepingAlive({ type: 'text/event-stream', again: ': keep-alive\n\n' })
    const answer = generateAnswer(generatorAt(url, { firstTokenTimeoutMs: 400, gapTimeoutMs: 60_000 }), new RecordingCall({ stream: true }))
    await expect(answer).rejects.toMatchObject({ code: 'timeout', message: 'openai did not begin to answer within 0.4 s' })
  })

  test.each([
    ['comments', ': keep-alive\n\n'],
    ['pings', 'event: ping\ndata: {"type": "ping"}\n\n'],
  ])('with %s in the middle of its answer has fallen silent', async (_, again) => {
    const url = await keepingAlive({ type: 'text/event-stream', first: CONTENT, again })
    const answer = generateAnswer(generatorAt(url, { gapTimeoutMs: 400 }), new RecordingCall({ stream: true }))
    await expect(answer).rejects.toMatchObject({ code: 'stream_broken', message: 'openai fell silent within 0.4 s' })
  })

  test('with empty lines ahead of a whole answer has not begun, and is waited for as long as for a first word', async () => {
    const url = await keepingAlive({ type: 'application/json', again: '\n' })
    const answer = generateAnswer(generatorAt(url, { firstTokenTimeoutMs: 400, gapTimeoutMs: 60_000 }), new RecordingCall())
    await expect(answer).rejects.toMatchObject({ code: 'timeout', message: 'openai did not begin to answer within 0.4 s' })
  })

  test('with empty lines for longer than it may fall silent is heard in the end', async () => {
    const url = await keepingAlive({ type: 'application/json', again: '\n', count: 30, last: '{"choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}]}' })
    const call = new RecordingCall()
    await expect(generateAnswer(generatorAt(url, { firstTokenTimeoutMs: 60_000, gapTimeoutMs: 200 }), call)).resolves.toMatchObject({ finish: 'stop' })
    expect(JSON.parse(call.text)).toMatchObject({ choices: [{ message: { content: 'a' } }] })
  })

  test('is healthy while an event is on its way, however slowly', async () => {
    const pieces = CONTENT.replace('"a"', `"${'x'.repeat(60)}`)
    const url = await keepingAlive({ type: 'text/event-stream', first: CONTENT + pieces.slice(0, pieces.indexOf('xxx')), again: 'x', every: 30, count: 40, last: `"},"finish_reason":null}]}\n\n${FINISH}` })
    const call = new RecordingCall({ stream: true })
    await expect(generateAnswer(generatorAt(url, { gapTimeoutMs: 600 }), call)).resolves.toMatchObject({ finish: 'stop' })
    expect(call.content).toBe(`a${'x'.repeat(40)}`)
  })
})
