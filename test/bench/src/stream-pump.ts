import type { Socket } from 'node:net'
import { DONE_EVENT, EVENTS, USAGE_EVENT } from './traffic.ts'

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
const CHUNKS = EVENTS.map(asChunk)
const OPENING = Buffer.concat([HEAD, CHUNKS[0]!])
const LAST_CHUNK = Buffer.from('0\r\n\r\n')
const TAIL = Buffer.concat([asChunk(DONE_EVENT), LAST_CHUNK])
const TAIL_WITH_USAGE = Buffer.concat([asChunk(USAGE_EVENT), TAIL])

/** Writes every stream at one pace: an event each, in a write of its own, per delay; what is overdue leaves together. */
export class StreamPump {
  readonly #delayMs: number
  readonly #flows = new Set<Flow>()
  #scheduled = false

  constructor(delayMs: number) {
    this.#delayMs = delayMs
  }

  begin(socket: Socket, usage: boolean): void {
    const flow = { socket, startedAt: performance.now(), tail: usage ? TAIL_WITH_USAGE : TAIL, sent: 1 }
    socket.write(OPENING)
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
    const due = this.#delayMs === 0 ? sent + 1 : Math.min(CHUNKS.length, 1 + Math.floor((now - flow.startedAt) / this.#delayMs))
    if (due <= sent) return
    flow.sent = due
    const chunks = CHUNKS.slice(sent, due)
    if (due === CHUNKS.length) {
      chunks.push(flow.tail)
      this.#flows.delete(flow)
    }
    socket.write(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks))
  }
}

function asChunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])
}
