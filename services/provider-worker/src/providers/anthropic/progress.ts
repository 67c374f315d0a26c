import type { End, Identity } from '../../provider.ts'
import { isRecord, nativeUsageOf } from '../usage.ts'
import { garbled } from './error.ts'
import { isNatural } from './stop-reason.ts'
import { mergedUsage, usageOf } from './usage.ts'

type Given = Readonly<Record<string, unknown>>

/** What the events of one streamed message say of its cost and its end. */
export class Progress {
  readonly #identity: Identity
  #usage: Given | undefined
  #final = false
  stopReason: string | undefined
  /** Why the model would not answer. */
  explanation: string | undefined
  done = false

  constructor(identity: Identity) {
    this.#identity = identity
  }

  note(event: Given): void {
    switch (event.type) {
      case 'message_start':
        if (isRecord(event.message)) this.#took(event.message, event.message.usage)
        break
      case 'message_delta':
        this.#final = true
        this.#took(event.delta, event.usage)
        break
      case 'message_stop':
        this.done = true
    }
  }

  /** Throws when the message was cut off. */
  requireEnd(): void {
    if (!this.done && this.stopReason === undefined) throw garbled(this.#identity, 'ended its answer early')
  }

  /** In the provider's own words. */
  get end(): End {
    const nativeUsage = nativeUsageOf(this.#usage)
    return { ...this.accounts, ...(nativeUsage && { nativeUsage }), ...(this.stopReason !== undefined && { finish: this.stopReason }) }
  }

  /** What holds in any dialect. */
  get accounts(): End {
    const usage = usageOf(this.#usage, this.#final || this.done ? 'final' : 'partial')
    return { ...(usage && { usage }), natural: isNatural(this.stopReason) }
  }

  #took(message: unknown, usage: unknown): void {
    this.#usage = mergedUsage(this.#usage, usage)
    if (!isRecord(message)) return
    if (typeof message.stop_reason === 'string') this.stopReason = message.stop_reason
    const details = message.stop_details
    if (isRecord(details) && typeof details.explanation === 'string') this.explanation = details.explanation
  }
}
