import type { ServedCall } from './served-call.ts'
import type { Transport } from './transport.ts'

/**
 * What a worker's answers have to send. All frames of a tick leave together: adjacent writes of one stream become one frame and all streams
 * share one socket write. While the bus is away nothing is made; it stays queued under the credit that its caller gave.
 */
export class Outbox {
  readonly #transport: Transport
  readonly #unsendable: (call: ServedCall) => void
  readonly #dirty = new Set<ServedCall>()
  #scheduled = false

  /** `unsendable` gets a call of which a message does not fit on the bus: its caller would ask for it again and again. */
  constructor(transport: Transport, unsendable: (call: ServedCall) => void) {
    this.#transport = transport
    this.#unsendable = unsendable
  }

  touch(call: ServedCall): void {
    this.#dirty.add(call)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => this.flush())
  }

  forget(call: ServedCall): void {
    this.#dirty.delete(call)
  }

  flush(): void {
    this.#scheduled = false
    if (!this.#transport.connected) return
    for (const call of this.#dirty) {
      for (const frame of call.sender.take()) {
        call.accepted = true
        this.send(call, frame)
      }
    }
    this.#dirty.clear()
  }

  /** A caller that did not choose this worker learns from the reply subject whom to talk to. */
  send(call: ServedCall, message: Buffer): void {
    if (!this.#transport.connected) return
    try {
      this.#transport.publish(call.inbox, message, call.from)
    } catch {
      this.#unsendable(call)
    }
  }
}
