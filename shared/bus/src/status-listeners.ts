import type { TransportStatus } from './transport.ts'

/** Who wants to know how it goes. One that throws harms neither the others nor the one who tells. */
export class StatusListeners {
  readonly #all: ((status: TransportStatus) => void)[] = []

  add(listener: (status: TransportStatus) => void): void {
    this.#all.push(listener)
  }

  tell(status: TransportStatus): void {
    for (const listener of this.#all) {
      try {
        listener(status)
      } catch (error) {
        if (status.kind !== 'handler_failed') this.tell({ kind: 'handler_failed', subject: status.kind, error })
      }
    }
  }
}
