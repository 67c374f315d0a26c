import { CachedAnswer } from '@gomodel/contracts'
import { Compile } from 'typebox/compile'
import type { Entry } from './store.ts'

const validator = Compile(CachedAnswer)

/** A change of the layout takes the next number: what older services wrote is then a miss. */
const VERSION = 1
const HEADER = 5

/** How much of a record holds the answer beside its bytes, told by its beginning; 0 when it is none of ours. */
export const headLength = (beginning: Buffer): number => (beginning.length < HEADER || beginning[0] !== VERSION ? 0 : HEADER + beginning.readUInt32LE(1))

/** An entry as one value: version (1), the length of the JSON as u32 LE (4), the JSON of the answer, its bytes. */
export function encodeRecord({ answer, body }: Entry): Buffer {
  const head = Buffer.from(JSON.stringify(answer))
  const record = Buffer.allocUnsafe(HEADER + head.length + body.length)
  record[0] = VERSION
  record.writeUInt32LE(head.length, 1)
  record.set(head, HEADER)
  record.set(body, HEADER + head.length)
  return record
}

/** Undefined when the value is not one of ours, or not of this version. The body is a view of the record. */
export function decodeRecord(record: Buffer): Entry | undefined {
  if (record.length < HEADER || record[0] !== VERSION) return undefined
  const end = HEADER + record.readUInt32LE(1)
  if (end > record.length) return undefined
  const answer = parsed(record.toString('utf8', HEADER, end))
  return validator.Check(answer) ? { answer: answer as CachedAnswer, body: record.subarray(end) } : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
