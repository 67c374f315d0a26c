import * as fc from 'fast-check'
import { NO_TOKENS } from '@gomodel/contracts'
import { describe, expect, test } from 'vitest'
import { Changes } from '../../hub/changes.ts'
import type { HubChunk } from '../../hub/hub.ts'
import { translated } from '../../dialects/translated.ts'
import { chatDialect } from '../../dialects/chat.ts'
import { EventSplitter } from '../../sse.ts'
import { begun, bytesOf, identity, request } from './fixtures/asking.ts'
import { HEAD, USAGE, blocked, candidate, events, functionCall, piece, unavailable } from './fixtures/answers.ts'
import { geminiProvider } from './gemini.ts'

const STREAM = { stream: true }

function reading(n?: number) {
  const reader = begun(n === undefined ? {} : { n }, STREAM).reader()
  const read = (said: unknown): readonly HubChunk[] => {
    const data = typeof said === 'string' ? said : JSON.stringify(said)
    return reader.read({ raw: Buffer.from(`data: ${data}\n\n`), data })
  }
  return { reader, read, deltas: (said: unknown) => read(said).flatMap(({ choices }) => choices).map(({ delta }) => delta) }
}

describe('a stream', () => {
  test('is told as it comes, the role once, and ends with the connection', () => {
    const { reader, read } = reading()
    expect(read(piece([{ text: 'Hello' }]))).toEqual([
      { id: 'resp_1', object: 'chat.completion.chunk', created: 1775149430, model: 'gemini-3-pro-preview', choices: [{ index: 0, delta: { role: 'assistant', content: 'Hello' }, finish_reason: null }] },
    ])
    expect(() => reader.close()).toThrow('ended its answer early')
    expect(read(piece([{ text: '' }]))).toEqual([])
    expect(read(piece([{ text: ' there' }], { finishReason: 'STOP' }))).toMatchObject([{ choices: [{ delta: { content: ' there' }, finish_reason: 'stop' }] }])
    expect(reader.done).toBe(false)
    expect(reader.close()).toEqual([])
    expect(reader.end).toEqual({ usage: { ...NO_TOKENS, inputUncached: 10, outputText: 5, outputReasoning: 20, source: 'final' }, finish: 'stop', natural: true })
  })

  test('has thoughts apart, and a signature also on an empty text', () => {
    const { deltas } = reading()
    expect(deltas(piece([{ text: 'Hm', thought: true }]))).toEqual([{ role: 'assistant', reasoning_content: 'Hm' }])
    expect(deltas(piece([{ text: '', thoughtSignature: 'one' }]))).toEqual([{ reasoning_details: [{ type: 'reasoning.encrypted', data: 'one', format: 'google-gemini-v1', index: 0 }] }])
    expect(deltas(piece([{ text: '', thoughtSignature: 'two' }], { finishReason: 'STOP' }))).toEqual([{ reasoning_details: [{ type: 'reasoning.encrypted', data: 'two', format: 'google-gemini-v1', index: 1 }] }])
  })

  test('has calls of tools whole, counted over all its pieces', () => {
    const { reader, deltas, read } = reading()
    expect(deltas(piece([functionCall('weather', { city: 'Bonn' }, { thoughtSignature: 'sig' }), functionCall('now', {})]))).toEqual([
      {
        role: 'assistant',
        tool_calls: [
          { index: 0, id: 'call_resp_1_0_0', type: 'function', function: { name: 'weather', arguments: '{"city":"Bonn"}' }, extra_content: { google: { thought_signature: 'sig' } } },
          { index: 1, id: 'call_resp_1_0_1', type: 'function', function: { name: 'now', arguments: '{}' } },
        ],
      },
    ])
    expect(deltas(piece([functionCall('now', {})]))).toMatchObject([{ tool_calls: [{ index: 2, id: 'call_resp_1_0_2' }] }])
    expect(read(piece([{ text: '' }], { finishReason: 'STOP' }))).toMatchObject([{ choices: [{ delta: {}, finish_reason: 'tool_calls' }] }])
    expect(reader.end).toMatchObject({ finish: 'tool_calls', natural: true })
  })

  test('keeps the last running total, also after the end, and calls it partial while there is none', () => {
    const { reader, read } = reading()
    read({ ...piece([{ text: 'a' }]), usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 1 } })
    expect(reader.end.usage).toMatchObject({ inputUncached: 10, outputText: 1, source: 'partial' })
    read({ ...piece([{ text: 'b' }], { finishReason: 'STOP' }), usageMetadata: { trafficType: 'ON_DEMAND' } })
    expect(reader.end.usage).toMatchObject({ outputText: 1, source: 'final' })
    expect(read({ ...piece([{ text: 'late' }]), usageMetadata: USAGE })).toEqual([])
    expect(reader.end.usage).toMatchObject({ outputText: 5, source: 'final' })
  })

  test('of several candidates is whole when all have ended', () => {
    const { reader, read } = reading(2)
    read({ candidates: [candidate([{ text: 'a' }], { finishReason: 'STOP' }), candidate([{ text: 'b' }], { index: 1 })], ...HEAD })
    expect(() => reader.close()).toThrow('ended its answer early')
    expect(read({ candidates: [candidate([{ text: 'late' }]), candidate([{ text: 'c' }], { index: 1, finishReason: 'MAX_TOKENS' })], ...HEAD })).toMatchObject([
      { choices: [{ index: 1, delta: { content: 'c' }, finish_reason: 'length' }] },
    ])
    expect(reader.close()).toEqual([])
    expect(reader.end).toMatchObject({ finish: 'stop', natural: false })
  })

  test('of fewer candidates than were asked for has not come to its natural end', () => {
    const { reader, read } = reading(2)
    read(piece([{ text: 'a' }], { finishReason: 'STOP' }))
    expect(reader.close()).toEqual([])
    expect(reader.end).toMatchObject({ finish: 'stop', natural: false })
  })

  test('that Gemini refuses to begin is one empty choice, filtered', () => {
    const { reader, read } = reading()
    expect(read(blocked)).toMatchObject([{ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: 'content_filter', native_finish_reason: 'PROHIBITED_CONTENT' }] }])
    expect(reader.close()).toEqual([])
    expect(reader.end).toMatchObject({ finish: 'content_filter', natural: false })
  })

  test('cites at its end', () => {
    const { deltas } = reading()
    const groundingMetadata = { groundingChunks: [{ web: { uri: 'https://a.example', title: 'A' } }], groundingSupports: [{ segment: { endIndex: 5 }, groundingChunkIndices: [0] }] }
    expect(deltas(piece([{ text: 'Kö' }], { groundingMetadata }))).toEqual([{ role: 'assistant', content: 'Kö' }])
    expect(deltas(piece([{ text: 'ln' }], { finishReason: 'STOP' }))).toEqual([
      { content: 'ln', annotations: [{ type: 'url_citation', url_citation: { url: 'https://a.example', title: 'A', start_index: 0, end_index: 4 } }] },
    ])
  })

  test.each([
    ['an error', unavailable, 'overload', 'provider_failed'],
    ['an error in a list', [unavailable], 'overload', 'provider_failed'],
    ['an error without a number', { error: { message: 'slow down', status: 'RESOURCE_EXHAUSTED' } }, 'rate', 'rate_limited'],
    ['a bad end', piece([], { finishReason: 'MALFORMED_FUNCTION_CALL' }), 'misspoke', 'provider_failed'],
    ['half an object', '{"candidates":[', 'transport', 'provider_failed'],
    ['no object', '5', 'transport', 'provider_failed'],
  ])('fails with %s', (_, said, failure, code) => {
    const { read } = reading()
    read(piece([{ text: 'a' }]))
    expect(() => read(said)).toThrow(expect.objectContaining({ failure, code }))
  })

  test('that is whole does not fail any more; one that waits for another candidate does', () => {
    const end = piece([{ text: 'a' }], { finishReason: 'STOP' })
    const one = reading()
    one.read(end)
    expect(one.read(unavailable)).toEqual([])
    const two = reading(2)
    two.read(end)
    expect(() => two.read(unavailable)).toThrow(expect.objectContaining({ failure: 'overload' }))
  })

  test('is not whole when nothing came', () => {
    expect(() => reading().reader.close()).toThrow(expect.objectContaining({ failure: 'transport' }))
  })
})

