import type { Usage } from '@gomodel/contracts'
import { EventSplitter } from '../sse.ts'
import { mergedUsage } from '../providers/anthropic/usage.ts'
import { nativeUsageOf } from '../providers/usage.ts'
import { nativeUsageIn, type NativeUsage, together, usageFrom } from './usage-in.ts'

/** How an answer is built: one JSON document, server-sent events, or a line of JSON for each of several answers. */
export type AnswerForm = 'document' | 'events' | 'lines'

/** Why an answer was not looked into. */
export type Unobserved = 'too_large' | 'encoded' | 'unreadable'

const MAX_BYTES = 4 * 1024 * 1024
const LF = 0x0a

/** Looks for what was spent in an answer that passes by, and changes nothing of it. What it cannot read it lets be. */
export class UsageObserver {
  readonly #form: AnswerForm
  readonly #unobserved: (why: Unobserved) => void
  readonly #event: (data: string) => void
  readonly #splitter = new EventSplitter(MAX_BYTES)
  #kept: Buffer[] = []
  #keptBytes = 0
  #blind = false
  #native: NativeUsage | undefined
  #sum: Usage | undefined

  /** `event` is told the data of each event of a stream. */
  constructor(form: AnswerForm, { unobserved, event }: { unobserved: (why: Unobserved) => void; event: (data: string) => void }) {
    this.#form = form
    this.#unobserved = unobserved
    this.#event = event
  }

  push(chunk: Buffer): void {
    if (this.#blind) return
    if (this.#form === 'events') this.#events(chunk)
    else if (this.#form === 'document') this.#keep(chunk)
    else this.#lines(chunk)
  }

  /** The answer is complete. */
  end(): void {
    if (this.#blind) return
    const last = this.#form === 'events' ? this.#splitter.end()?.data : this.#taken().toString()
    if (last) this.#look(last)
  }

  /** What was found so far. */
  get usage(): Usage | undefined {
    return this.#form === 'lines' ? this.#sum : this.#native && usageFrom(this.#native)
  }

  /** As the provider gave it; of several answers together there is none. */
  get nativeUsage(): NativeUsage | undefined {
    return this.#form === 'lines' ? undefined : nativeUsageOf(this.#native)
  }

  #events(chunk: Buffer): void {
    try {
      for (const { data } of this.#splitter.push(chunk)) {
        this.#event(data)
        this.#look(data)
      }
    } catch {
      this.#giveUp('too_large')
    }
  }

  #lines(chunk: Buffer): void {
    let at = 0
    for (let end = chunk.indexOf(LF); end !== -1 && !this.#blind; end = chunk.indexOf(LF, at)) {
      this.#keep(chunk.subarray(at, end))
      if (!this.#blind) this.#look(this.#taken().toString())
      at = end + 1
    }
    if (!this.#blind) this.#keep(chunk.subarray(at))
  }

  #keep(bytes: Buffer): void {
    this.#keptBytes += bytes.length
    if (this.#keptBytes > MAX_BYTES) return this.#giveUp('too_large')
    this.#kept.push(bytes)
  }

  #taken(): Buffer {
    const bytes = Buffer.concat(this.#kept)
    this.#kept = []
    this.#keptBytes = 0
    return bytes
  }

  #look(text: string): void {
    // Most events say nothing of it, and parsing each would cost more than passing it on.
    if (!text.includes('"usage')) return
    const value = parsed(text)
    if (value === undefined) return this.#form === 'document' ? this.#unobserved('unreadable') : undefined
    const found = nativeUsageIn(value)
    if (!found) return
    if (this.#form !== 'lines') this.#native = mergedUsage(this.#native, found)
    else {
      const usage = usageFrom(found)
      if (usage) this.#sum = together(this.#sum, usage)
    }
  }

  #giveUp(why: Unobserved): void {
    this.#blind = true
    this.#kept = []
    this.#unobserved(why)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
