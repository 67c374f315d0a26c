import type { Model } from './provider.ts'

/** More than all else that an announcement says. */
const ENVELOPE_BYTES = 4 * 1024

/** What an announcement names of an instance's models: all of them, or of a very long list the first that one message has room for. */
export class AnnouncedModels {
  readonly #leftOut: (count: number) => void
  #list: readonly Model[] = []
  #maxPayload = 0
  #fitting: readonly Model[] = []

  /** `leftOut` is told how many are not named, once for each list. */
  constructor(leftOut: (count: number) => void) {
    this.#leftOut = leftOut
  }

  /** Those of a list that a bus with such messages can carry. The list is measured when it is another one: it is told twice a second. */
  of(list: readonly Model[], maxPayload: number): readonly Model[] {
    if (list === this.#list && maxPayload === this.#maxPayload) return this.#fitting
    this.#list = list
    this.#maxPayload = maxPayload
    this.#fitting = list.slice(0, countWithin(list, maxPayload - ENVELOPE_BYTES))
    if (this.#fitting.length < list.length) this.#leftOut(list.length - this.#fitting.length)
    return this.#fitting
  }
}

function countWithin(list: readonly Model[], room: number): number {
  let bytes = 0
  const over = list.findIndex(model => {
    bytes += Buffer.byteLength(JSON.stringify(model)) + 1
    return bytes > room
  })
  return over < 0 ? list.length : over
}
