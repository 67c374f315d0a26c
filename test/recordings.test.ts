import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startUpstream, type Upstream } from '@gomodel/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chat, post, readEvents, startStandalone, type Gateway } from './gateway.ts'

// A folder of recorded provider traffic: whole answers as *.json, streams as *.chunks.txt with one event's JSON a line.
const folder = process.env['TEST_RECORDINGS'] ?? ''
const recordings = existsSync(folder) ? globSync('**/*.{json,txt}', { cwd: folder }).map(path => ({ path, text: readFileSync(join(folder, path), 'utf8') })) : []
const lines = (text: string) => text.split('\n').filter(line => line.trim() !== '')
const streams = recordings.filter(({ path, text }) => path.endsWith('.chunks.txt') && lines(text).every(line => line.includes('"chat.completion.chunk"')))
const answers = recordings.filter(({ path, text }) => path.endsWith('.json') && text.includes('"chat.completion"'))

describe.skipIf(recordings.length === 0)('recorded traffic of the OpenAI dialect', () => {
  let upstream: Upstream
  let gateway: Gateway
  beforeAll(async () => {
    upstream = await startUpstream(undefined, ['gpt-test'])
    gateway = await startStandalone(upstream)
  })
  afterAll(async () => {
    await gateway?.stop()
    await upstream?.stop()
  })

  test('is there', () => {
    expect(streams.length).toBeGreaterThan(3)
    expect(answers.length).toBeGreaterThan(3)
  })

  test.each(streams)('$path passes event for event', async ({ text }) => {
    const events = lines(text)
    upstream.script = () => ({ events: [...events.map(event => JSON.parse(event) as unknown), '[DONE]'], writeSize: 501 })
    const body = await (await post(gateway.url, chat({ stream: true, stream_options: { include_usage: true } }))).text()
    expect(readEvents(body).events).toEqual([...events.map(event => JSON.stringify(JSON.parse(event))), '[DONE]'])
  })

  test.each(answers)('$path passes byte for byte', async ({ text }) => {
    upstream.script = () => ({ body: text, headers: { 'content-type': 'application/json' } })
    expect(await (await post(gateway.url, chat())).text()).toBe(text)
  })
})
