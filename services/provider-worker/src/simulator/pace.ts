import type { ServerResponse } from 'node:http'
import type { Behaviour } from './simulated-models.ts'

/** What is to be spoken, and what follows when it is. */
export interface Speech {
  readonly tokens: number
  /** So many tokens more are due. */
  take(count: number): void
  done(): void
}

// Fast models speak several tokens at once: a timer for each would cost more than what it says.
const SHORTEST_TICK_MS = 10
// What a model without a pace says before it looks whether somebody listens.
const SLICE = 256

/** Speaks at the pace of a model, on one timer, no faster than the client reads; falls silent when the client leaves. */
export function speak(response: ServerResponse, speech: Speech, { tokensPerSecond, delayMs }: Behaviour): void {
  if (response.destroyed) return
  const { tokens } = speech
  const startedAt = performance.now() + delayMs
  let timer: NodeJS.Timeout | undefined
  let taken = 0

  const due = (): number => (tokensPerSecond === 0 ? taken + SLICE : Math.floor(((performance.now() - startedAt) * tokensPerSecond) / 1000))
  const tick = (): void => {
    for (;;) {
      const count = Math.min(tokens, due()) - taken
      if (count > 0) speech.take(count)
      taken += Math.max(0, count)
      if (taken === tokens) return end()
      if (tokensPerSecond > 0 || response.writableNeedDrain) return
    }
  }
  const end = (): void => {
    stop()
    speech.done()
  }
  const whenRead = (): void => {
    if (!response.writableNeedDrain) tick()
  }
  const begin = (): void => {
    response.on('drain', whenRead)
    if (tokensPerSecond > 0) timer = setInterval(whenRead, Math.max(SHORTEST_TICK_MS, 1000 / tokensPerSecond))
    tick()
  }
  const stop = (): void => {
    clearTimeout(timer)
    response.off('drain', whenRead)
  }
  response.once('close', stop)
  if (delayMs > 0) timer = setTimeout(begin, delayMs)
  else begin()
}
