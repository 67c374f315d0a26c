import { Worker, type Transferable } from 'node:worker_threads'
import { PassingMap } from '@gomodel/bus'
import { StoreFault } from '../store-failure.ts'
import type { ThreadReply } from './thread-calls.ts'

/** What a thread is told at its start. */
export interface ThreadData {
  readonly file: string
  readonly limitBytes: number
  readonly sweepMs: number
}

/** Which program runs in the thread, with what, and how long one call may take. */
export interface WorkerThreadOptions {
  readonly program: URL
  readonly data: ThreadData
  readonly timeoutMs: number
  /** Told where a damaged file was put. */
  readonly onDamage: (aside: string) => void
}

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (fault: StoreFault) => void
}

/** A thread that answers calls. When it dies, its calls fail, and `onGone` is told. */
export class WorkerThread {
  readonly #options: WorkerThreadOptions
  readonly #worker: Worker
  readonly #waiting = new PassingMap<number, Waiting>()
  #calls = 0
  #gone = false

  constructor(options: WorkerThreadOptions) {
    this.#options = options
    this.#worker = new Worker(options.program, { workerData: options.data })
    // Whoever uses a store closes it; a thread alone is no reason for a process to stay.
    this.#worker.unref()
    this.#worker.on('message', (reply: ThreadReply) => this.#take(reply))
    this.#worker.on('error', () => this.#end())
    this.#worker.on('exit', () => this.#end())
  }

  get gone(): boolean {
    return this.#gone
  }

  /** Asks for one thing; throws a StoreFault that says why it failed. */
  async call(name: string, values: readonly unknown[], { transfer = [], timeoutMs = this.#options.timeoutMs }: { transfer?: Transferable[]; timeoutMs?: number } = {}): Promise<unknown> {
    if (this.#gone) throw new StoreFault('its thread ended')
    const number = ++this.#calls
    const answered = new Promise<unknown>((resolve, reject) => this.#waiting.set(number, { resolve, reject }))
    const timer = setTimeout(() => this.#settle(number, { number, failure: 'it does not answer in time' }), timeoutMs)
    this.#worker.postMessage({ number, name, values }, transfer)
    try {
      return await answered
    } finally {
      clearTimeout(timer)
    }
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
    this.#end()
  }

  #take(reply: ThreadReply): void {
    if ('damaged' in reply) this.#options.onDamage(reply.damaged)
    else this.#settle(reply.number, reply)
  }

  #settle(number: number, reply: Exclude<ThreadReply, { damaged: string }>): void {
    const waiting = this.#waiting.get(number)
    this.#waiting.delete(number)
    if ('failure' in reply) waiting?.reject(new StoreFault(reply.failure))
    else waiting?.resolve(reply.value)
  }

  #end(): void {
    this.#gone = true
    for (const number of this.#waiting.keys()) this.#settle(number, { number, failure: 'its thread ended' })
  }
}
