import { type End, type Identity, ProviderError } from '../../provider.ts'
import { endsByItself, refuses } from '../natural.ts'
import { isRecord, nativeUsageOf, usageOf } from '../usage.ts'
import { chunkIn, isFault, refuseFailed, usageElsewhere } from './answer.ts'
import { reported } from './error.ts'

/** Follows a streamed chat chunk by chunk: whether the answer has begun, what it costs and whether it is whole. */
export class ChatProgress {
  readonly #identity: Identity
  readonly #choices: () => number
  /** By choice, its finish reason; undefined while it gave none. */
  readonly #finished = new Map<unknown, string | undefined>()
  #usage: End['usage']
  #nativeUsage: End['nativeUsage']
  /** The last usage came where nothing else did: nothing is counted after it. */
  #closed = false
  #refused = false
  #finish: string | undefined
  speaking = false
  done = false

  /** `choices`: how many the provider was asked for; called only where a stream ends without [DONE]. */
  constructor(identity: Identity, choices: () => number) {
    this.#identity = identity
    this.#choices = choices
  }

  get end(): End {
    const whole = this.#whole
    const natural = whole && this.#finished.size > 0 && !this.#refused && [...this.#finished.values()].every(endsByItself)
    const final = this.#closed || whole
    return {
      ...(this.#usage && { usage: final ? this.#usage : { ...this.#usage, source: 'partial' } }),
      ...(this.#nativeUsage && { nativeUsage: this.#nativeUsage }),
      ...(this.#finish !== undefined && { finish: this.#finish }),
      natural,
    }
  }

  /** The chunk in an event; nothing when the provider said that it is done. Throws on an error inside the stream. */
  take(data: string): Readonly<Record<string, unknown>> | undefined {
    if (this.done) return undefined
    if (data.trim() === '[DONE]') {
      this.done = true
      return undefined
    }
    const chunk = chunkIn(this.#identity, data)
    if (isFault(chunk)) throw reported(this.#identity, data)
    const { choices } = chunk
    if (Array.isArray(choices)) for (const choice of choices as readonly unknown[]) this.#note(choice)
    const said = isRecord(chunk.usage) ? chunk.usage : usageElsewhere(chunk)
    const usage = said === undefined ? undefined : usageOf(said)
    if (usage) {
      this.#usage = usage
      this.#nativeUsage = nativeUsageOf(said)
      this.#closed = !Array.isArray(choices) || choices.length === 0
    }
    return chunk
  }

  /** Throws when the answer is not complete. */
  close(): void {
    if (this.#whole) return
    const { name: provider } = this.#identity
    throw new ProviderError('transport', 'provider_failed', `${provider} ended its answer early`, { provider })
  }

  /** Without [DONE] the choices have to tell: one that never came is missed as well as one that did not finish. */
  get #whole(): boolean {
    if (this.done) return true
    const finished = this.#finished.size > 0 && [...this.#finished.values()].every(finish => finish !== undefined)
    return finished && this.#finished.size >= this.#choices()
  }

  #note(choice: unknown): void {
    if (!isRecord(choice)) return
    const index = choice.index ?? 0
    const finish = choice.finish_reason
    const finished = typeof finish === 'string' && finish !== ''
    if (finished) refuseFailed(this.#identity, choice)
    if (finished && index === 0) this.#finish = finish
    this.#finished.set(index, finished ? finish : this.#finished.get(index))
    this.#refused ||= refuses(choice.delta)
    this.speaking ||= finished || hasContent(choice.delta)
  }
}

/** How many choices a request asks for by its `n`. */
export const choicesAsked = (n: unknown): number => (typeof n === 'number' ? n : 1)

/** What says who speaks, not what: Mistral numbers its deltas, MiniMax names itself in them. */
const WHO: ReadonlySet<string> = new Set(['role', 'index', 'name'])

/** A delta says something when any of its other fields does. */
function hasContent(delta: unknown): boolean {
  if (!isRecord(delta)) return false
  for (const name in delta) {
    if (!WHO.has(name) && !isEmpty(delta[name])) return true
  }
  return false
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object') return !value
  return value === null || (Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0)
}
