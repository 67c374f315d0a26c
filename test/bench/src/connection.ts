import { connect, type Socket } from 'node:net'
import { BodyCheck } from './body-check.ts'
import { ExpectedBody } from './expected-body.ts'
import type { Requests } from './requests.ts'
import { ResponseReader, type ResponseSink } from './response-reader.ts'
import type { Tally } from './tally.ts'

/** What every connection of a job wants to get. */
export interface Expected {
  readonly port: number
  readonly body: ExpectedBody
  readonly xCache: string | undefined
}

const PATIENCE_MS = 15_000
const RECONNECT_MS = 50
const ERROR_BODY = new ExpectedBody({ read: () => undefined, said: undefined })

/** One client: sends a request, reads the answer, sends the next. */
export class Connection implements ResponseSink {
  readonly #expected: Expected
  readonly #requests: Requests
  readonly #tally: Tally
  readonly #closed = Promise.withResolvers<void>()
  #socket: Socket | undefined
  #check: BodyCheck
  #status = 0
  #xCache: string | undefined
  #waiting = false
  #stopping = false
  #sentAt = 0
  #firstByteAt = 0
  #lastByteAt = 0
  #stallMs = 0

  constructor(expected: Expected, requests: Requests, tally: Tally) {
    this.#expected = expected
    this.#requests = requests
    this.#tally = tally
    this.#check = new BodyCheck(expected.body)
  }

  start(): void {
    const reader = new ResponseReader(this)
    const socket = connect({ port: this.#expected.port, host: '127.0.0.1', noDelay: true })
    let broken = 'closed early'
    this.#socket = socket
    socket.once('connect', () => this.#send())
    socket.on('data', (chunk: Buffer) => {
      this.#heard()
      try {
        reader.push(chunk)
      } catch (thrown) {
        socket.destroy(thrown instanceof Error ? thrown : undefined)
      }
    })
    socket.on('error', error => {
      broken = error.message
    })
    socket.once('close', () => this.#lost(broken))
  }

  /** Lets the answer that is under way come to its end, and sends nothing more. */
  async stop(): Promise<void> {
    this.#stopping = true
    if (!this.#waiting) this.#socket?.destroy()
    if (!this.#socket) this.#closed.resolve()
    const late = setTimeout(() => {
      if (this.#waiting) this.#tally.failed(`no end within ${PATIENCE_MS / 1000} s: ${this.#check.text().slice(-200)}`)
      this.#waiting = false
      this.#socket?.destroy()
    }, PATIENCE_MS)
    await this.#closed.promise
    clearTimeout(late)
  }

  head(status: number, xCache: string | undefined): void {
    this.#status = status
    this.#xCache = xCache
    // What an error says is kept whole, to be shown.
    if (status !== 200) this.#check = new BodyCheck(ERROR_BODY)
  }

  body(bytes: Buffer): void {
    this.#check.take(bytes)
    this.#tally.received(bytes.length)
  }

  end(): void {
    this.#waiting = false
    if (this.#status === 200) {
      const check = this.#check
      const said = this.#xCache
      const due = this.#expected.xCache
      // Of equal requests at once the first is answered and the others share that.
      const asDue = said === due || (due === 'HIT (exact)' && said === 'HIT (shared)')
      this.#tally.answered({
        verdict: check.verdict(),
        cacheAsDue: asDue,
        ms: this.#lastByteAt - this.#sentAt,
        firstByteMs: this.#firstByteAt - this.#sentAt,
        stallMs: this.#stallMs,
        text: () => (asDue ? check.text().slice(-400) : `X-Cache was ${said}, not ${due}`),
      })
    } else this.#tally.failed(`status ${this.#status}: ${this.#check.text()}`)
    if (this.#stopping) this.#socket?.destroy()
    else this.#send()
  }

  #send(): void {
    this.#check = new BodyCheck(this.#expected.body)
    this.#waiting = true
    this.#firstByteAt = 0
    this.#stallMs = 0
    this.#sentAt = performance.now()
    this.#socket?.write(this.#requests())
  }

  #heard(): void {
    const now = performance.now()
    if (this.#firstByteAt === 0) this.#firstByteAt = now
    else if (now - this.#lastByteAt > this.#stallMs) this.#stallMs = now - this.#lastByteAt
    this.#lastByteAt = now
  }

  #lost(how: string): void {
    if (this.#waiting) this.#tally.failed(`connection lost: ${how}`)
    this.#waiting = false
    if (this.#stopping) this.#closed.resolve()
    else setTimeout(() => (this.#stopping ? this.#closed.resolve() : this.start()), RECONNECT_MS)
  }
}
