import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { GenerateRequest, ProviderCall } from '../../provider.ts'
import { openAiDialect } from '../../providers/openai/dialect.ts'
import { EventSplitter } from '../../sse.ts'
import { providerCall } from '../index.ts'

// A folder of recorded provider traffic: whole answers as *.json, streams as *.chunks.txt with one event's JSON a line.
const folder = process.env['TEST_RECORDINGS'] ?? ''
const recordings = existsSync(folder) ? globSync('**/*.{json,txt}', { cwd: folder }).map(path => ({ path, text: readFileSync(join(folder, path), 'utf8') })) : []
const lines = (text: string) => text.split('\n').filter(line => line.trim() !== '')
const streams = recordings.filter(({ path, text }) => path.endsWith('.chunks.txt') && lines(text).every(line => line.includes('"chat.completion.chunk"')))
const answers = recordings.filter(({ path, text }) => path.endsWith('.json') && text.includes('"object": "chat.completion"'))

interface Delta {
  content?: unknown
  reasoning_content?: unknown
  tool_calls?: { function?: { arguments?: string } }[] | null
}

interface WireEvent {
  type: string
  index?: number
  content_block?: { type: string }
  delta?: { text?: string; thinking?: string; partial_json?: string; stop_reason?: string }
  usage?: { input_tokens: number; output_tokens: number }
}

const provider = openAiDialect({ name: 'recorded', type: 'openai', apiKey: 'sk-test', baseUrl: 'http://x' })

function begun(stream: boolean): ProviderCall {
  const request: GenerateRequest = { requestId: 'request-1', endpoint: 'messages', model: 'm', stream, includeUsage: true }
  const body = Buffer.from('{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}')
  const { call } = providerCall(provider, 'recorded', { body, request })
  if (!call) throw new Error('it was answered without a call')
  return call
}

function eventsOf(text: string): WireEvent[] {
  const reader = begun(true).reader()
  const sent = Buffer.from([...lines(text), '[DONE]'].map(line => `data: ${line}\n\n`).join(''))
  const bytes = [...new EventSplitter().push(sent).map(event => reader.read(event)), reader.close()].flatMap(piece => (piece ? [piece] : []))
  return Buffer.concat(bytes).toString().split('\n\n').slice(0, -1).map(event => JSON.parse(event.slice(event.indexOf('\ndata: ') + 7)) as WireEvent)
}

const joined = (pieces: unknown[]): string => pieces.filter(piece => typeof piece === 'string').join('')

/** Mistral says content in parts once it thinks. */
const textsIn = (content: unknown): unknown[] => (Array.isArray(content) ? (content as { text?: unknown }[]).map(({ text }) => text) : [content])

describe.skipIf(recordings.length === 0)('recorded chat answers for a client of Anthropic’s API', () => {
  test('are there', () => {
    expect(streams.length).toBeGreaterThan(3)
    expect(answers.length).toBeGreaterThan(3)
  })

  test.each(streams)('$path is a stream of blocks, one after the other, that say the same', ({ text }) => {
    const events = eventsOf(text)
    const deltas = lines(text).flatMap(line => (JSON.parse(line) as { choices: { delta?: Delta }[] }).choices).map(({ delta }) => delta)
    expect(joined(events.map(({ delta }) => delta?.text))).toBe(joined(deltas.flatMap(delta => textsIn(delta?.content))))
    const thoughts = joined(deltas.map(delta => delta?.reasoning_content))
    if (thoughts !== '') expect(joined(events.map(({ delta }) => delta?.thinking))).toBe(thoughts)
    expect(joined(events.map(({ delta }) => delta?.partial_json))).toBe(joined(deltas.flatMap(delta => delta?.tool_calls ?? []).map(call => call.function?.arguments)))
    let open: number | undefined
    let next = 0
    for (const { type, index } of events) {
      if (type === 'content_block_start') {
        expect([open, index]).toEqual([undefined, next])
        open = next++
      } else if (type === 'content_block_delta') expect(index).toBe(open)
      else if (type === 'content_block_stop') open = undefined
    }
    expect([events[0]?.type, events.at(-2)?.type, events.at(-1)?.type]).toEqual(['message_start', 'message_delta', 'message_stop'])
    expect(events.at(-2)?.usage?.output_tokens).toBeGreaterThan(0)
    const called = events.some(({ content_block: block }) => block?.type === 'tool_use')
    expect(events.at(-2)?.delta?.stop_reason).toMatch(called ? /tool_use/ : /end_turn|max_tokens/)
  })

  test.each(answers)('$path is a Message that says the same', ({ text }) => {
    const { bytes, end } = begun(false).answer(Buffer.from(text))
    const message = JSON.parse(Buffer.from(bytes).toString()) as { content: { type: string; text?: string }[]; usage: object }
    const [choice] = (JSON.parse(text) as { choices: { message: { content: unknown; tool_calls?: unknown[] | null } }[] }).choices
    expect(joined(message.content.map(block => block.text))).toBe(joined(textsIn(choice?.message.content)))
    expect(message.content.filter(({ type }) => type === 'tool_use')).toHaveLength(choice?.message.tool_calls?.length ?? 0)
    expect(end.nativeUsage).toEqual(message.usage)
  })
})
