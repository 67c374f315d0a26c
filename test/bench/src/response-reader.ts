/** What a connection does with the response that it reads. */
export interface ResponseSink {
  /** `xCache` is what the answer says of the cache, if it does. */
  head(status: number, xCache: string | undefined): void
  body(bytes: Buffer): void
  end(): void
}

const CRLF = '\r\n'
const HEAD_END = '\r\n\r\n'
const EMPTY: Buffer = Buffer.alloc(0)

/** Reads HTTP/1.1 responses from one socket, with a length or in chunks: just enough of the protocol, for as little as it can cost. */
export class ResponseReader {
  readonly #sink: ResponseSink
  #rest = EMPTY
  #state: 'head' | 'length' | 'size' | 'chunk' | 'trailer' = 'head'
  /** Bytes of the body, or of the chunk with its line end, that are still to come. */
  #left = 0

  constructor(sink: ResponseSink) {
    this.#sink = sink
  }

  push(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    while (bytes.length > 0) {
      const used = this.#step(bytes)
      if (used === 0) break
      bytes = bytes.subarray(used)
    }
    this.#rest = bytes
  }

  /** Reads what comes next and says how many bytes that took; none when more have to come first. */
  #step(bytes: Buffer): number {
    if (this.#state === 'head') return this.#head(bytes)
    if (this.#state === 'length') return this.#counted(bytes)
    if (this.#state === 'chunk') return this.#chunk(bytes)
    const lineEnd = bytes.indexOf(CRLF)
    if (lineEnd < 0) return 0
    if (this.#state === 'trailer') {
      if (lineEnd === 0) this.#done()
      return lineEnd + 2
    }
    const size = Number.parseInt(bytes.toString('latin1', 0, lineEnd), 16)
    if (Number.isNaN(size)) throw new Error('a chunk has no size')
    this.#state = size === 0 ? 'trailer' : 'chunk'
    this.#left = size + 2
    return lineEnd + 2
  }

  #head(bytes: Buffer): number {
    const end = bytes.indexOf(HEAD_END)
    if (end < 0) return 0
    const head = bytes.toString('latin1', 0, end)
    this.#sink.head(Number(head.slice(9, 12)), /\r\nx-cache: *([^\r]*)/i.exec(head)?.[1])
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1]
    if (length !== undefined) {
      this.#left = Number(length)
      this.#state = 'length'
      if (this.#left === 0) this.#done()
    } else if (/\r\ntransfer-encoding: *chunked/i.test(head)) this.#state = 'size'
    else throw new Error('a response has neither a length nor chunks')
    return end + HEAD_END.length
  }

  #counted(bytes: Buffer): number {
    const taken = Math.min(this.#left, bytes.length)
    this.#sink.body(taken === bytes.length ? bytes : bytes.subarray(0, taken))
    this.#left -= taken
    if (this.#left === 0) this.#done()
    return taken
  }

  #chunk(bytes: Buffer): number {
    const taken = Math.min(this.#left, bytes.length)
    const data = Math.min(this.#left - 2, taken)
    if (data > 0) this.#sink.body(bytes.subarray(0, data))
    this.#left -= taken
    if (this.#left === 0) this.#state = 'size'
    return taken
  }

  #done(): void {
    this.#state = 'head'
    this.#sink.end()
  }
}
