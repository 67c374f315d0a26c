import { connect } from 'node:net'

/** A POST whose answer is to be read slowly. */
export interface SlowRequest {
  url: string
  body: string | Buffer
  bytesPerSecond: number
  headers?: Record<string, string>
}

/** A raw HTTP client that takes its answer at a fixed pace. */
export interface SlowReader {
  /** Everything read so far, head and chunk framing included. */
  readonly bytes: Buffer
  readonly byteCount: number
  readonly closed: boolean
  /** Changes the pace from now on. */
  setPace(bytesPerSecond: number): void
  close(): void
}

const TICK_MS = 50

/**
 * Posts over a bare socket and never asks the kernel for more than its pace allows.
 * The kernel's own socket buffers still fill ahead of it (on loopback up to a few MB on both sides together).
 */
export async function slowReader({ url, body, bytesPerSecond, headers = {} }: SlowRequest): Promise<SlowReader> {
  const { hostname, port, pathname, search } = new URL(url)
  const chunks: Buffer[] = []
  let byteCount = 0
  let allowance = 0
  let pace = bytesPerSecond
  let closed = false

  const socket = connect({
    host: hostname,
    port: Number(port),
    onread: {
      // Node reads whole buffers, so the buffer is the grain of the pace.
      buffer: Buffer.alloc(Math.max(1, Math.min(4096, Math.floor((bytesPerSecond * TICK_MS) / 1000)))),
      callback(length, buffer) {
        chunks.push(Buffer.from(buffer.subarray(0, length)))
        byteCount += length
        allowance -= length
        return allowance > 0
      },
    },
  })
  const timer = setInterval(() => {
    const grant = (pace * TICK_MS) / 1000
    allowance = Math.min(allowance + grant, grant)
    if (allowance > 0) socket.resume()
  }, TICK_MS)
  timer.unref()
  socket.on('close', () => {
    closed = true
    clearInterval(timer)
  })

  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('error', reject)
  })
  // The reset that a test provokes is an outcome, not a crash.
  socket.on('error', () => undefined)

  const bytes = Buffer.from(body)
  const head = { host: `${hostname}:${port}`, 'content-type': 'application/json', 'content-length': String(bytes.length), connection: 'close', ...headers }
  const lines = Object.entries(head).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.write(`POST ${pathname}${search} HTTP/1.1\r\n${lines.join('')}\r\n`)
  socket.write(bytes)

  return {
    get bytes() {
      return Buffer.concat(chunks)
    },
    get byteCount() {
      return byteCount
    },
    get closed() {
      return closed
    },
    setPace(next) {
      pace = next
    },
    close() {
      socket.destroy()
    },
  }
}
