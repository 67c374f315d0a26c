import { type End, type GenerateRequest, type Identity, ProviderError, type StreamReader } from '../provider.ts'
import type { SseEvent } from '../sse.ts'
import { reported } from './openai-error.ts'
import { endsByItself, refuses } from './natural.ts'
import { isRecord, nativeUsageOf, usageOf } from './usage.ts'

const DONE = Buffer.from('data: [DONE]\n\n')

/** Reads a chat stream: passes every chunk as it came, and notes when the answer begins, what it costs and whether it is whole. */
export class ChatStream implements StreamReader {
  readonly #identity: Identity
  readonly #includeUsage: boolean
  /** By choice, its finish reason; undefined while it gave none. */
  readonly #finished = new Map<unknown, string | undefined>()
  #usage: End['usage']
  #nativeUsage: End['nativeUsage']
  #refused = false
  #finish: string | undefined
  speaking = false
  done = false

  constructor(identity: Identity, request: GenerateRequest) {
    this.#identity = identity
    this.#includeUsage = request.includeUsage
  }

  get end(): End {
    const natural = this.#finished.size > 0 && !this.#refused && [...this.#finished.values()].every(endsByItself)
    return {
      ...(this.#usage && { usage: this.#usage }),
      ...(this.#nativeUsage && { nativeUsage: this.#nativeUsage }),
      ...(this.#finish !== undefined && { finish: this.#finish }),
      natural,
    }
  }

  read({ raw, data }: SseEvent): Uint8Array | undefined {
    if (this.done) return undefined
    if (data.trim() === '[DONE]') {
      this.done = true
      return undefined
    }
    const chunk = this.#parsed(data)
    if (chunk.error) throw reported(this.#identity, data)
    const usage = usageOf(chunk.usage)
    if (usage) {
      this.#usage = usage
      this.#nativeUsage = nativeUsageOf(chunk.usage)
    }
    const choices: readonly unknown[] = Array.isArray(chunk.choices) ? chunk.choices : []
    for (const choice of choices) this.#note(choice)
    // Every upstream is asked for usage; the chunk that carries nothing else goes to who asked too.
    return usage && choices.length === 0 && !this.#includeUsage ? undefined : raw
  }

  close(): Uint8Array {
    const whole = this.done || (this.#finished.size > 0 && [...this.#finished.values()].every(finish => finish !== undefined))
    if (whole) return DONE
    throw new ProviderError('transport', 'provider_failed', `${this.#identity.name} ended its answer early`, { provider: this.#identity.name })
  }

  #parsed(data: string): Readonly<Record<string, unknown>> {
    let chunk: unknown
    try {
      chunk = JSON.parse(data)
    } catch {
      // What it is instead is judged below.
    }
    if (isRecord(chunk)) return chunk
    const { name: provider } = this.#identity
    throw new ProviderError('transport', 'provider_failed', `${provider} sent a chunk that is not a JSON object`, { provider })
  }

  #note(choice: unknown): void {
    if (!isRecord(choice)) return
    const index = choice.index ?? 0
    const finish = choice.finish_reason
    const finished = typeof finish === 'string' && finish !== ''
    if (finished && index === 0) this.#finish = finish
    this.#finished.set(index, finished ? finish : this.#finished.get(index))
    this.#refused ||= refuses(choice.delta)
    this.speaking ||= finished || hasContent(choice.delta)
  }
}

/** A delta says something when any of its fields but the role does. */
function hasContent(delta: unknown): boolean {
  if (!isRecord(delta)) return false
  for (const name in delta) {
    if (name !== 'role' && !isEmpty(delta[name])) return true
  }
  return false
}

function isEmpty(value: unknown): boolean {
  if (typeof value !== 'object') return !value
  return value === null || (Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0)
}
