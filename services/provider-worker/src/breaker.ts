import { GatewayError } from '@gomodel/contracts'
import type { Health } from './provider.ts'

export interface BreakerSettings {
  /** Failures in a row that open it; 0 means it never opens. */
  readonly failureThreshold: number
  /** Successful trials in a row that close it. */
  readonly successThreshold: number
  /** How long it stays open before the first trial. */
  readonly timeoutMs: number
}

export type BreakerState = 'closed' | 'open' | 'half_open'

/** One call that the breaker let through. */
export interface Permit {
  /** The provider has begun to answer: for a trial that is proof enough, however long the answer takes. */
  begun(): void
  /** How the call ended. */
  settle(health: Health): void
}

// Nobody knows when a trial under way ends; a caller who comes back after this finds it decided more often than not.
const TRIAL_RETRY_MS = 1000

/** Keeps calls from a provider that fails: closed lets all through, open none, half open one at a time until enough succeed. */
export class Breaker {
  readonly #name: string
  readonly #settings: BreakerSettings
  readonly #now: () => number
  readonly #changed: () => void
  /** `half_open` is not kept: it is open whose time is up. */
  #open = false
  #openedAt = 0
  #failures = 0
  #successes = 0
  #trying = false
  /** Counts openings: a call let through before the last one has nothing to say any more. */
  #generation = 0

  constructor(name: string, settings: BreakerSettings, watch: { now: () => number; changed: () => void }) {
    this.#name = name
    this.#settings = settings
    this.#now = watch.now
    this.#changed = watch.changed
  }

  get state(): BreakerState {
    if (!this.#open) return 'closed'
    return this.#remainingMs() > 0 ? 'open' : 'half_open'
  }

  /** While it is open: when it will let a trial through. */
  get retryAfterMs(): number | undefined {
    return this.state === 'open' ? this.#remainingMs() : undefined
  }

  /** Asks to make one call; throws while the breaker is open. */
  enter(): Permit {
    const state = this.state
    if (state === 'open' || (state === 'half_open' && this.#trying)) {
      throw new GatewayError('circuit_open', `${this.#name} is failing and gets a pause`, {
        provider: this.#name,
        retryAfterMs: this.retryAfterMs ?? TRIAL_RETRY_MS,
      })
    }
    const generation = this.#generation
    let trial = state === 'half_open'
    let settled = false
    if (trial) this.#trying = true
    const endTrial = (): void => {
      trial = false
      this.#trying = false
    }
    return {
      begun: () => {
        if (!trial || settled || generation !== this.#generation) return
        endTrial()
        this.#trialSucceeded()
      },
      settle: health => {
        if (settled || generation !== this.#generation) return
        settled = true
        const wasTrial = trial
        if (trial) endTrial()
        if (health === 'bad') this.#failed()
        else if (health === 'good' && wasTrial) this.#trialSucceeded()
        else if (health === 'good' && !this.#open) this.#failures = 0
      },
    }
  }

  #failed(): void {
    const { failureThreshold } = this.#settings
    this.#failures++
    if (failureThreshold === 0 || (!this.#open && this.#failures < failureThreshold)) return
    this.#open = true
    this.#openedAt = this.#now()
    this.#successes = 0
    this.#trying = false
    this.#generation++
    this.#changed()
  }

  #trialSucceeded(): void {
    if (++this.#successes < this.#settings.successThreshold) return
    this.#open = false
    this.#failures = 0
    this.#changed()
  }

  #remainingMs(): number {
    return Math.max(0, Math.ceil(this.#openedAt + this.#settings.timeoutMs - this.#now()))
  }
}
