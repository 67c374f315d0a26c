import { bodyPrefix, encodeStream } from './frames.ts'

const BODY_FRAME_BYTES = 128 * 1024
const NOTHING = Buffer.alloc(0)

interface SentFrame {
  readonly seq: number
  readonly frame: Buffer
}

/**
 * The sending end of one stream: what is queued, what may leave under the credit given, and what was sent but not yet acknowledged, which is
 * both the window and the replay buffer. Pure: it makes frames and sends nothing.
 */
export class Sender {
  readonly #prefix: Buffer
  /** What a frame has room for. */
  readonly maxFrame: number
  #granted: number
  #sentBytes = 0
  #head: Buffer | undefined
  #data: Uint8Array[] = []
  #dataBytes = 0
  #end: Buffer | undefined
  #error: Buffer | undefined
  #closed = false
  #ended = false
  #seq = 0
  #acked = 0
  #unacked: SentFrame[] = []

  constructor(options: { prefix: Buffer; granted: number; maxFrame: number }) {
    this.#prefix = options.prefix
    this.#granted = options.granted
    this.maxFrame = options.maxFrame
  }

  /** The number of the last frame made. */
  get last(): number {
    return this.#seq
  }

  /** The credit for what is queued is used up. */
  get blocked(): boolean {
    return this.#dataBytes > this.#granted - this.#sentBytes
  }

  /** The closing frame was made and everything was acknowledged. */
  get settled(): boolean {
    return this.#ended && this.#acked === this.#seq
  }

  /** A frame has room for a head, an end or an error of this size. */
  fits(section: Buffer): boolean {
    return section.length <= this.maxFrame
  }

  head(bytes: Buffer): void {
    if (!this.#closed) this.#head = bytes
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || bytes.length === 0) return
    this.#data.push(bytes)
    this.#dataBytes += bytes.length
  }

  end(bytes: Buffer): void {
    if (!this.#closed) this.#end = bytes
    this.#closed = true
  }

  fail(bytes: Buffer): void {
    if (!this.#closed) this.#error = bytes
    this.#closed = true
  }

  /** Nobody waits any more: nothing is kept, nothing more is taken. */
  discard(): void {
    this.#closed = true
    this.#data = []
    this.#dataBytes = 0
    this.#unacked = []
  }

  /** The frames that may leave now, in order. Adjacent writes become one frame. */
  take(): Buffer[] {
    const frames: Buffer[] = []
    while (!this.#ended) {
      const room = this.maxFrame - (this.#head?.length ?? 0)
      const bytes = Math.min(this.#dataBytes, this.#granted - this.#sentBytes, room)
      const closing = this.#closed && bytes === this.#dataBytes && bytes + (this.#end ?? this.#error ?? NOTHING).length <= room
      if (bytes <= 0 && !closing && !this.#head) break
      const frame = encodeStream(this.#prefix, ++this.#seq, {
        head: this.#head,
        data: this.#cut(bytes),
        dataBytes: bytes,
        ...(closing && { end: this.#end, error: this.#error }),
      })
      this.#head = undefined
      this.#sentBytes += bytes
      this.#ended = closing
      this.#unacked.push({ seq: this.#seq, frame })
      frames.push(frame)
    }
    return frames
  }

  /** The peer has everything up to `ack` and room for `granted` bytes in total. */
  acknowledge(ack: number, granted: number): void {
    if (granted > this.#granted) this.#granted = granted
    if (ack <= this.#acked || ack > this.#seq) return
    this.#acked = ack
    const keep = this.#unacked.findIndex(sent => sent.seq > ack)
    this.#unacked = keep < 0 ? [] : this.#unacked.slice(keep)
  }

  /** The frames from `seq` on, once more. */
  resend(seq: number): Buffer[] {
    return this.#unacked.filter(sent => sent.seq >= seq).map(sent => sent.frame)
  }

  #cut(bytes: number): Uint8Array[] {
    this.#dataBytes -= bytes
    if (this.#dataBytes === 0) {
      const all = this.#data
      this.#data = []
      return all
    }
    const pieces: Uint8Array[] = []
    let left = bytes
    while (left > 0) {
      const first = this.#data[0]!
      if (first.length <= left) pieces.push(this.#data.shift()!)
      else {
        pieces.push(first.subarray(0, left))
        this.#data[0] = first.subarray(left)
      }
      left -= pieces.at(-1)!.length
    }
    return pieces
  }
}

/** A request body that follows its opening in pieces, as the worker gives credit for them. */
export function bodySender(attempt: string, body: Uint8Array, maxFrame: number): Sender {
  const sender = new Sender({ prefix: bodyPrefix(attempt), granted: 0, maxFrame: Math.min(BODY_FRAME_BYTES, maxFrame) })
  sender.write(body)
  sender.end(NOTHING)
  return sender
}
