import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { NO_TOKENS } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { Changes } from '../hub/changes.ts'
import { EventSplitter } from '../sse.ts'
import { nativeResponses } from './responses.ts'

/** A folder of recorded provider traffic, `<provider>/*.json` and `*.chunks.txt` with one event's JSON per line. */
const folder = process.env.TEST_RECORDINGS

const recorded = (ending: string, marks: RegExp) =>
  folder === undefined
    ? []
    : globSync(`{openai,azure,xai}/*${ending}`, { cwd: folder })
        .map(name => ({ name, text: readFileSync(join(folder, name), 'utf8').trim() }))
        .filter(({ text }) => marks.test(text) && (ending === '.json' || text.split('\n').every(isJson)))

// One of the recordings was written by hand, with a brace missing.
function isJson(line: string): boolean {
  try {
    return JSON.parse(line) !== undefined
  } catch {
    return false
  }
}

const begin = () => {
  const identity = { name: 'openai', type: 'openai', apiKey: 'sk-test-1234', baseUrl: 'http://x' }
  return nativeResponses(identity)(Buffer.from('{"model":"m"}'), { requestId: 'r', endpoint: 'responses', model: 'm', stream: true, includeUsage: false }, new Changes())
}

describe.skipIf(folder === undefined)('what providers really sent', () => {
  test('is there', () => {
    expect(recorded('.json', /"object": ?"response"/).length).toBeGreaterThan(10)
    expect(recorded('.chunks.txt', /"response\.created"/).length).toBeGreaterThan(10)
  })

  test.each(recorded('.json', /"object": ?"response"/))('is read as a whole: $name', ({ text }) => {
    const { bytes, end } = begin().answer(Buffer.from(text))
    expect(Buffer.from(bytes).toString()).toBe(text)
    expect(end).toMatchObject({ usage: { source: 'final' }, finish: 'completed', natural: true })
    expect(end.usage).not.toEqual({ ...NO_TOKENS, source: 'final' })
  })

  test.each(recorded('.chunks.txt', /"response\.created"/))('is read as a stream: $name', ({ text }) => {
    const stream = Buffer.from(text.split('\n').map(line => `data: ${line}\n\n`).join(''))
    const reader = begin().reader()
    const read = () => Buffer.concat([...new EventSplitter().push(stream).map(event => reader.read(event) ?? Buffer.alloc(0)), reader.close()])
    if (text.includes('"response.failed"')) return void expect(read).toThrow(expect.objectContaining({ failure: 'key' }))
    expect(read().toString()).toBe(stream.toString())
    expect(reader.speaking).toBe(true)
    expect(reader.end).toMatchObject({ usage: { source: 'final' }, finish: 'completed', natural: true })
  })
})
