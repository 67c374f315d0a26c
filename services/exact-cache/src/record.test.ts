import { describe, expect, test } from 'vitest'
import { ANSWER, bytesOf, entryOf } from './fixtures/entries.ts'
import { decodeRecord, encodeRecord } from './record.ts'

/** A record with this for its JSON. */
const recordWith = (json: string, claimed = Buffer.byteLength(json)): Buffer => {
  const record = Buffer.concat([Buffer.of(1, 0, 0, 0, 0), Buffer.from(json), Buffer.from('body')])
  record.writeUInt32LE(claimed, 1)
  return record
}

describe('a record', () => {
  test.each([0, 1, 70_000])('gives back the answer and its %i bytes', length => {
    const entry = entryOf(bytesOf(length))
    const found = decodeRecord(encodeRecord(entry))
    expect(found?.answer).toEqual(ANSWER)
    expect(Buffer.compare(found!.body, entry.body)).toBe(0)
  })

  test('keeps a field that this version does not know', () => {
    const known = { ...ANSWER, later: 1 }
    expect(decodeRecord(recordWith(JSON.stringify(known)))?.answer).toEqual(known)
  })

  const good = encodeRecord(entryOf('body'))
  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['text', Buffer.from('{"id":"chatcmpl-1","choices":[]}')],
    ['a shorter value than its head', good.subarray(0, 4)],
    ['a value that was cut', good.subarray(0, 60)],
    ['another version', Buffer.concat([Buffer.of(2), good.subarray(1)])],
    ['a length past the end', recordWith('{}', 0xffffffff)],
    ['JSON that is none', recordWith('{"provider":')],
    ['an answer without its time', recordWith(JSON.stringify({ ...ANSWER, storedAt: undefined }))],
    ['an answer of an unknown form', recordWith(JSON.stringify({ ...ANSWER, form: 'pieces' }))],
    ['an answer that is null', recordWith('null')],
  ])('is not seen in %s', (_, value) => {
    expect(decodeRecord(value)).toBeUndefined()
  })
})
