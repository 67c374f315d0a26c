import type { Desk } from './desk.ts'

/** What participants of one process have in common beside the messages between them. */
export interface Near {
  readonly desk: Desk
  /** Runs a task after the current callback. */
  later(task: () => void): void
  /** Somebody listens to a subject: what nobody hears need not be said. */
  heard(subject: string): boolean
}
