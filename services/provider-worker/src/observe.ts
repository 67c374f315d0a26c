import { type Usage, inputTokens } from '@gomodel/contracts'
import { QuickCounter, QuickHistogram } from '@gomodel/service'
import { Gauge, type Registry } from 'prom-client'
import type { BreakerState } from './breaker.ts'
import type { Unobserved } from './passthrough/usage-observer.ts'
import type { Failure } from './provider.ts'

/** How a call of a provider ended; `internal` is our own fault. */
export type Outcome = 'ok' | Failure | 'internal'

/** What an instance is asked when somebody looks at the metrics. */
export interface InstanceReadings {
  readonly breaker: () => BreakerState
  readonly inFlight: () => number
  /** Requests that wait for a connection to the provider. */
  readonly queued: () => number
  readonly models: () => number
}

/** What one instance counts while it works. */
export interface InstanceMetrics {
  requested(outcome: Outcome): void
  retried(): void
  /** In milliseconds, as all times here. */
  firstToken(ms: number): void
  answered(ms: number): void
  gap(ms: number): void
  spent(usage: Usage): void
  /** An answer was passed on without a look at what it cost. */
  unobserved(why: Unobserved): void
}

const BREAKER_STATES: Record<BreakerState, number> = { closed: 0, half_open: 1, open: 2 }
const labelNames = ['provider'] as const

/** Registers what a worker counts, once for all its instances. The one label beside a few fixed words is the instance. */
export function workerMetrics(registry: Registry): (provider: string, readings: InstanceReadings) => InstanceMetrics {
  const registers = [registry]
  const instances = new Map<string, InstanceReadings>()
  const reading = (name: string, help: string, read: (of: InstanceReadings) => number) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers,
      collect() {
        for (const [provider, readings] of instances) this.set({ provider }, read(readings))
      },
    })
  const requests = new QuickCounter({ name: 'gateway_upstream_requests_total', help: 'Calls of providers by how they ended.', labelNames: ['provider', 'outcome'], registry })
  const retries = new QuickCounter({ name: 'gateway_upstream_retries_total', help: 'Calls of providers that repeat one that failed.', labelNames, registry })
  const firstToken = new QuickHistogram({ name: 'gateway_upstream_first_token_seconds', help: 'Time from the call of a provider to the first content of its stream.', labelNames, buckets: [0.01, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60], registry })
  const seconds = new QuickHistogram({ name: 'gateway_upstream_seconds', help: 'Time from the call of a provider to the end of its answer, of those that ended well.', labelNames, buckets: [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300], registry })
  const gaps = new QuickHistogram({ name: 'gateway_upstream_token_gap_seconds', help: 'Time between the pieces of a stream as they arrive, while its reader keeps up.', labelNames, buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5], registry })
  const unobserved = new QuickCounter({ name: 'gateway_relay_unobserved_total', help: 'Answers that were passed on without a look at what they cost, by why.', labelNames: ['provider', 'why'], registry })
  const tokens = new QuickCounter({ name: 'gateway_tokens_total', help: 'Tokens by type; the types do not overlap.', labelNames: ['provider', 'type'], registry })
  reading('gateway_breaker_state', 'The circuit breaker of an instance: 0 closed, 1 half open, 2 open.', of => BREAKER_STATES[of.breaker()])
  reading('gateway_worker_in_flight', 'Calls that this worker is answering.', of => of.inFlight())
  reading('gateway_upstream_queue', 'Requests that wait for a connection to the provider.', of => of.queued())
  reading('gateway_worker_models', 'Models that an instance serves.', of => of.models())

  return (provider, readings) => {
    instances.set(provider, readings)
    // What has not happened yet is there as a zero, so that its first time shows as a change.
    const own = { ok: requests.of(provider, 'ok'), retries: retries.of(provider), firstToken: firstToken.of(provider), seconds: seconds.of(provider), gaps: gaps.of(provider) }
    const spent = { input: tokens.of(provider, 'input'), cached: tokens.of(provider, 'cached_input'), output: tokens.of(provider, 'output'), reasoning: tokens.of(provider, 'reasoning') }
    return {
      requested: outcome => (outcome === 'ok' ? own.ok : requests.of(provider, outcome)).inc(),
      retried: () => own.retries.inc(),
      firstToken: ms => own.firstToken.observe(ms / 1000),
      answered: ms => own.seconds.observe(ms / 1000),
      gap: ms => own.gaps.observe(ms / 1000),
      spent: usage => {
        spent.input.inc(inputTokens(usage) - usage.inputCacheRead)
        spent.cached.inc(usage.inputCacheRead)
        spent.output.inc(usage.outputText + usage.outputAudio)
        spent.reasoning.inc(usage.outputReasoning)
      },
      unobserved: why => unobserved.of(provider, why).inc(),
    }
  }
}
