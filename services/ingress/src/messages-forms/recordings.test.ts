import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CachedAnswer } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { replayMessage } from './replay.ts'

// A folder of recorded provider traffic: whole answers as *.json, streams as *.chunks.txt with one event's JSON a line.
const folder = process.env['TEST_RECORDINGS'] ?? ''
const recordings = existsSync(folder) ? globSync('**/*.{json,txt}', { cwd: folder }).map(path => ({ path, text: readFileSync(join(folder, path), 'utf8') })) : []
const lines = (text: string) => text.split('\n').filter(line => line.trim() !== '')
/** Some recordings hold several answers, one behind the other. */
const streams = recordings
  .filter(({ path, text }) => path.endsWith('.chunks.txt') && lines(text)[0]?.includes('"message_start"'))
  .flatMap(({ path, text }) => text.split(/^(?=\{"type":"message_start")/m).map((one, place) => ({ path: `${path} ${place}`, text: one })))
const answers = recordings.filter(({ path, text }) => path.endsWith('.json') && (JSON.parse(text) as { type?: unknown }).type === 'message')

const streamed: CachedAnswer = { provider: 'recorded', form: 'stream', storedAt: 0 }
const stored: CachedAnswer = { ...streamed, form: 'whole' }
const wanted = (stream: boolean) => ({ stream, includeUsage: true })

interface Message {
  content: { type: string; text?: string; thinking?: string }[]
  usage: { output_tokens: number }
}

interface Event {
  type: string
  delta?: { text?: string; thinking?: string }
  message?: { usage: { output_tokens: number } }
  usage?: { output_tokens: number }
}

const whole = (events: Buffer) => JSON.parse(replayMessage(streamed, events, wanted(false))!.toString()) as Message

describe.skipIf(recordings.length === 0)('recorded messages', () => {
  test('are there', () => {
    expect(streams.length).toBeGreaterThan(3)
    expect(answers.length).toBeGreaterThan(3)
  })

  test.each(streams)('$path is whole what its events say, and the same after it was streamed', ({ text }) => {
    const said = lines(text).map(line => JSON.parse(line) as Event)
    const rendered = whole(Buffer.from(said.map(event => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')))
    for (const field of ['text', 'thinking'] as const) {
      expect(rendered.content.map(block => block[field] ?? '').join('')).toBe(said.map(({ delta }) => delta?.[field] ?? '').join(''))
    }
    const figures = said.flatMap(({ message, usage }) => usage ?? message?.usage ?? [])
    expect(rendered.usage.output_tokens).toBe(figures.at(-1)?.output_tokens)
    expect(whole(replayMessage(stored, Buffer.from(JSON.stringify(rendered)), wanted(true))!)).toEqual(rendered)
  })

  test.each(answers)('$path is the same answer after it was streamed', ({ text }) => {
    expect(whole(replayMessage(stored, Buffer.from(text), wanted(true))!)).toEqual(JSON.parse(text))
  })
})
