interface Waiting<T, F> {
  readonly text: string
  readonly asker: F
  readonly settled: PromiseWithResolvers<T>
}

/** How many texts go together, and how long the first of them waits for others. */
export interface BatchLimits {
  readonly count: number
  readonly waitMs: number
}

/** Collects what is asked for within a moment into one question, which is put for the first of its askers. */
export class Batch<T, F> {
  readonly #limits: BatchLimits
  readonly #ask: (texts: readonly string[], first: F) => Promise<readonly T[]>
  #waiting: Waiting<T, F>[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(limits: BatchLimits, ask: (texts: readonly string[], first: F) => Promise<readonly T[]>) {
    this.#limits = limits
    this.#ask = ask
  }

  add(text: string, asker: F): Promise<T> {
    const settled = Promise.withResolvers<T>()
    this.#waiting.push({ text, asker, settled })
    if (this.#waiting.length >= this.#limits.count) this.#send()
    else this.#timer ??= setTimeout(() => this.#send(), this.#limits.waitMs)
    return settled.promise
  }

  #send(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const waiting = this.#waiting
    this.#waiting = []
    const [first] = waiting
    if (first) void this.#answer(waiting, first.asker)
  }

  async #answer(waiting: readonly Waiting<T, F>[], first: F): Promise<void> {
    try {
      const answers = await this.#ask(waiting.map(({ text }) => text), first)
      for (const [place, { settled }] of waiting.entries()) settled.resolve(answers[place]!)
    } catch (thrown) {
      for (const { settled } of waiting) settled.reject(thrown)
    }
  }
}
