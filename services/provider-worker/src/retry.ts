import { setTimeout as sleep } from 'node:timers/promises'
import { FAILURES, ProviderError } from './provider.ts'
import type { RetryBudget } from './retry-budget.ts'

export interface RetrySettings {
  readonly maxRetries: number
  readonly initialBackoffMs: number
  readonly maxBackoffMs: number
}

/** How the loop of tries meets the world. */
export interface RetryOptions {
  readonly settings: RetrySettings
  readonly budget: RetryBudget
  readonly signal: AbortSignal
  /** Between 0 and 1. */
  readonly random: () => number
  /** Told before each wait. */
  readonly onRetry: (failure: ProviderError, waitMs: number) => void
}

// A client that is told to come back in 10 s does better elsewhere than waiting here.
const RETRY_AFTER_LIMIT_MS = 2000

/** Tries until it succeeds, or fails in a way that another try would not mend. */
export async function withRetries<T>(attempt: (lastFailure: ProviderError | undefined) => Promise<T>, options: RetryOptions): Promise<T> {
  let lastFailure: ProviderError | undefined
  options.budget.earn()
  for (let tries = 0; ; tries++) {
    try {
      return await attempt(lastFailure)
    } catch (thrown) {
      const waitMs = thrown instanceof ProviderError ? backoffMs(thrown, tries, options) : undefined
      if (waitMs === undefined || !options.budget.spend()) throw thrown
      lastFailure = thrown as ProviderError
      options.onRetry(lastFailure, waitMs)
      await pause(waitMs, options.signal)
    }
  }
}

/** How long to wait before the next try; undefined when there is to be none. */
export function backoffMs(failure: ProviderError, triesBefore: number, { settings, random }: Pick<RetryOptions, 'settings' | 'random'>): number | undefined {
  // What broke after the first content is beyond repair: the client has seen it.
  const { again } = FAILURES[failure.failure]
  const most = again === 'once' ? Math.min(1, settings.maxRetries) : settings.maxRetries
  if (triesBefore >= most || !again || failure.code === 'stream_broken') return undefined
  const asked = failure.details.retryAfterMs
  const jitter = random() * Math.min(settings.maxBackoffMs, settings.initialBackoffMs * 2 ** triesBefore)
  if (asked === undefined) return jitter
  return asked > RETRY_AFTER_LIMIT_MS ? undefined : Math.max(asked, jitter)
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch {
    throw new ProviderError('cancelled', 'cancelled', 'the caller is gone')
  }
}
