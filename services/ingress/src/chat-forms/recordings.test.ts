import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CachedAnswer } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { replay } from './replay.ts'

// A folder of recorded provider traffic: whole answers as *.json, streams as *.chunks.txt with one event's JSON a line.
const folder = process.env['TEST_RECORDINGS'] ?? ''
const recordings = existsSync(folder) ? globSync('**/*.{json,txt}', { cwd: folder }).map(path => ({ path, text: readFileSync(join(folder, path), 'utf8') })) : []
const lines = (text: string) => text.split('\n').filter(line => line.trim() !== '')
const streams = recordings.filter(({ path, text }) => path.endsWith('.chunks.txt') && lines(text).every(line => line.includes('"chat.completion.chunk"')))
const answers = recordings.filter(({ path, text }) => path.endsWith('.json') && text.includes('"chat.completion"'))

const streamed: CachedAnswer = { provider: 'recorded', form: 'stream', storedAt: 0 }
const stored: CachedAnswer = { ...streamed, form: 'whole' }
const whole = (events: Buffer) => JSON.parse(replay(streamed, events, { stream: false, includeUsage: false })!.toString()) as { choices: { message: Record<string, unknown> }[] }

/** The paths and types of all values, in lists of each element alike. */
function shapeOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return value.flatMap(element => shapeOf(element, `${path}[]`))
  if (typeof value !== 'object' || value === null) return [`${path} ${value === null ? 'null' : typeof value}`]
  return Object.entries(value).flatMap(([name, member]) => shapeOf(member, `${path}.${name}`))
}

describe.skipIf(recordings.length === 0)('recorded chat answers', () => {
  test('are there', () => {
    expect(streams.length).toBeGreaterThan(3)
    expect(answers.length).toBeGreaterThan(3)
  })

  test.each(streams)('$path is whole what its chunks say, in the shape of a whole recording', ({ path, text }) => {
    const events = Buffer.from(lines(text).map(line => `data: ${line}\n\n`).join(''))
    const rendered = whole(events)
    const deltas = lines(text).flatMap(line => (JSON.parse(line) as { choices: { delta?: Record<string, unknown> }[] }).choices).map(({ delta }) => delta)
    for (const field of ['content', 'reasoning_content']) {
      const pieces = deltas.map(delta => delta?.[field] ?? '')
      if (pieces.every(piece => typeof piece === 'string')) expect(rendered.choices[0]?.message[field] ?? '').toBe(pieces.join(''))
    }
    const like = recordings.find(other => other.path === path.replace('.chunks.txt', '.json'))
    // Beside a tool call one form says null where the other says nothing.
    const known = new Set([...shapeOf(JSON.parse(like?.text ?? 'null')), '.choices[].message.content null'])
    if (like) expect(shapeOf(rendered).filter(place => !known.has(place))).toEqual([])
    expect(replay(streamed, events, { stream: true, includeUsage: true })?.toString()).toContain('"usage":{')
    expect(whole(replay(stored, Buffer.from(JSON.stringify(rendered)), { stream: true, includeUsage: true })!)).toEqual(rendered)
  })

  test.each(answers)('$path is the same answer after it was streamed', ({ text }) => {
    const given = JSON.parse(text) as { choices: { message: { tool_calls?: { index?: number }[] } }[] }
    // DeepSeek numbers the calls of a whole answer too.
    for (const { message } of given.choices) for (const call of message.tool_calls ?? []) delete call.index
    expect(whole(replay(stored, Buffer.from(text), { stream: true, includeUsage: true })!)).toEqual(given)
  })
})
