import { elementsOf, membersOf } from '../../json-fields.ts'
import { isRecord } from '../usage.ts'

/** How a vector is written: as numbers, or as their 32-bit floats, least byte first, in base64. */
export type Encoding = 'float' | 'base64'

const EMBEDDING: ReadonlySet<string> = new Set(['embedding'])
const QUOTE = 0x22
const OPEN_ARRAY = 0x5b
const OPEN_OBJECT = 0x7b
const FLOAT_BYTES = 4

/** How the first vector in the `data` of an answer is written; undefined where it cannot be seen. */
export function encodingIn(data: Uint8Array): Encoding | undefined {
  const [first] = elementsOf(data, 1)
  const vector = first?.[0] === OPEN_OBJECT ? membersOf(first, EMBEDDING).get('embedding') : undefined
  if (vector?.[0] === QUOTE) return 'base64'
  return vector?.[0] === OPEN_ARRAY ? 'float' : undefined
}

/** An answer with its vectors written the other way. */
export function inEncoding(answer: Readonly<Record<string, unknown>>, encoding: Encoding): Uint8Array {
  const data = Array.isArray(answer.data) ? answer.data.map((entry: unknown) => (isRecord(entry) ? { ...entry, embedding: written(entry.embedding, encoding) } : entry)) : answer.data
  return Buffer.from(JSON.stringify({ ...answer, data }))
}

function written(vector: unknown, encoding: Encoding): unknown {
  if (encoding === 'base64' && Array.isArray(vector)) {
    const bytes = Buffer.alloc(vector.length * FLOAT_BYTES)
    for (const [at, value] of vector.entries()) bytes.writeFloatLE(Number(value), at * FLOAT_BYTES)
    return bytes.toString('base64')
  }
  if (encoding === 'float' && typeof vector === 'string') {
    const bytes = Buffer.from(vector, 'base64')
    return Array.from({ length: Math.floor(bytes.length / FLOAT_BYTES) }, (_, at) => bytes.readFloatLE(at * FLOAT_BYTES))
  }
  return vector
}
