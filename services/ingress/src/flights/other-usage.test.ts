import { assert, array, asyncProperty, constantFrom, integer } from 'fast-check'
import { expect, test } from 'vitest'
import { eventsWithUsage } from '../chat-forms/events-with-usage.ts'
import { otherUsage } from './other-usage.ts'

const usage = { prompt_tokens: 1, completion_tokens: 2 }
const chunk = (choices: unknown[], more: object = {}) => `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', created: 1, model: 'm', choices, ...more })}\n\n`
const delta = (content: string) => chunk([{ index: 0, delta: { content }, finish_reason: null }])
const FINISH = chunk([{ index: 0, delta: {}, finish_reason: 'stop' }])
const DONE = 'data: [DONE]\n\n'
const without = delta('a "usage": {} b') + delta('ü') + FINISH + DONE
const including = delta('a').replace('}\n\n', ',"usage":null}\n\n') + FINISH + chunk([], { usage }) + DONE

async function* cut(text: string, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text)
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!
    yield bytes.subarray(at, at + size)
    at += size
  }
}

async function read(pieces: AsyncIterable<Uint8Array>): Promise<string[]> {
  const texts: Uint8Array[] = []
  for await (const piece of pieces) texts.push(Buffer.from(piece))
  return texts.map(text => Buffer.from(text).toString('latin1'))
}

test('an answer is told the same live as from the cache, wherever it is cut', async () => {
  await assert(asyncProperty(constantFrom(without, including), array(integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 }), async (text, sizes) => {
    const wanted = { includeUsage: text === without, usage }
    const told = eventsWithUsage(Buffer.from(text), wanted)
    const heard = await read(otherUsage(cut(text, sizes), all => eventsWithUsage(all, wanted)))
    expect(Buffer.from(heard.join(''), 'latin1').toString()).toBe(told.toString())
  }))
})

test('every event is passed on when it is complete, up to the first that differs', async () => {
  const heard = await read(otherUsage(cut(including, [1]), all => eventsWithUsage(all, { includeUsage: false, usage })))
  expect(heard).toEqual([...including.split(/(?<=\n\n)/).slice(0, 2), DONE])
})

test('what nobody said of its cost is left out', async () => {
  const heard = await read(otherUsage(cut(without, [7]), () => undefined))
  expect(Buffer.from(heard.join(''), 'latin1').toString()).toBe(without)
})
