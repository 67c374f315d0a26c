import { StoreFault } from '../store-failure.ts'
import { WorkerThread, type WorkerThreadOptions } from './worker-thread.ts'

// Reading 256 MB of vectors back took 0.4 s; a slow disk may take much longer than any other call.
const OPEN_TIMEOUT_MS = 60_000

/** A thread with an open database; one that died is started and opened again with the next call. */
export class RestartingThread {
  readonly #options: WorkerThreadOptions
  #values: readonly unknown[] | undefined
  #current: Promise<WorkerThread> | undefined
  #opened: unknown

  constructor(options: WorkerThreadOptions) {
    this.#options = options
  }

  /** Starts the thread and has it open its database; gives what it answers. */
  async open(...values: unknown[]): Promise<unknown> {
    await this.close()
    this.#values = values
    await this.#thread()
    return this.#opened
  }

  async call(name: string, values: readonly unknown[], transfer: ArrayBuffer[] = []): Promise<unknown> {
    return (await this.#thread()).call(name, values, { transfer })
  }

  /** Ends the thread when it has done what it was given. */
  async close(): Promise<void> {
    this.#values = undefined
    const current = this.#current
    this.#current = undefined
    const thread = await current?.catch(() => undefined)
    await thread?.call('close', []).catch(() => undefined)
    await thread?.end()
  }

  async #thread(): Promise<WorkerThread> {
    if (!this.#values) throw new StoreFault('it is not open')
    this.#current ??= this.#start(this.#values)
    const starting = this.#current
    try {
      const thread = await starting
      if (!thread.gone) return thread
    } catch (thrown) {
      if (this.#current === starting) this.#current = undefined
      throw thrown
    }
    if (this.#current === starting) this.#current = undefined
    return this.#thread()
  }

  async #start(values: readonly unknown[]): Promise<WorkerThread> {
    const thread = new WorkerThread(this.#options)
    try {
      this.#opened = await thread.call('open', values, { timeoutMs: OPEN_TIMEOUT_MS })
      return thread
    } catch (thrown) {
      await thread.end()
      throw thrown
    }
  }
}
