import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { HubChunk } from '../../hub/hub.ts'
import { begun, identity } from './fixtures/asking.ts'
import { geminiProvider } from './gemini.ts'

// A folder of recorded provider traffic: whole answers as *.json, streams as *.chunks.txt with one event's JSON a line.
const folder = process.env['TEST_RECORDINGS'] ?? ''
const recordings = existsSync(folder) ? globSync('google/*.{json,txt}', { cwd: folder }).map(path => ({ path, text: readFileSync(join(folder, path), 'utf8') })) : []
const lines = (text: string) => text.split('\n').filter(line => line.trim() !== '')
const ofThisApi = recordings.filter(({ text }) => text.includes('"candidates"'))
const streams = ofThisApi.filter(({ path }) => path.endsWith('.chunks.txt'))
const answers = ofThisApi.filter(({ path }) => path.endsWith('.json'))

interface Raw {
  readonly candidates: readonly { readonly content: { readonly parts: readonly { readonly text?: string; readonly thought?: boolean; readonly functionCall?: { readonly name?: string }; readonly thoughtSignature?: string }[] } }[]
  readonly usageMetadata: { readonly promptTokenCount: number; readonly totalTokenCount: number }
}

const partsOf = (raw: readonly Raw[]) => raw.flatMap(({ candidates }) => candidates).flatMap(({ content }) => content.parts)
const textIn = (raw: readonly Raw[]) => partsOf(raw).filter(({ thought }) => thought !== true).map(({ text = '' }) => text).join('')
const namesIn = (raw: readonly Raw[]) => partsOf(raw).flatMap(({ functionCall }) => functionCall?.name ?? [])
const signaturesIn = (raw: readonly Raw[]) => partsOf(raw).flatMap(({ thoughtSignature }) => thoughtSignature ?? [])

describe.skipIf(recordings.length === 0)('recorded answers of Gemini', () => {
  test('are there', () => {
    expect(streams.length).toBeGreaterThan(3)
    expect(answers.length).toBeGreaterThan(3)
  })

  test.each(streams)('$path is read to its end', ({ text }) => {
    const raw = lines(text).map(line => JSON.parse(line) as Raw)
    const reader = begun({}, { stream: true }).reader()
    const chunks: HubChunk[] = lines(text).flatMap(data => reader.read({ raw: Buffer.from(`data: ${data}\n\n`), data }))
    chunks.push(...reader.close())
    const deltas = chunks.flatMap(({ choices }) => choices).map(({ delta }) => delta)
    const calls = deltas.flatMap(({ tool_calls: some }) => some ?? [])
    expect(deltas.map(({ content }) => content ?? '').join('')).toBe(textIn(raw))
    expect(calls.map(call => call.function?.name)).toEqual(namesIn(raw))
    for (const call of calls) expect(Object.keys(JSON.parse(call.function?.arguments ?? '') as object)).not.toEqual([])
    const signatures = deltas.flatMap(({ reasoning_details: details, tool_calls: some }) => [
      ...(details ?? []).map(({ data }) => data),
      ...(some ?? []).flatMap(({ extra_content: extra }) => (extra ? [(extra as { google: { thought_signature: string } }).google.thought_signature] : [])),
    ])
    expect(signatures).toEqual(signaturesIn(raw))
    const { usage, finish, natural } = reader.end
    expect({ finish, natural }).toEqual({ finish: calls.length > 0 ? 'tool_calls' : 'stop', natural: true })
    const { promptTokenCount, totalTokenCount } = raw.at(-1)!.usageMetadata
    expect(usage).toMatchObject({ inputUncached: promptTokenCount, source: 'final' })
    expect(usage!.inputUncached + usage!.outputText + usage!.outputReasoning).toBe(totalTokenCount)
  })

  test.each(answers)('$path is read', ({ text }) => {
    const raw = JSON.parse(text) as Raw
    const { completion, end } = begun().answer(Buffer.from(text))
    const message = completion.choices[0]!.message
    expect(message.content ?? '').toBe(textIn([raw]))
    expect((message.tool_calls ?? []).map(call => call.function.name)).toEqual(namesIn([raw]))
    expect(end).toMatchObject({ natural: true })
    expect(end.usage!.inputUncached + end.usage!.outputText + end.usage!.outputReasoning).toBe(raw.usageMetadata.totalTokenCount)
  })

  test('a recorded refusal says when to come back', () => {
    const refusal = recordings.find(({ path }) => path.includes('429'))
    const error = geminiProvider(identity).error({ status: 429, body: Buffer.from(refusal?.text ?? ''), retryAfterMs: undefined })
    expect(error).toMatchObject({ failure: 'rate', details: { retryAfterMs: 34_400 } })
  })
})
