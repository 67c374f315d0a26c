// So many in one turn, and in the next one none need leave before the others.
const MANY = 4

/**
 * Writes of one turn of the event loop: the first leaves at once, the others together at its end; with much under way all of them do. A write that finds
 * its reader asleep has to wake it, which takes longer than all else that the kernel does for it; back to back they wake it once.
 */
export class TurnQueue {
  #jobs: (() => void)[] = []
  #open = false
  #busy = false

  /** Runs a job now, or at the end of the turn. */
  run(job: () => void): void {
    if (this.#open) {
      this.#jobs.push(job)
      return
    }
    this.#open = true
    setImmediate(this.#end)
    if (this.#busy) this.#jobs.push(job)
    else job()
  }

  readonly #end = (): void => {
    const jobs = this.#jobs
    this.#open = false
    this.#busy = jobs.length >= MANY
    if (jobs.length === 0) return
    this.#jobs = []
    for (const job of jobs) job()
  }
}
