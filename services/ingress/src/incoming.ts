import { IncomingMessage } from 'node:http'
import { GatewayError } from '@gomodel/contracts'

type Done = (error: Error | null, body?: Buffer) => void

/** How long one listens to what is not wanted. */
interface Patience {
  /** Beyond the limit of a body. */
  readonly bytes: number
  /** Without a byte of it. */
  readonly silentMs: number
}

// Enough for what a client sends by mistake over a slow line; it costs no memory, for nothing of it is kept. The server bounds the whole time of a request.
const PATIENCE: Patience = { bytes: 256 * 1024 * 1024, silentMs: 5000 }

/**
 * A request whose body can be had whole. Node gives a body to its request in parts, with `push`; a stream would make events of them, over several turns
 * of its queue, which a short request is not worth.
 */
export class Incoming extends IncomingMessage {
  #limitBytes: number | undefined
  #done: Done | undefined
  #parts: Buffer[] = []
  #bytes = 0
  /** How many may come of a body that is read away. */
  #awayBytes: number | undefined

  /** Calls back once: with the body, with `payload_too_large`, or with `invalid_request` when the client leaves before the end. Nobody else may read it. */
  whole(limitBytes: number, done: Done): void {
    this.#limitBytes = limitBytes
    this.#done = done
    if (Number(this.headers['content-length']) > limitBytes) this.#over(tooLarge())
  }

  /** For a body that was too large and an answer that was written: says that the answer is over, reads what still comes, and ends the connection behind it. */
  readAway({ bytes, silentMs }: Patience = PATIENCE): void {
    const { socket } = this
    this.#awayBytes = this.#limitBytes! + bytes
    socket.setTimeout(silentMs, () => socket.destroy())
    socket.end()
    if (this.complete) socket.destroySoon()
  }

  override push(chunk: Buffer | null, encoding?: BufferEncoding): boolean {
    if (this.#limitBytes === undefined) return super.push(chunk, encoding)
    if (chunk === null) this.#ended()
    else this.#take(chunk)
    return true
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    if (this.#done) this.#over(new GatewayError('invalid_request', 'the request ended before its body', { cause: error }))
    super._destroy(error, callback)
  }

  /** When the answer is out Node resumes a request that nobody read: nothing is left to read of a body that was taken. */
  override resume(): this {
    return this.#limitBytes === undefined ? super.resume() : this
  }

  #take(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#awayBytes !== undefined && this.#bytes > this.#awayBytes) this.socket.destroy()
    if (!this.#done) return
    if (this.#bytes > this.#limitBytes!) this.#over(tooLarge())
    else this.#parts.push(chunk)
  }

  #ended(): void {
    if (this.#awayBytes === undefined) this.#over(null, Buffer.concat(this.#parts))
    else this.socket.destroySoon()
  }

  #over(error: Error | null, body?: Buffer): void {
    const done = this.#done
    this.#done = undefined
    this.#parts = []
    done?.(error, body)
  }
}

const tooLarge = () => new GatewayError('payload_too_large', 'the request body is too large')