describe('a call that comes in pieces', () => {
  const call = (said: object, more: object = {}) => piece([{ functionCall: said, ...more }])
  const value = (jsonPath: string, said: object) => call({ partialArgs: [{ jsonPath, ...said }], willContinue: true })

  test('is told whole at its end, with the signature of its first piece', () => {
    const { deltas } = reading()
    for (const said of [
      call({ name: 'cook', willContinue: true }, { thoughtSignature: 'sig' }),
      value('$.title', { stringValue: 'So', willContinue: true }),
      value('$.title', { stringValue: 'up' }),
      value('$.steps[0].text', { stringValue: 'Boil' }),
      value('$.steps[0].minutes', { numberValue: 3 }),
      value('$.steps[1].text', { stringValue: 'Eat' }),
      value("$['with salt'].__proto__", { boolValue: true }),
      value('$.rest', { nullValue: null }),
    ]) expect(deltas(said).flatMap(({ tool_calls: calls }) => calls ?? [])).toEqual([])
    expect(deltas(call({}))).toEqual([
      {
        tool_calls: [
          {
            index: 0,
            id: 'call_resp_1_0_0',
            type: 'function',
            function: { name: 'cook', arguments: '{"title":"Soup","steps":[{"text":"Boil","minutes":3},{"text":"Eat"}],"with salt":{"__proto__":true},"rest":null}' },
            extra_content: { google: { thought_signature: 'sig' } },
          },
        ],
      },
    ])
  })

  test('is over when the next begins, or the answer ends', () => {
    const { deltas, read } = reading()
    deltas(call({ name: 'a', willContinue: true }))
    expect(deltas(call({ name: 'b', willContinue: true }))).toMatchObject([{ tool_calls: [{ index: 0, function: { name: 'a', arguments: '{}' } }] }])
    expect(read(piece([], { finishReason: 'STOP' }))).toMatchObject([{ choices: [{ delta: { tool_calls: [{ index: 1, function: { name: 'b' } }] }, finish_reason: 'tool_calls' }] }])
  })

  test.each(['$.list[1000000]', '$', 'list', '$.list.x', '$.text.x', '$.a b[', '$[0]'])('is refused where a piece fits nowhere: %s', path => {
    const { read } = reading()
    read(call({ name: 'f', willContinue: true }))
    read(value('$.list[0]', { stringValue: 'a' }))
    read(value('$.text', { stringValue: 'a' }))
    expect(() => read(value(path, { stringValue: 'b' }))).toThrow(expect.objectContaining({ failure: 'protocol' }))
  })
})

