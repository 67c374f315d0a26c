import { GatewayError } from '@gomodel/contracts'
import type { Transport } from './transport.ts'

/** A message on its way out. */
export interface Departure {
  readonly subject: string
  readonly message: Buffer
  readonly reply?: string | undefined
  /** Asked when it leaves: whoever wanted it may be gone by then. */
  wanted?(): boolean
  left?(): void
  failed?(error: GatewayError): void
}

/**
 * Requests and questions on their way out. One alone leaves at once; with much under way all of one turn of the event loop leave together,
 * where the transport makes one socket write of them (a write costs more than all else that is done for a message).
 */
export class Departures {
  readonly #transport: Transport
  readonly #busy: () => boolean
  #waiting: Departure[] = []

  constructor(transport: Transport, busy: () => boolean) {
    this.#transport = transport
    this.#busy = busy
  }

  send(departure: Departure): void {
    if (this.#waiting.length > 0) this.#waiting.push(departure)
    else if (this.#transport.sharesWrites && this.#busy()) {
      this.#waiting.push(departure)
      setImmediate(this.#leave)
    } else this.#publish(departure)
  }

  readonly #leave = (): void => {
    const departures = this.#waiting
    this.#waiting = []
    for (const departure of departures) this.#publish(departure)
  }

  #publish(departure: Departure): void {
    if (departure.wanted?.() === false) return
    try {
      this.#transport.publish(departure.subject, departure.message, departure.reply)
      departure.left?.()
    } catch (thrown) {
      departure.failed?.(GatewayError.from(thrown))
    }
  }
}
