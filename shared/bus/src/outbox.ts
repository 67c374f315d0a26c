import { isStream, KIND } from './frames.ts'
import type { ServedCall } from './served-call.ts'
import type { Tally } from './tally.ts'
import type { Transport } from './transport.ts'
import { Turn } from './turn.ts'

/**
 * What a worker's answers have to send. All frames of a turn leave together: adjacent writes of one stream become one frame and all streams
 * share one socket write. While the bus is away nothing is made; it stays queued under the credit that its caller gave.
 */
export class Outbox {
  readonly #transport: Transport
  readonly #tally: Tally
  readonly #unsendable: (call: ServedCall) => void
  /** A new one for each flush: see PassingMap. */
  #dirty = new Set<ServedCall>()
  readonly #turn: Turn

  /** `unsendable` gets a call of which a message does not fit on the bus: its caller would ask for it again and again. */
  constructor(options: { transport: Transport; tally: Tally; unsendable: (call: ServedCall) => void; busy: () => boolean }) {
    this.#transport = options.transport
    this.#tally = options.tally
    this.#unsendable = options.unsendable
    this.#turn = new Turn(() => this.flush(), options.busy)
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
    const dirty = this.#dirty
    this.#dirty = new Set()
    for (const call of dirty) {
      for (const frame of call.sender.take()) {
        call.accepted = true
        this.send(call, frame)
      }
    }
  }

  /** A caller that did not choose this worker learns from the reply subject whom to talk to. */
  send(call: ServedCall, message: Buffer): void {
    if (!this.#transport.connected) return
    if (isStream(message)) this.#tally.framesOut++
    else if (message[0] === KIND.state) this.#tally.credits++
    else if (message[0] === KIND.resume) this.#tally.resumes++
    try {
      this.#transport.publish(call.inbox, message, call.from)
    } catch {
      this.#unsendable(call)
    }
  }
}
