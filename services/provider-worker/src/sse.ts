import { GatewayError } from '@gomodel/contracts'

/** One server-sent event. */
export interface SseEvent {
  /** Its bytes as they came, without comments ahead of it, ended by an empty line of two line feeds. */
  readonly raw: Uint8Array
  /** Its data lines, joined. */
  readonly data: string
}

const LF = 0x0a
const CR = 0x0d
const COLON = 0x3a
const DATA = Buffer.from('data:')
const BLANK = Buffer.from('\n\n')
const BOM = Buffer.from([0xef, 0xbb, 0xbf])
const MAX_EVENT_BYTES = 16 * 1024 * 1024
const EMPTY = Buffer.alloc(0)

/** Cuts a stream of bytes into server-sent events, wherever the network cut it. Events without data are left out. */
export class EventSplitter {
  readonly #maxBytes: number
  /** What is not yet given out: the begun event, in a buffer with room to grow. */
  #pending = EMPTY
  #length = 0
  /** Where the search for line ends goes on, and where the line it is in began. */
  #searchAt = 0
  #lineAt = 0
  /** Past the byte order mark in the first bytes, else 0. */
  #eventAt = 0
  #lines = 0
  #afterCr = false
  #begun = false

  constructor(maxBytes = MAX_EVENT_BYTES) {
    this.#maxBytes = maxBytes
  }

  /** Takes the next bytes and gives the events that they complete. */
  push(chunk: Uint8Array): SseEvent[] {
    const bytes = this.#joined(chunk)
    if (!this.#begun && !this.#begin(bytes)) return []
    const events: SseEvent[] = []
    let at = this.#searchAt
    let lineAt = this.#lineAt
    let eventAt = this.#eventAt
    let lf = find(bytes, LF, at)
    let cr = find(bytes, CR, at)
    while (lf !== Infinity || cr !== Infinity) {
      const end = Math.min(lf, cr)
      const secondHalf = end === lineAt && bytes[end] === LF && this.#afterCr
      if (secondHalf) {
        if (eventAt === end) eventAt = end + 1
      } else if (end > lineAt) {
        this.#lines++
      } else {
        const event = this.#event(bytes, eventAt, end)
        if (event) events.push(event)
        this.#lines = 0
        eventAt = end + 1
      }
      this.#afterCr = bytes[end] === CR
      at = lineAt = end + 1
      if (lf < at) lf = find(bytes, LF, at)
      if (cr < at) cr = find(bytes, CR, at)
    }
    this.#keep(bytes, eventAt, lineAt)
    return events
  }

  /** The last bytes were a part of an event: a comment is none. */
  get amidEvent(): boolean {
    return this.#length > 0 && this.#pending[0] !== COLON
  }

  /** Gives what the closed stream left unended, if that is an event. */
  end(): SseEvent | undefined {
    const bytes = this.#pending.subarray(0, this.#length)
    if (this.#lineAt < this.#length) this.#lines++
    this.#length = 0
    return this.#event(bytes, 0, bytes.length)
  }

  /** The begun event and the new bytes in one piece. Without a begun event nothing is copied. */
  #joined(chunk: Uint8Array): Buffer {
    if (this.#length === 0) return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const length = this.#length + chunk.length
    if (length > this.#pending.length) {
      const roomy = Buffer.allocUnsafeSlow(length * 2)
      this.#pending.copy(roomy, 0, 0, this.#length)
      this.#pending = roomy
    }
    this.#pending.set(chunk, this.#length)
    return this.#pending.subarray(0, length)
  }

  /** Drops the byte order mark that a stream may begin with; false while it may still turn out to be one. */
  #begin(bytes: Buffer): boolean {
    const head = bytes.subarray(0, BOM.length)
    const maybe = BOM.subarray(0, head.length).equals(head)
    if (maybe && head.length < BOM.length) {
      this.#keep(bytes, 0, 0)
      this.#searchAt = 0
      return false
    }
    this.#begun = true
    if (maybe) this.#searchAt = this.#lineAt = this.#eventAt = BOM.length
    return true
  }

  #keep(bytes: Buffer, eventAt: number, lineAt: number): void {
    const rest = bytes.length - eventAt
    if (rest > this.#maxBytes) throw tooLarge(this.#maxBytes)
    // Events already given out point into their buffer, so what follows them needs one of its own.
    if (eventAt > 0 || this.#length === 0) this.#pending = rest === 0 ? EMPTY : Buffer.from(bytes.subarray(eventAt))
    this.#length = rest
    this.#searchAt = rest
    this.#lineAt = lineAt - eventAt
    this.#eventAt = 0
  }

  #event(bytes: Buffer, start: number, blankAt: number): SseEvent | undefined {
    if (blankAt - start > this.#maxBytes) throw tooLarge(this.#maxBytes)
    let from = start
    let lines = this.#lines
    while (bytes[from] === COLON && from < blankAt) {
      from = Math.min(find(bytes, LF, from), find(bytes, CR, from), blankAt - 1) + 1
      if (bytes[from - 1] === CR && bytes[from] === LF) from++
      lines--
    }
    let end = blankAt
    while (end > from && (bytes[end - 1] === LF || bytes[end - 1] === CR)) end--
    const data = lines <= 1 ? dataOfLine(bytes, from, end) : dataOfLines(bytes.toString('utf8', from, end))
    if (!data) return undefined
    const plain = end === blankAt - 1 && bytes[end] === LF && bytes[blankAt] === LF
    return { raw: plain ? bytes.subarray(from, blankAt + 1) : Buffer.concat([bytes.subarray(from, end), BLANK]), data }
  }
}

function dataOfLine(bytes: Buffer, start: number, end: number): string | undefined {
  for (let index = 0; index < DATA.length; index++) if (bytes[start + index] !== DATA[index]) return undefined
  const from = start + DATA.length
  return bytes.toString('utf8', bytes[from] === 0x20 ? from + 1 : from, end)
}

function dataOfLines(text: string): string {
  const values = text.split(/\r\n|\r|\n/).filter(line => line === 'data' || line.startsWith('data:'))
  return values.map(line => line.slice(line[5] === ' ' ? 6 : 5)).join('\n')
}

const find = (bytes: Buffer, byte: number, from: number): number => {
  const at = bytes.indexOf(byte, from)
  return at === -1 ? Infinity : at
}

const tooLarge = (maxBytes: number): GatewayError =>
  new GatewayError('provider_failed', `an event of the answer is larger than ${maxBytes} bytes`)
