import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { inputTokens, outputTokens } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { instanceOf, joined, oneChoice, readAll, streamed } from './fixtures/wire.ts'
import { hubAnswer } from './hub-answer.ts'
import { ChatHubReader } from './hub-reader.ts'
import { ChatStream } from './stream.ts'

// A folder of recorded provider traffic, a folder in it for each provider: whole answers as *.json, streams as *.chunks.txt with one event's JSON a line.
const folder = process.env['TEST_RECORDINGS'] ?? ''
const recordings = existsSync(folder) ? globSync('**/*.{json,txt}', { cwd: folder }).map(path => ({ path, type: path.split('/')[0] ?? '', text: readFileSync(join(folder, path), 'utf8') })) : []
const lines = (text: string) => text.split('\n').filter(line => line.trim() !== '')
const streams = recordings.filter(({ path, text }) => path.endsWith('.chunks.txt') && lines(text).every(line => line.includes('"chat.completion.chunk"')))
const answers = recordings.filter(({ path, text }) => path.endsWith('.json') && text.includes('"chat.completion"'))

describe.skipIf(recordings.length === 0)('recorded chats', () => {
  test('are there', () => {
    expect(streams.length).toBeGreaterThan(5)
    expect(answers.length).toBeGreaterThan(5)
  })

  test.each(streams)('$path is read to its end', ({ type, text }) => {
    const bytes = Buffer.from(lines(text).map(line => `data: ${line}\n\n`).join(''))
    const reader = new ChatHubReader(instanceOf(type), streamed, oneChoice)
    const said = joined(readAll(reader, bytes).flat())
    expect(said.content.length + said.reasoning.length + said.calls.length).toBeGreaterThan(0)
    for (const call of said.calls) expect(call).toEqual({ id: expect.stringMatching(/./) as string, name: expect.stringMatching(/./) as string, arguments: expect.stringMatching(/^\{/) as string })
    expect(said.finish).toEqual([said.calls.length > 0 ? 'tool_calls' : (expect.stringMatching(/^(stop|length)$/) as string)])
    const { usage } = reader.end
    expect(usage?.source).toBe('final')
    expect(inputTokens(usage!) * outputTokens(usage!)).toBeGreaterThan(0)
    const native = new ChatStream(instanceOf(type), { ...streamed, includeUsage: true }, oneChoice)
    expect(Buffer.concat(readAll(native, bytes).map(part => part ?? Buffer.alloc(0))).toString()).toBe(`${bytes.toString()}data: [DONE]\n\n`)
    expect(native.end.usage).toEqual(usage)
  })

  test.each(answers)('$path is an answer', ({ type, text }) => {
    const { completion, end } = hubAnswer(instanceOf(type), streamed, Buffer.from(text))
    const { message, finish_reason: finish } = completion.choices[0]!
    expect(typeof message.content === 'string' || (message.tool_calls ?? []).length > 0).toBe(true)
    expect(['stop', 'length', 'tool_calls']).toContain(finish)
    const { total_tokens: total } = (JSON.parse(text) as { usage: { total_tokens: number } }).usage
    expect(inputTokens(end.usage!) + outputTokens(end.usage!)).toBe(total)
  })
})
