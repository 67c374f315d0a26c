import { setTimeout as sleep } from 'node:timers/promises'
import { GatewayError } from '@gomodel/contracts'

/** When the provider is called: after the semantic cache has answered, when it is late, or at once. */
export interface Dispatch {
  readonly mode: 'wait' | 'hedge' | 'race'
  /** The start that the cache has in `hedge`, in milliseconds. */
  readonly hedgeMs: number
}

/** The two ways to an answer. */
export interface Ways<H, S> {
  readonly look: () => Promise<H | undefined>
  /** Resolves with the first content; aborting the signal ends the call. */
  readonly call: (signal: AbortSignal) => Promise<S>
  /** Told of a call that came to content after the cache had won. */
  readonly drop: (late: S) => void
}

/** One of the two ways led somewhere. */
export type First<H, S> = { readonly hit: H } | { readonly called: S }

/** What the cache found, or else the provider's answer; a call that the cache overtakes before its first content is aborted. */
export async function dispatched<H, S>({ mode, hedgeMs }: Dispatch, ways: Ways<H, S>, signal: AbortSignal): Promise<First<H, S>> {
  const looking = ways.look()
  if (mode !== 'race') {
    const early = mode === 'wait' ? { hit: await looking } : await Promise.race([looking.then(hit => ({ hit })), sleep(hedgeMs)])
    if (early) return early.hit === undefined ? { called: await ways.call(signal) } : { hit: early.hit }
  }
  return raced(ways, looking, signal)
}

async function raced<H, S>({ call, drop }: Ways<H, S>, looking: Promise<H | undefined>, signal: AbortSignal): Promise<First<H, S>> {
  const overtaken = new AbortController()
  const calling = call(AbortSignal.any([signal, overtaken.signal]))
  const called: Promise<First<H, S>> = calling.then(source => ({ called: source }))
  const found = looking.then(hit => (hit === undefined ? called : { hit }))
  // A call that fails first leaves the word to the cache.
  const first = await Promise.race([found, called.catch(() => found)])
  if ('hit' in first) {
    overtaken.abort(new GatewayError('cancelled', 'the cache was faster'))
    calling.then(drop, () => undefined)
  }
  return first
}
