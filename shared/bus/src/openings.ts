import { GatewayError } from '@gomodel/contracts'
import type { Attempt } from './attempt.ts'
import type { Inbox } from './inbox.ts'
import type { Transport } from './transport.ts'
import { Turn } from './turn.ts'

interface Opening {
  readonly attempt: Attempt
  readonly subject: string
  readonly message: Buffer
}

/** The openings of new attempts on their way out: under load all of one turn share one socket write. */
export class Openings {
  readonly #transport: Transport
  readonly #inbox: Inbox
  readonly #turn: Turn
  #waiting: Opening[] = []

  constructor(transport: Transport, inbox: Inbox, busy: () => boolean) {
    this.#transport = transport
    this.#inbox = inbox
    this.#turn = new Turn(() => this.#publish(), busy)
  }

  send(opening: Opening): void {
    this.#waiting.push(opening)
    this.#turn.schedule()
  }

  #publish(): void {
    const openings = this.#waiting
    this.#waiting = []
    for (const { attempt, subject, message } of openings) {
      if (attempt.over) continue
      try {
        this.#transport.publish(subject, message, this.#inbox.subject(attempt.id))
        attempt.opened = true
      } catch (thrown) {
        attempt.fail(GatewayError.from(thrown))
      }
    }
  }
}
