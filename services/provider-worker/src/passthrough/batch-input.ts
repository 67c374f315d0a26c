import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Change, withMembers } from '../json-fields.ts'

/** Gives the name that the provider knows a model by. */
export type Rename = (model: string) => string

interface Part {
  readonly name: string | undefined
  readonly start: number
  readonly end: number
}

const LF = 0x0a
const HEADERS_END = Buffer.from('\r\n\r\n')
// A few milliseconds of work; streams that pass through the same process wait no longer.
const BYTES_A_TURN = 512 * 1024

/** An uploaded form whose file is the input of a batch, with its models renamed; any other as it is. All other bytes stay. */
export async function withRenamedModels(body: Uint8Array, contentType: string, rename: Rename): Promise<Uint8Array> {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const parts = partsOf(bytes, contentType)
  const purpose = parts.find(({ name }) => name === 'purpose')
  const file = parts.find(({ name }) => name === 'file')
  if (!purpose || !file || bytes.toString('utf8', purpose.start, purpose.end).trim() !== 'batch') return body
  const lines = await renamedLines(bytes.subarray(file.start, file.end), rename)
  return Buffer.concat([bytes.subarray(0, file.start), ...lines, bytes.subarray(file.end)])
}

/** The parts of a form as they lie in its bytes; none when it is no form. */
function partsOf(bytes: Buffer, contentType: string): Part[] {
  const [, quoted, plain] = /^multipart\/form-data\s*;.*?\bboundary=(?:"([^"]+)"|([^\s;]+))/i.exec(contentType) ?? []
  const boundary = quoted ?? plain
  if (boundary === undefined) return []
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1')
  const parts: Part[] = []
  // The first delimiter needs no line break before it.
  let at = bytes.indexOf(delimiter.subarray(2))
  while (at !== -1) {
    const headersEnd = bytes.indexOf(HEADERS_END, at)
    if (headersEnd === -1) break
    const start = headersEnd + HEADERS_END.length
    const end = bytes.indexOf(delimiter, start - 2)
    if (end === -1) break
    parts.push({ name: nameIn(bytes.toString('utf8', at, headersEnd)), start, end: Math.max(start, end) })
    at = end + 2
  }
  return parts
}

const nameIn = (headers: string): string | undefined => /^content-disposition:.*?[;\s]name=(?:"([^"]*)"|([^\s;]+))/im.exec(headers)?.slice(1).find(name => name !== undefined)

async function renamedLines(bytes: Buffer, rename: Rename): Promise<Uint8Array[]> {
  const lines: Uint8Array[] = []
  let sinceTurn = 0
  for (let at = 0; at < bytes.length; ) {
    const next = bytes.indexOf(LF, at)
    const end = next === -1 ? bytes.length : next + 1
    lines.push(renamedLine(bytes.subarray(at, end), rename))
    sinceTurn += end - at
    at = end
    if (sinceTurn < BYTES_A_TURN) continue
    sinceTurn = 0
    await nextTurn()
  }
  return lines
}

/** What is no request stays as it is: to refuse it is up to the provider. */
function renamedLine(line: Buffer, rename: Rename): Uint8Array {
  try {
    const model: Change = current => current && renamed(current, rename)
    const body: Change = current => current && withMembers(current, new Map([['model', model]]))
    return withMembers(line, new Map([['body', body]]))
  } catch {
    return line
  }
}

function renamed(model: Uint8Array, rename: Rename): Uint8Array {
  const name: unknown = JSON.parse(Buffer.from(model).toString())
  if (typeof name !== 'string') return model
  const known = rename(name)
  return known === name ? model : Buffer.from(JSON.stringify(known))
}
