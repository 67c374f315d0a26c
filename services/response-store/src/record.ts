import { KeptResponse } from '@gomodel/contracts'
import { Compile } from 'typebox/compile'
import type { Entry } from './store.ts'

const validator = Compile(KeptResponse)

/** A change of the layout takes the next number: what older services wrote is then not found. */
const VERSION = 1
const HEADER = 9

/** An entry as one value: version (1), the lengths of what follows as u32 LE (4 + 4), the JSON of what is known of it, its bytes. */
export function encodeRecord({ kept, body }: Entry): Buffer {
  const head = Buffer.from(JSON.stringify(kept))
  const record = Buffer.allocUnsafe(HEADER + head.length + body.length)
  record[0] = VERSION
  record.writeUInt32LE(head.length, 1)
  record.writeUInt32LE(body.length, 5)
  record.set(head, HEADER)
  record.set(body, HEADER + head.length)
  return record
}

/** Undefined when the value is not one of ours, not of this version, or not whole. The body is a view of the record. */
export function decodeRecord(record: Buffer): Entry | undefined {
  if (record.length < HEADER || record[0] !== VERSION) return undefined
  const end = HEADER + record.readUInt32LE(1)
  if (end + record.readUInt32LE(5) !== record.length) return undefined
  const kept = parsed(record.toString('utf8', HEADER, end))
  return validator.Check(kept) ? { kept: kept as KeptResponse, body: record.subarray(end) } : undefined
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
