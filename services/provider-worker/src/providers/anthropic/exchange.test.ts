import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { NO_TOKENS } from '@gomodel/contracts'
import { expect, onTestFinished, test } from 'vitest'
import { generatorAt } from '../../fixtures/generator.ts'
import { RecordingCall } from '../../fixtures/recording-call.ts'
import { generateAnswer } from '../../generate.ts'
import { providerOf } from '../index.ts'
import { HAIKU, IDENTITY, KEY, start, stop, text, wire } from './fixtures/calls.ts'

interface Heard {
  readonly path: string | undefined
  readonly headers: IncomingMessage['headers']
  readonly versions: number
  readonly json: Record<string, unknown>
}

/** An instance whose provider answers the calls in turn, and what it heard. */
async function instanceThat(...answers: ((response: ServerResponse) => void)[]) {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const versions = request.rawHeaders.filter(name => name.toLowerCase() === 'anthropic-version').length
    heard.push({ path: request.url, headers: request.headers, versions, json: JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown> })
    answers[heard.length - 1]?.(response)
  })
  onTestFinished(() => void server.close())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { heard, generator: generatorAt(baseUrl, { provider: providerOf({ ...IDENTITY, baseUrl }) }) }
}

const events = [start(), ...text(0, 'Hel', 'lo.'), ...stop('end_turn')]
const streams = (response: ServerResponse): void => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(wire(events))
const overloaded = (response: ServerResponse): void =>
  void response.writeHead(529, { 'content-type': 'application/json' }).end('{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}')
const failsAtOnce = (response: ServerResponse): void =>
  void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(wire([start(), { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }]))

const usage = { ...NO_TOKENS, inputUncached: 10, outputText: 20, source: 'final' }
const body = { model: 'anthropic/claude', max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] }

test('a client of the Messages API gets the provider’s own bytes, after tries that it does not see', async () => {
  const { heard, generator } = await instanceThat(overloaded, failsAtOnce, streams)
  const headers = { 'anthropic-version': '2024-10-22', 'anthropic-beta': 'b-1' }
  const call = new RecordingCall({ endpoint: 'messages', model: HAIKU, stream: true, headers }, body)
  await expect(generateAnswer(generator, call)).resolves.toMatchObject({ usage, finish: 'end_turn', natural: true })
  expect(call.text).toBe(wire(events).toString())
  expect(heard).toHaveLength(3)
  expect(heard[2]).toMatchObject({ path: '/v1/messages', versions: 1, headers: { ...headers, 'x-api-key': KEY }, json: { ...body, model: HAIKU, stream: true } })
})

test('a client of the chat API gets its own', async () => {
  const { heard, generator } = await instanceThat(streams)
  const call = new RecordingCall({ model: HAIKU, stream: true, includeUsage: true }, body)
  await expect(generateAnswer(generator, call)).resolves.toMatchObject({ usage, finish: 'stop', natural: true })
  expect(call.content).toBe('Hello.')
  expect(call.text).toContain('"usage":{"prompt_tokens":10,"completion_tokens":20')
  expect(call.text.endsWith('data: [DONE]\n\n')).toBe(true)
  expect(heard[0]).toMatchObject({ path: '/v1/messages', versions: 1, headers: { 'anthropic-version': '2023-06-01' }, json: { max_tokens: 9, stream: true } })
})
