import { GatewayError } from '@gomodel/contracts'

/** What becomes of a member: its new value as JSON, the same under another name, or nothing, and then it is gone. */
export type NewMember = Uint8Array | { readonly name: string; readonly value: Uint8Array } | undefined

/** Says what becomes of a member from the bytes of its present value; from nothing when the object has no such member. */
export type Change = (current: Uint8Array | undefined) => NewMember

/** The values of members as they stand in the object, by name; of a name that occurs more than once, the last. */
export type Members = ReadonlyMap<string, Uint8Array>

/** A member as it lies in the bytes. */
interface Place {
  readonly name: string
  /** How many members come before it. */
  readonly ordinal: number
  /** The comma before it; of the first one, nothing. */
  readonly comma: number | undefined
  readonly key: number
  readonly value: number
  readonly end: number
  /** Where the next member begins, or the object is over. */
  readonly next: number
}

interface Scan {
  readonly bytes: Buffer
  readonly places: readonly Place[]
  readonly members: number
  /** Where the object's closing brace is. */
  readonly close: number
}

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
export const withMembers = (json: Uint8Array, changes: ReadonlyMap<string, Change>): Uint8Array => changed(scanned(json, new Set(changes.keys())), changes)

/** The same where what is to change depends on what is there: the named members are looked up and changed in one pass. */
export function withMembersSeen(json: Uint8Array, names: ReadonlySet<string>, decide: (present: Members) => ReadonlyMap<string, Change>): Uint8Array {
  const scan = scanned(json, names)
  return changed(scan, decide(valuesIn(scan)))
}

/** The values of some members of a JSON object; only the object itself is checked to be one, not what lies in it. */
export const membersOf = (json: Uint8Array, names: ReadonlySet<string>): Members => valuesIn(scanned(json, names))

/** The elements of a JSON array, up to a number; none when it is something else. */
export function elementsOf(json: Uint8Array, most = Infinity): Uint8Array[] {
  const bytes = buffer(json)
  const elements: Uint8Array[] = []
  let at = skipSpace(bytes, 0)
  if (bytes[at] !== OPEN_ARRAY) return elements
  at = skipSpace(bytes, at + 1)
  while (elements.length < most && at < bytes.length && bytes[at] !== CLOSE_ARRAY) {
    const end = valueEnd(bytes, at)
    elements.push(bytes.subarray(at, end))
    at = skipSpace(bytes, end)
    if (bytes[at] === COMMA) at = skipSpace(bytes, at + 1)
  }
  return elements
}

function scanned(json: Uint8Array, names: ReadonlySet<string>): Scan {
  const bytes = buffer(json)
  const lengths = new Set([...names].map(name => name.length))
  const places: Place[] = []
  let at = skipSpace(bytes, bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0)
  if (bytes[at] !== OPEN_OBJECT) throw malformed()
  at = skipSpace(bytes, at + 1)
  let comma: number | undefined
  let members = 0

  while (bytes[at] !== CLOSE_OBJECT) {
    if (bytes[at] !== QUOTE) throw malformed()
    const key = at
    const keyEnd = stringEnd(bytes, at)
    const name = keyOf(bytes, { start: at, end: keyEnd, lengths })
    at = skipSpace(bytes, keyEnd)
    if (bytes[at] !== COLON) throw malformed()
    const value = skipSpace(bytes, at + 1)
    const end = valueEnd(bytes, value)
    at = skipSpace(bytes, end)
    const last = bytes[at] !== COMMA
    const next = last ? at : skipSpace(bytes, at + 1)
    if (name !== undefined && names.has(name)) places.push({ name, ordinal: members, comma, key, value, end, next })
    members++
    if (last) break
    comma = at
    at = next
    if (bytes[at] === CLOSE_OBJECT) throw malformed()
  }
  if (bytes[at] !== CLOSE_OBJECT) throw malformed()
  return { bytes, places, members, close: at }
}

const valuesIn = ({ bytes, places }: Scan): Members => new Map(places.map(({ name, value, end }) => [name, bytes.subarray(value, end)]))

function changed({ bytes, places, members, close }: Scan, changes: ReadonlyMap<string, Change>): Uint8Array {
  const missing = new Set(changes.keys())
  const parts: Uint8Array[] = []
  let taken = 0
  let gone = 0
  for (const place of places) {
    const change = changes.get(place.name)
    if (!change) continue
    missing.delete(place.name)
    const result = change(bytes.subarray(place.value, place.end))
    if (result === undefined) {
      // With nothing left before it, the comma after it goes; otherwise the one before it.
      const first = place.ordinal === gone++
      const from = first ? place.key : (place.comma ?? place.key)
      if (from > taken) parts.push(bytes.subarray(taken, from))
      taken = first ? place.next : place.end
    } else if (result instanceof Uint8Array) {
      parts.push(bytes.subarray(taken, place.value), result)
      taken = place.end
    } else {
      parts.push(bytes.subarray(taken, place.key), Buffer.from(`${JSON.stringify(result.name)}:`), result.value)
      taken = place.end
    }
  }
  parts.push(bytes.subarray(taken, close))
  let separator = members > gone ? ',' : ''
  for (const name of missing) {
    const result = changes.get(name)?.(undefined)
    if (result === undefined) continue
    const [key, value] = result instanceof Uint8Array ? [name, result] : [result.name, result.value]
    parts.push(Buffer.from(`${separator}${JSON.stringify(key)}:`), value)
    separator = ','
  }
  parts.push(bytes.subarray(close))
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
