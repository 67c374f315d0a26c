import type { ServerResponse } from 'node:http'

/** Who waits for an answer. Its signal is made when somebody wants to hear of it: an answer out of the cache mostly leaves before that. */
export class Client {
  readonly #response: ServerResponse
  #signal: AbortSignal | undefined

  constructor(response: ServerResponse) {
    this.#response = response
  }

  /** It left before its answer was complete. */
  get gone(): boolean {
    return this.#response.closed && !this.#response.writableFinished
  }

  /** Aborts when it leaves. */
  get signal(): AbortSignal {
    return (this.#signal ??= this.gone ? AbortSignal.abort() : this.#watched())
  }

  #watched(): AbortSignal {
    const left = new AbortController()
    this.#response.once('close', () => {
      if (this.gone) left.abort()
    })
    return left.signal
  }
}
