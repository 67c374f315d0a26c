import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import { openAiDialect } from '../../providers/openai/dialect.ts'
import { EventSplitter } from '../../sse.ts'
import { translated } from '../translated.ts'
import { responsesDialect } from './index.ts'

/** A folder of recorded provider traffic, `<provider>/*.chunks.txt` with one event's JSON per line. */
const folder = process.env.TEST_RECORDINGS

const recordings =
  folder === undefined
    ? []
    : globSync('*/*.chunks.txt', { cwd: folder })
        .map(name => ({ name, lines: readFileSync(join(folder, name), 'utf8').trim().split('\n') }))
        .filter(({ lines }) => lines.every(line => line.includes('"chat.completion.chunk"')))

interface Response { status: string; output: { type: string; content?: { text?: string }[]; arguments?: string; summary?: { text: string }[] }[]; usage: { output_tokens: number } | null }

/** What a client of the Responses API gets of a chat's stream that is cut at these places. */
function told(bytes: Buffer, cuts: readonly number[] = []): string {
  const { chat } = openAiDialect({ name: 'groq', type: 'groq', apiKey: 'k', baseUrl: 'http://x' })
  const request = { requestId: 'r', endpoint: 'responses' as const, model: 'm', stream: true, includeUsage: false }
  const reader = translated(responsesDialect, chat, { body: Buffer.from('{"model":"m","input":"hi","stream":true}'), request, changes: new Changes() }).reader()
  const splitter = new EventSplitter()
  const places = [0, ...cuts.map(cut => cut % bytes.length).toSorted((a, b) => a - b), bytes.length]
  const passed = places.slice(1).flatMap((end, index) => splitter.push(bytes.subarray(places[index], end))).map(event => reader.read(event) ?? Buffer.alloc(0))
  return Buffer.concat([...passed, reader.close()]).toString()
}

const sse = (chunks: readonly string[]): Buffer => Buffer.from([...chunks, '[DONE]'].map(chunk => `data: ${chunk}\n\n`).join(''))

function final(events: string): Response {
  const all = events.split('\n\n').slice(0, -1).map(event => JSON.parse(event.slice(event.indexOf('\ndata: ') + 7)) as { type: string; sequence_number: number; response?: Response })
  expect(all.map(({ sequence_number: number }) => number)).toEqual(all.map((_, index) => index))
  return all.at(-1)!.response!
}

const chunk = (delta: object, more: object = {}) => JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: null, ...more }] })

test('a chat that is streamed is the same response wherever the network cuts it', () => {
  const bytes = sse([
    chunk({ role: 'assistant', content: '' }),
    chunk({ reasoning_content: 'hm' }),
    chunk({ content: '"ö\u{1f600}' }),
    chunk({ tool_calls: [{ index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '' } }] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] }),
    chunk({}, { finish_reason: 'tool_calls' }),
  ])
  const expected = told(bytes)
  expect(final(expected).output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'function_call'])
  fc.assert(fc.property(fc.array(fc.nat()), cuts => {
    expect(told(bytes, cuts)).toBe(expected)
  }))
})

describe.skipIf(folder === undefined)('a chat that was really streamed', () => {
  test('is there', () => expect(recordings.length).toBeGreaterThan(5))

  test.each(recordings)('is told as a response: $name', ({ lines }) => {
    const deltas = lines.map(line => (JSON.parse(line) as { choices: { delta: { content?: unknown; reasoning_content?: string; tool_calls?: { function?: { arguments?: string } }[] } }[] }).choices[0]?.delta)
    const said = final(told(sse(lines)))
    expect(said.status).toMatch(/^(completed|incomplete)$/)
    const texts = said.output.flatMap(({ content }) => content ?? []).map(({ text }) => text).join('')
    if (deltas.every(delta => typeof (delta?.content ?? '') === 'string')) expect(texts).toBe(deltas.map(delta => delta?.content ?? '').join(''))
    expect(said.output.map(item => item.arguments ?? '').join('').replaceAll('{}', '')).toBe(deltas.flatMap(delta => delta?.tool_calls ?? []).map(call => call.function?.arguments ?? '').join('').replaceAll('{}', ''))
    expect(said.output.flatMap(({ summary }) => summary ?? []).map(({ text }) => text).join('').startsWith(deltas.map(delta => delta?.reasoning_content ?? '').join(''))).toBe(true)
    expect(said.usage?.output_tokens).toBeGreaterThan(0)
  })
})
