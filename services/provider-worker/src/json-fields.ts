import { GatewayError } from '@gomodel/contracts'

/** Gives a member's new value, as JSON, from the bytes of its present one; from nothing when the object has no such member. */
export type Change = (current: Uint8Array | undefined) => Uint8Array

const QUOTE = 0x22
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/**
 * A JSON object with some members changed (every occurrence) or added (at the end), all else byte for byte.
 * It is not parsed: that would lose big integers, `1.0` and duplicate keys, and cost more than the rest of the way upstream.
 */
export function withMembers(json: Uint8Array, changes: ReadonlyMap<string, Change>): Uint8Array {
  const bytes = buffer(json)
  const missing = new Set(changes.keys())
  const lengths = new Set([...missing].map(key => key.length))
  const parts: Uint8Array[] = []
  let taken = 0
  let at = skipSpace(bytes, bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0)
  if (bytes[at] !== OPEN_OBJECT) throw malformed()
  at = skipSpace(bytes, at + 1)
  const empty = bytes[at] === CLOSE_OBJECT

  while (bytes[at] !== CLOSE_OBJECT) {
    if (bytes[at] !== QUOTE) throw malformed()
    const keyEnd = stringEnd(bytes, at)
    const key = keyOf(bytes, { start: at, end: keyEnd, lengths })
    const change = key === undefined ? undefined : changes.get(key)
    at = skipSpace(bytes, keyEnd)
    if (bytes[at] !== COLON) throw malformed()
    const start = skipSpace(bytes, at + 1)
    const end = valueEnd(bytes, start)
    if (change && key !== undefined) {
      missing.delete(key)
      parts.push(bytes.subarray(taken, start), change(bytes.subarray(start, end)))
      taken = end
    }
    at = skipSpace(bytes, end)
    if (bytes[at] !== COMMA) break
    at = skipSpace(bytes, at + 1)
    if (bytes[at] === CLOSE_OBJECT) throw malformed()
  }
  if (bytes[at] !== CLOSE_OBJECT) throw malformed()

  parts.push(bytes.subarray(taken, at))
  let separator = empty ? '' : ','
  for (const key of missing) {
    const value = changes.get(key)?.(undefined)
    if (!value) continue
    parts.push(Buffer.from(`${separator}${JSON.stringify(key)}:`), value)
    separator = ','
  }
  parts.push(bytes.subarray(at))
  return Buffer.concat(parts)
}

/** The key between two quotes; undefined when its length already says that nobody asked for it. */
function keyOf(bytes: Buffer, key: { start: number; end: number; lengths: ReadonlySet<number> }): string | undefined {
  const escaped = bytes.subarray(key.start, key.end).includes(BACKSLASH)
  if (escaped) return decoded(bytes.toString('utf8', key.start, key.end))
  return key.lengths.has(key.end - key.start - 2) ? bytes.toString('latin1', key.start + 1, key.end - 1) : undefined
}

function decoded(literal: string): string {
  try {
    return String(JSON.parse(literal))
  } catch {
    throw malformed()
  }
}

/** Where the value that begins here is over. */
function valueEnd(bytes: Buffer, start: number): number {
  const first = bytes[start]
  if (first === QUOTE) return stringEnd(bytes, start)
  if (first === OPEN_OBJECT || first === OPEN_ARRAY) return nestedEnd(bytes, start)
  let at = start
  while (at < bytes.length && !endsScalar(bytes[at])) at++
  if (at === start) throw malformed()
  return at
}

function nestedEnd(bytes: Buffer, start: number): number {
  let depth = 0
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = stringEnd(bytes, at) - 1
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++
    else if ((byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) && --depth === 0) return at + 1
  }
  throw malformed()
}

/** Where the string that begins with the quote at `start` is over, its closing quote included. */
function stringEnd(bytes: Buffer, start: number): number {
  let at = start + 1
  while (at < bytes.length) {
    // Over a short way a loop beats the call of indexOf, whose case is the long string: a picture, a document.
    for (const near = at + 64; at < near; at++) {
      const byte = bytes[at]
      if (byte === QUOTE) return at + 1
      if (byte === BACKSLASH) at++
    }
    const quote = bytes.indexOf(QUOTE, at)
    if (quote === -1) break
    let before = quote
    while (before > at && bytes[before - 1] === BACKSLASH) before--
    if ((quote - before) % 2 === 0) return quote + 1
    at = quote + 1
  }
  throw malformed()
}

function skipSpace(bytes: Buffer, start: number): number {
  let at = start
  while (isSpace(bytes[at])) at++
  return at
}

const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

const endsScalar = (byte: number | undefined): boolean =>
  byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || isSpace(byte)

const buffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

const malformed = (): GatewayError => new GatewayError('invalid_request', 'the request body is not a JSON object')
