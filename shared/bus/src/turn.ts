/**
 * Runs a job once, however often it was asked for meanwhile: with much under way at the end of this turn of the event loop, so that what all
 * sockets brought leaves in one write; with little under way at once after the current callback, as then a further turn only costs time.
 */
export class Turn {
  readonly #job: () => void
  readonly #busy: () => boolean
  #scheduled = false

  constructor(job: () => void, busy: () => boolean) {
    this.#job = job
    this.#busy = busy
  }

  schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    if (this.#busy()) setImmediate(this.#run)
    else process.nextTick(this.#run)
  }

  readonly #run = (): void => {
    this.#scheduled = false
    this.#job()
  }
}

/** With so many exchanges under way, waiting for the turn's end pays. */
export const MANY = 16