describe('the client', () => {
  const ALL = events(
    piece([{ text: 'Grüße, 世界 ', thought: true }]),
    piece([{ text: 'Ünïcödé 🙂' }]),
    piece([functionCall('f', { x: '🙂' }, { thoughtSignature: 'sig' })]),
    { candidates: [candidate([{ text: '' }], { finishReason: 'STOP' })], usageMetadata: USAGE, ...HEAD },
  )

  function told(chunks: readonly Uint8Array[]): string {
    const asked = { ...request, ...STREAM, includeUsage: true }
    const body = bytesOf({ model: 'm', messages: [{ role: 'user', content: 'a' }], stream: true })
    const reader = translated(chatDialect, geminiProvider(identity).chat, { body, request: asked, changes: new Changes() }).reader()
    const splitter = new EventSplitter()
    const out = chunks.flatMap(chunk => splitter.push(Buffer.from(chunk))).map(event => reader.read(event))
    const last = splitter.end()
    if (last) out.push(reader.read(last))
    return Buffer.concat([...out.filter(bytes => bytes !== undefined), reader.close()]).toString()
  }

  test('gets the same wherever the bytes are cut', () => {
    const expected = told([ALL])
    expect(expected).toMatch(/"content":"Ünïcödé 🙂".*"usage":\{"prompt_tokens":10,"completion_tokens":25.*\n\ndata: \[DONE\]\n\n$/s)
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: ALL.length - 1 }), { maxLength: 30 }), cuts => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), ALL.length]
        expect(told(at.slice(1).map((end, index) => ALL.subarray(at[index], end)))).toBe(expected)
      }),
    )
  })
})
