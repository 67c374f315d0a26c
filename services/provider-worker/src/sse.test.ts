import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EventSplitter } from './sse.ts'

const split = (chunks: readonly Uint8Array[], maxBytes?: number): { raw: string; data: string }[] => {
  const splitter = new EventSplitter(maxBytes)
  const events = chunks.flatMap(chunk => splitter.push(Buffer.from(chunk)))
  const last = splitter.end()
  return [...events, ...(last ? [last] : [])].map(({ raw, data }) => ({ raw: Buffer.from(raw).toString(), data }))
}
const dataOf = (text: string): string[] => split([Buffer.from(text)]).map(({ data }) => data)

describe('server-sent events', () => {
  test.each([
    ['line feeds', 'data: a\n\ndata: b\n\n'],
    ['carriage returns', 'data: a\r\rdata: b\r\r'],
    ['both', 'data: a\r\n\r\ndata: b\r\n\r\n'],
    ['a mixture', 'data: a\r\n\ndata: b\n\r\n'],
    ['no space behind the colon', 'data:a\n\ndata:b\n\n'],
    ['comments between', ': hello\n\ndata: a\n\n:\n\n: again\ndata: b\n\n'],
    ['a byte order mark', '\ufeffdata: a\n\ndata: b\n\n'],
    ['no empty line at the end', 'data: a\n\ndata: b'],
    ['other fields', 'event: x\nid: 1\ndata: a\n\nevent: nothing\n\nretry: 10\ndata: b\n\n'],
    ['empty data', 'data:\n\ndata: a\n\ndata: \n\ndata: b\n\n'],
  ])('are cut with %s', (_, text) => {
    expect(dataOf(text)).toEqual(['a', 'b'])
  })

  test('several data lines are one, with line feeds between', () => {
    expect(dataOf('data: a\r\ndata\r\ndata:  b\r\n\r\n')).toEqual(['a\n\n b'])
    expect(dataOf('data: {"a":\ndata: 1}')).toEqual(['{"a":\n1}'])
  })

  test('an event keeps its bytes, without the comments ahead of it, and ends with an empty line', () => {
    const raws = split([Buffer.from(': hi\nevent: x\ndata: {"a": 1.0}\n\ndata: b\r\n\r\ndata: c')]).map(({ raw }) => raw)
    expect(raws).toEqual(['event: x\ndata: {"a": 1.0}\n\n', 'data: b\n\n', 'data: c\n\n'])
  })

  test('are the same wherever the network cut them', () => {
    const piece = fc.constantFrom('data: é€\u{1f600}', 'data:', ': c', 'event: x', 'data: {"a":1}', '', 'x', '\ufeff')
    const stream = fc.array(fc.tuple(piece, fc.constantFrom('\n', '\r', '\r\n', '\n\n')), { maxLength: 12 })
    fc.assert(
      fc.property(stream, fc.boolean(), (lines, mark) => {
        const bytes = Buffer.from((mark ? '\ufeff' : '') + lines.flat().join(''))
        const whole = split([bytes])
        expect(split([...bytes].map(byte => Buffer.from([byte])))).toEqual(whole)
        for (let at = 0; at <= bytes.length; at++) expect(split([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole)
      }),
    )
  })

  test('an event in many pieces comes out whole, and those given out before keep their bytes', () => {
    const splitter = new EventSplitter()
    const first = splitter.push(Buffer.from('data: first\n\ndata: se'))
    const pieces = Array.from({ length: 300 }, (_, index) => Buffer.from(`${index},`.repeat(50)))
    for (const piece of pieces) expect(splitter.push(piece)).toEqual([])
    const [second] = splitter.push(Buffer.from('\n\n'))
    expect(second?.data).toBe(`se${Buffer.concat(pieces).toString()}`)
    expect(Buffer.from(first[0]?.raw ?? []).toString()).toBe('data: first\n\n')
  })

  test('an event over the limit is an error, ended or not', () => {
    const large = Buffer.from(`data: ${'x'.repeat(100)}`)
    expect(() => split([large], 50)).toThrow('larger than 50 bytes')
    expect(() => split([Buffer.concat([large, Buffer.from('\n\n')])], 50)).toThrow('larger than 50 bytes')
    expect(() => split([...large].map(byte => Buffer.from([byte])), 50)).toThrow('larger than 50 bytes')
    expect(split(Array.from({ length: 20 }, () => Buffer.from('data: short\n\n')), 50)).toHaveLength(20)
  })
})
