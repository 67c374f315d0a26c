interface Waiting<T> {
  readonly text: string
  readonly settled: PromiseWithResolvers<T>
}

/** How many texts go together, and how long the first of them waits for others. */
export interface BatchLimits {
  readonly count: number
  readonly waitMs: number
}

/** Collects what is asked for within a moment into one question. */
export class Batch<T> {
  readonly #limits: BatchLimits
  readonly #ask: (texts: readonly string[]) => Promise<readonly T[]>
  #waiting: Waiting<T>[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(limits: BatchLimits, ask: (texts: readonly string[]) => Promise<readonly T[]>) {
    this.#limits = limits
    this.#ask = ask
  }

  add(text: string): Promise<T> {
    const settled = Promise.withResolvers<T>()
    this.#waiting.push({ text, settled })
    if (this.#waiting.length >= this.#limits.count) this.#send()
    else this.#timer ??= setTimeout(() => this.#send(), this.#limits.waitMs)
    return settled.promise
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const waiting = this.#waiting
    this.#waiting = []
    if (waiting.length > 0) void this.#answer(waiting)
  }

  async #answer(waiting: readonly Waiting<T>[]): Promise<void> {
    try {
      const answers = await this.#ask(waiting.map(({ text }) => text))
      for (const [place, { settled }] of waiting.entries()) settled.resolve(answers[place]!)
    } catch (thrown) {
      for (const { settled } of waiting) settled.reject(thrown)
    }
  }
}
