import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { begun, passed, provider, said, streamed, ask } from './fixtures/calls.ts'
import { Changes } from '../../hub/changes.ts'

// A folder of recorded provider traffic: whole answers as *.json, streams as *.chunks.txt with one event's JSON a line.
const folder = process.env['TEST_RECORDINGS'] ?? ''
const recordings = existsSync(folder) ? globSync('**/*.{json,txt}', { cwd: folder }).map(path => ({ path, text: readFileSync(join(folder, path), 'utf8') })) : []

interface Event {
  readonly type: string
  readonly delta?: { readonly type?: string; readonly text?: string; readonly thinking?: string; readonly stop_reason?: string }
  readonly content_block?: { readonly type: string; readonly name?: string }
  readonly usage?: { readonly input_tokens: number; readonly output_tokens: number }
}

const eventsIn = (text: string): Event[] => text.split('\n').filter(line => line.trim() !== '').map(line => JSON.parse(line) as Event)

/** One recording may hold several answers, each begun by the client again. */
function answersIn(events: readonly Event[]): Event[][] {
  const answers: Event[][] = []
  for (const event of events) {
    if (event.type === 'message_start') answers.push([])
    answers.at(-1)?.push(event)
  }
  return answers
}

const streams = recordings
  .filter(({ path, text }) => path.endsWith('.chunks.txt') && text.startsWith('{"type":"message_start"'))
  .flatMap(({ path, text }) => answersIn(eventsIn(text)).map((events, at) => ({ path: `${path} (${at})`, events })))
const answers = recordings.filter(({ path, text }) => path.endsWith('.json') && text.includes('"message"') && text.includes('"stop_reason"'))

const inEvents = (events: readonly Event[]) => Buffer.from(events.map(event => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''))

describe.skipIf(recordings.length === 0)('recorded answers', () => {
  test('are there', () => {
    expect(streams.length).toBeGreaterThan(10)
    expect(answers.length).toBeGreaterThan(5)
  })

  test.each(streams)('$path is read to its end', ({ events }) => {
    const { chunks, end } = streamed(begun({}, { stream: true }).call.reader(), inEvents(events))
    const spoken = said(chunks)
    const deltas = events.map(event => event.delta)
    expect(spoken.content).toBe(deltas.filter(delta => delta?.type === 'text_delta').map(delta => delta?.text).join(''))
    expect(spoken.thoughts).toBe(deltas.filter(delta => delta?.type === 'thinking_delta').map(delta => delta?.thinking).join(''))
    const stopped = events.find(event => event.type === 'message_delta')
    if (stopped) {
      expect(spoken.finish).not.toBeNull()
      expect(end.usage).toMatchObject({ inputUncached: stopped.usage?.input_tokens, outputText: stopped.usage?.output_tokens, source: 'final' })
    }
    const begunCalls = events.filter(event => event.content_block?.type === 'tool_use').map(event => event.content_block?.name)
    if (stopped) expect(spoken.calls.map(({ name }) => name)).toEqual(begunCalls)
    for (const call of spoken.calls) expect(JSON.parse(call.arguments)).toBeTypeOf('object')
  })

  test.each(streams)('$path passes to a client of its dialect as it is', ({ events }) => {
    const native = provider.native.messages!(Buffer.from('{"model":"m"}'), ask({ stream: true }), new Changes())
    const { bytes, end } = passed(native.reader(), inEvents(events))
    expect(bytes).toBe(inEvents(events).toString())
    expect(end.finish).toBe(events.find(event => event.delta?.stop_reason)?.delta?.stop_reason ?? end.finish)
  })

  test.each(answers)('$path is a whole answer', ({ text }) => {
    const { completion, end } = begun({}).call.answer(Buffer.from(text))
    const given = JSON.parse(text) as { content: { type: string; text?: string; name?: string }[]; usage: { input_tokens: number; output_tokens: number } }
    const message = completion.choices[0]!.message
    expect(message.content ?? '').toBe(given.content.filter(block => block.type === 'text').map(block => block.text).join(''))
    expect((message.tool_calls ?? []).map(call => call.function.name)).toEqual(given.content.filter(block => block.type === 'tool_use').map(block => block.name))
    expect(end.usage).toMatchObject({ inputUncached: given.usage.input_tokens, outputText: given.usage.output_tokens })
    expect(end.finish).toBeTypeOf('string')
  })
})
