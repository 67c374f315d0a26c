import { NO_TOKENS, type Usage } from '@gomodel/contracts'

// What providers' tokenizers make of English prose and of JSON, roughly.
const CHARACTERS_PER_TOKEN = 4

/** Where the dialects put what a model says, thinks or calls, as it stands in the JSON of an event. */
const SAID = /"(?:content|text|delta|arguments|partial_json|reasoning_content|reasoning|thinking|refusal)": ?"((?:[^"\\]|\\.)+)"/g

/**
 * What an answer cost that was never told to cost anything, because it was cut off: guessed from the sizes of its events.
 * All events of one stream have the same words around what they say, so these are measured once.
 */
export class SpentEstimate {
  #around: number | undefined
  #events = 0
  #characters = 0

  /** One event of the answer, by its data. */
  event(data: string): void {
    this.#around ??= aroundWhatIsSaid(data)
    if (this.#around === undefined || data.length <= this.#around) return
    this.#events++
    this.#characters += data.length - this.#around
  }

  /** `bodyLength` is that of the request. */
  usage(bodyLength: number): Usage {
    const outputText = Math.max(this.#events, Math.round(this.#characters / CHARACTERS_PER_TOKEN))
    return { ...NO_TOKENS, inputUncached: Math.round(bodyLength / CHARACTERS_PER_TOKEN), outputText, source: 'estimated' }
  }
}

/** How much of an event says nothing; undefined when all of it does not. */
function aroundWhatIsSaid(data: string): number | undefined {
  let said = 0
  for (const [, text] of data.matchAll(SAID)) said += text!.length
  return said === 0 ? undefined : data.length - said
}
