import { type EndOf, GatewayError, type HeadOf, type RequestOf, type relay } from '@gomodel/contracts'
import type { Call } from '@gomodel/bus'
import type { Instance } from '../instances.ts'
import type { InstanceMetrics } from '../observe.ts'
import { ProviderError } from '../provider.ts'
import type { UpstreamAnswer } from '../upstream-answer.ts'
import type { WatchedAttempt } from '../watched-attempt.ts'
import { KeyScrubber } from './key-scrubber.ts'
import { type AnswerForm, UsageObserver } from './usage-observer.ts'

export type RelayRequest = RequestOf<typeof relay>
export type RelayEnd = EndOf<typeof relay>
export type RelayCall = Call<RelayRequest, HeadOf<typeof relay>>

/** One answer on its way from the provider to the caller. */
export interface Passing {
  readonly instance: Instance
  readonly metrics: InstanceMetrics
  readonly call: RelayCall
  readonly head: HeadOf<typeof relay>
  readonly answer: UpstreamAnswer
  readonly attempt: WatchedAttempt
  /** Look for what was spent. */
  readonly observed: boolean
  /** Called when the first byte goes out. */
  readonly begun: () => void
}

/** Passes an answer on as it comes, no faster than the caller reads; resolves with what it said of its cost. */
export async function passOn(passing: Passing): Promise<RelayEnd> {
  const { instance, answer, attempt } = passing
  const scrubber = new KeyScrubber(instance.apiKey)
  const observer = observerOf(passing)
  const writer = new Writer(passing)
  const streamed = formOf(passing) === 'events'
  if (observer && !passing.call.request.batch) attempt.reading(() => ({ ...(observer.usage && { usage: observer.usage }) }))
  try {
    await answer.read(chunk => {
      if (streamed) {
        if (!writer.begun) attempt.begun()
        attempt.piece()
      }
      writer.write(scrubber.push(chunk))
      observer?.push(chunk)
    })
    attempt.over()
    writer.write(scrubber.end())
    writer.begin()
  } catch (thrown) {
    throw writer.begun ? broken(passing, thrown) : thrown
  }
  observer?.end()
  return { ...(observer?.usage && { usage: observer.usage }), ...(observer?.nativeUsage && { nativeUsage: observer.nativeUsage }) }
}

class Writer {
  readonly #passing: Passing
  #waiting = false
  begun = false

  constructor(passing: Passing) {
    this.#passing = passing
  }

  begin(): void {
    if (this.begun) return
    this.begun = true
    this.#passing.begun()
    this.#passing.call.head(this.#passing.head)
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.begin()
    const { call, answer, attempt } = this.#passing
    if (call.write(bytes) || this.#waiting) return
    this.#waiting = true
    answer.pause()
    const goOn = (): void => {
      this.#waiting = false
      attempt.resumed()
      answer.resume()
    }
    call.drained().then(goOn, goOn)
  }
}

function observerOf(passing: Passing): UsageObserver | undefined {
  const { metrics, attempt, observed, head } = passing
  const form = formOf(passing)
  if (!observed || form === undefined) return undefined
  if (head.headers.some(([name, value]) => name === 'content-encoding' && value !== 'identity')) {
    metrics.unobserved('encoded')
    return undefined
  }
  return new UsageObserver(form, { unobserved: why => metrics.unobserved(why), event: data => attempt.event(data) })
}

/** Undefined for what says nothing of its cost: sound, pictures, text. */
function formOf({ call: { request }, head }: Passing): AnswerForm | undefined {
  if (request.batch !== undefined) return 'lines'
  const type = head.headers.find(([name]) => name === 'content-type')?.[1] ?? ''
  if (/^text\/event-stream\b/i.test(type)) return 'events'
  return /^application\/(?:[\w.+-]+\+)?json\b/i.test(type) ? 'document' : undefined
}

/** A failure after the first byte: nothing can mend it any more. */
function broken({ instance: { name }, call }: Passing, thrown: unknown): unknown {
  if (call.signal.aborted || !(thrown instanceof GatewayError)) return thrown
  const failure = thrown instanceof ProviderError ? thrown.failure : 'protocol'
  return new ProviderError(failure, 'stream_broken', failure === 'timeout' ? thrown.message : `${name} broke off its answer`, { provider: name, cause: thrown })
}
