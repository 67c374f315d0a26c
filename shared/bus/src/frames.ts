import { TOKEN_LENGTH } from './subjects.ts'

/** The first byte of every message of an exchange. A STREAM frame carries its sections as bits in the low half. */
export const KIND = { stream: 0x10, accept: 0x20, reject: 0x21, state: 0x22, cancel: 0x23, resume: 0x24, open: 0x25, body: 0x26 } as const
export const SECTION = { head: 1, data: 2, end: 4, error: 8 } as const

const SECTION_BITS = 0x0f
const HEADER = 5
const NO_BYTES = Buffer.alloc(0)

/** One numbered frame of a stream, in either direction. */
export interface StreamFrame {
  readonly seq: number
  readonly head: Buffer | undefined
  readonly data: Buffer | undefined
  readonly end: Buffer | undefined
  readonly error: Buffer | undefined
}

export const isStream = (message: Buffer) => (message[0]! & ~SECTION_BITS) === KIND.stream

/**
 * Layout: kind and sections (1), seq u32 LE (4), then the sections in the order head, data, end, error, each but the last with its length as
 * u32 LE before it. `prefix` goes before it all and is not part of the frame.
 */
export function encodeStream(prefix: Buffer, seq: number, sections: { head?: Buffer | undefined; data?: readonly Uint8Array[]; dataBytes: number; end?: Buffer | undefined; error?: Buffer | undefined }): Buffer {
  const { head, data = [], dataBytes, end, error } = sections
  const hasData = dataBytes > 0
  const count = (head ? 1 : 0) + (hasData ? 1 : 0) + (end ? 1 : 0) + (error ? 1 : 0)
  const size = prefix.length + HEADER + Math.max(0, count - 1) * 4 + (head?.length ?? 0) + dataBytes + (end?.length ?? 0) + (error?.length ?? 0)
  const frame = Buffer.allocUnsafe(size)
  prefix.copy(frame)
  let at = prefix.length
  frame[at++] = KIND.stream | (head ? SECTION.head : 0) | (hasData ? SECTION.data : 0) | (end ? SECTION.end : 0) | (error ? SECTION.error : 0)
  at = frame.writeUInt32LE(seq, at)
  let left = count
  const lengthOf = (bytes: number) => {
    if (--left > 0) at = frame.writeUInt32LE(bytes, at)
  }
  if (head) {
    lengthOf(head.length)
    at += head.copy(frame, at)
  }
  if (hasData) {
    lengthOf(dataBytes)
    for (const piece of data) {
      frame.set(piece, at)
      at += piece.length
    }
  }
  for (const last of [end, error]) {
    if (!last) continue
    lengthOf(last.length)
    at += last.copy(frame, at)
  }
  return frame
}

/** Reads a frame; throws a RangeError on one that is malformed. */
export function decodeStream(message: Buffer, offset = 0): StreamFrame {
  let left = 0
  const bits = message.readUInt8(offset)
  for (let bit = 1; bit <= SECTION.error; bit <<= 1) if (bits & bit) left++
  const seq = message.readUInt32LE(offset + 1)
  let at = offset + HEADER
  const section = (bit: number): Buffer | undefined => {
    if (!(bits & bit)) return undefined
    let end = message.length
    if (--left > 0) {
      end = at + 4 + message.readUInt32LE(at)
      at += 4
    }
    if (end > message.length) throw new RangeError('a frame is shorter than it says')
    const bytes = message.subarray(at, end)
    at = end
    return bytes
  }
  return { seq, head: section(SECTION.head), data: section(SECTION.data), end: section(SECTION.end), error: section(SECTION.error) }
}

/** The number of a frame, also of one that cannot be read; undefined when it is not even long enough for that. */
export const seqOf = (message: Buffer) => (message.length < HEADER ? undefined : message.readUInt32LE(1))

/** What one end knows of both directions of one exchange; repeating it is harmless. */
export interface StateEntry {
  readonly attempt: string
  /** The last frame received in order. */
  readonly ack: number
  /** Bytes that the peer may have sent in total. */
  readonly granted: number
  /** The last frame sent. */
  readonly last: number
}

/** In the `ack` of an answer to a probe: this exchange is not known here. */
export const UNKNOWN = 0xffffffff
export const ENTRY_BYTES = TOKEN_LENGTH + 16

export function encodeState(entries: readonly StateEntry[]): Buffer {
  const message = Buffer.allocUnsafe(1 + entries.length * ENTRY_BYTES)
  message[0] = KIND.state
  let at = 1
  for (const entry of entries) {
    at += message.write(entry.attempt, at, 'latin1')
    at = message.writeUInt32LE(entry.ack, at)
    at = message.writeDoubleLE(entry.granted, at)
    at = message.writeUInt32LE(entry.last, at)
  }
  return message
}

export function decodeState(message: Buffer): StateEntry[] {
  const entries: StateEntry[] = []
  for (let at = 1; at + ENTRY_BYTES <= message.length; at += ENTRY_BYTES) {
    const numbers = at + TOKEN_LENGTH
    entries.push({
      attempt: message.toString('latin1', at, numbers),
      ack: message.readUInt32LE(numbers),
      granted: message.readDoubleLE(numbers + 4),
      last: message.readUInt32LE(numbers + 12),
    })
  }
  return entries
}

/** A message about one exchange, sent to a worker's one subject: kind, attempt, and a number where the kind has one. */
export function encodeControl(kind: number, attempt: string, value = 0): Buffer {
  const message = Buffer.allocUnsafe(1 + TOKEN_LENGTH + 4)
  message[0] = kind
  message.write(attempt, 1, 'latin1')
  message.writeUInt32LE(value, 1 + TOKEN_LENGTH)
  return message
}

/** A worker took the exchange and has room for so many bytes of a body that follows. */
export function encodeAccept(granted: number): Buffer {
  const message = Buffer.allocUnsafe(9)
  message[0] = KIND.accept
  message.writeDoubleLE(granted, 1)
  return message
}

/** A worker misses a body frame: everything from it on is to be sent again. */
export function encodeBodyResume(seq: number): Buffer {
  const message = Buffer.allocUnsafe(5)
  message[0] = KIND.resume
  message.writeUInt32LE(seq, 1)
  return message
}

export const attemptOf = (message: Buffer) => message.toString('latin1', 1, 1 + TOKEN_LENGTH)
export const valueOf = (message: Buffer) => message.readUInt32LE(1 + TOKEN_LENGTH)

/** What comes before each body frame on a worker's one subject. */
export const bodyPrefix = (attempt: string) => Buffer.concat([Buffer.of(KIND.body), Buffer.from(attempt, 'latin1')])
export const BODY_OFFSET = 1 + TOKEN_LENGTH
export const NO_PREFIX = NO_BYTES

/** A kind, a length, that many bytes of JSON, then raw bytes. */
export function encodeWithJson(kind: number, json: unknown, raw: Uint8Array = NO_BYTES): Buffer {
  const head = JSON.stringify(json)
  const headBytes = Buffer.byteLength(head)
  const message = Buffer.allocUnsafe(HEADER + headBytes + raw.length)
  message[0] = kind
  message.writeUInt32LE(headBytes, 1)
  message.write(head, HEADER)
  if (raw.length > 0) message.set(raw, HEADER + headBytes)
  return message
}

export function decodeWithJson(message: Buffer): { json: unknown; raw: Buffer } {
  const end = HEADER + message.readUInt32LE(1)
  return { json: JSON.parse(message.toString('utf8', HEADER, end)) as unknown, raw: message.subarray(end) }
}
