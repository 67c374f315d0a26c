import { PassingMap } from './passing-map.ts'
import { inboxPrefix, randomToken } from './subjects.ts'
import type { Handler, Message, Transport } from './transport.ts'

/** All answers to one participant arrive on one wildcard subscription and are told apart by the last token of the subject. */
export class Inbox {
  readonly prefix: string
  readonly #handlers = new PassingMap<string, Handler>()
  readonly #late: Handler

  /** `late` gets what arrives for a token that is no longer awaited. */
  constructor(transport: Transport, name: string, late: Handler) {
    this.prefix = inboxPrefix(name, randomToken())
    this.#late = late
    transport.subscribe(`${this.prefix}.*`, message => this.#route(message))
  }

  subject(token: string): string {
    return `${this.prefix}.${token}`
  }

  on(token: string, handler: Handler): void {
    this.#handlers.set(token, handler)
  }

  off(token: string): void {
    this.#handlers.delete(token)
  }

  #route(message: Message): void {
    const token = message.subject.slice(this.prefix.length + 1)
    const handler = this.#handlers.get(token) ?? this.#late
    handler(message)
  }
}
