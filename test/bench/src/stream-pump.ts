import type { Socket } from 'node:net'
import type { Sent } from './sent.ts'

interface Flow {
  readonly socket: Socket
  readonly startedAt: number
  readonly tail: Buffer
  /** Events written so far. */
  sent: number
}

const TICK_MS = 5
const MAX_UNREAD_BYTES = 1024 * 1024
const HEAD = Buffer.from('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n')
const LAST_CHUNK = Buffer.from('0\r\n\r\n')

/** Writes every stream at one pace: an event each, in a write of its own, per delay; what is overdue leaves together. */
export class StreamPump {
  readonly #chunks: readonly Buffer[]
  readonly #opening: Buffer
  readonly #tail: Buffer
  readonly #tailWithUsage: Buffer
  readonly #delayMs: number
  readonly #flows = new Set<Flow>()
  #scheduled = false

  constructor({ events, closing, closingWithUsage }: Sent, delayMs: number) {
    this.#chunks = events.map(asChunk)
    this.#opening = Buffer.concat([HEAD, this.#chunks[0]!])
    this.#tail = Buffer.concat([asChunk(closing), LAST_CHUNK])
    this.#tailWithUsage = Buffer.concat([asChunk(closingWithUsage), LAST_CHUNK])
    this.#delayMs = delayMs
  }

  begin(socket: Socket, usage: boolean): void {
    const flow = { socket, startedAt: performance.now(), tail: usage ? this.#tailWithUsage : this.#tail, sent: 1 }
    socket.write(this.#opening)
    this.#flows.add(flow)
    this.#schedule()
  }

  #schedule(): void {
    if (this.#scheduled || this.#flows.size === 0) return
    this.#scheduled = true
    const turn = (): void => {
      this.#scheduled = false
      const now = performance.now()
      for (const flow of this.#flows) this.#write(flow, now)
      this.#schedule()
    }
    if (this.#delayMs === 0) setImmediate(turn)
    else setTimeout(turn, TICK_MS)
  }

  #write(flow: Flow, now: number): void {
    const { socket, sent } = flow
    if (socket.destroyed) this.#flows.delete(flow)
    if (socket.destroyed || socket.writableLength > MAX_UNREAD_BYTES) return
    const due = this.#delayMs === 0 ? sent + 1 : Math.min(this.#chunks.length, 1 + Math.floor((now - flow.startedAt) / this.#delayMs))
    if (due <= sent) return
    flow.sent = due
    const chunks = this.#chunks.slice(sent, due)
    if (due === this.#chunks.length) {
      chunks.push(flow.tail)
      this.#flows.delete(flow)
    }
    socket.write(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
  }
}

function asChunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}
