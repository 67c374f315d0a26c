import type { ServedCall } from './served-call.ts'
import type { Transport } from './transport.ts'
import { Turn } from './turn.ts'

/**
 * What a worker's answers have to send. All frames of a turn leave together: adjacent writes of one stream become one frame and all streams
 * share one socket write. While the bus is away nothing is made; it stays queued under the credit that its caller gave.
 */
export class Outbox {
  readonly #transport: Transport
  readonly #unsendable: (call: ServedCall) => void
  readonly #dirty = new Set<ServedCall>()
  readonly #turn: Turn

  /** `unsendable` gets a call of which a message does not fit on the bus: its caller would ask for it again and again. */
  constructor(transport: Transport, unsendable: (call: ServedCall) => void, busy: () => boolean) {
    this.#transport = transport
    this.#unsendable = unsendable
    this.#turn = new Turn(() => this.flush(), busy)
  }

  touch(call: ServedCall): void {
    this.#dirty.add(call)
    this.#turn.schedule()
  }

  forget(call: ServedCall): void {
    this.#dirty.delete(call)
  }

  flush(): void {
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
