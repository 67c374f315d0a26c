import type { Bus, Served } from '@gomodel/bus'
import { announced, generate } from '@gomodel/contracts'
import type { Running, Tracing } from '@gomodel/service'
import type { Registry } from 'prom-client'
import { Breaker, type BreakerSettings } from './breaker.ts'
import { type Generator, generateAnswer } from './generate.ts'
import type { Instance } from './instances.ts'
import type { Log } from './log.ts'
import { ModelList, type ModelsMode, listModels } from './models.ts'
import { type InstanceMetrics, type InstanceReadings, workerMetrics } from './observe.ts'
import { providerOf } from './providers/index.ts'
import type { RetrySettings } from './retry.ts'
import { Upstream } from './upstream.ts'

/** Everything the operator decides about a worker. */
export interface WorkerSettings {
  readonly instances: readonly Instance[]
  readonly retry: RetrySettings
  readonly breaker: BreakerSettings
  readonly connectTimeoutMs: number
  /** To the first content of a stream, or to the head of a whole answer. */
  readonly firstTokenTimeoutMs: number
  /** Between bytes after that. */
  readonly gapTimeoutMs: number
  readonly modelRefreshIntervalMs: number
  readonly modelsMode: ModelsMode
  /** Calls in flight per instance above which further ones are refused. */
  readonly capacity: number
}

/** What a worker uses of the process it lives in. */
export interface WorkerParts {
  readonly bus: Bus
  readonly log: Log
  readonly metrics: Registry
  readonly tracing: Tracing
}

interface InstanceParts extends WorkerParts {
  readonly observed: (provider: string, readings: InstanceReadings) => InstanceMetrics
}

const ANNOUNCE_EVERY_MS = 500

/** Serves every instance of the settings on the bus and keeps telling what they offer. */
export function start(settings: WorkerSettings, parts: WorkerParts): Running {
  if (settings.instances.length === 0) parts.log.warn({}, 'this worker has no provider instance to serve: OPENAI_API_KEY or OPENAI_BASE_URL make one')
  const observed = workerMetrics(parts.metrics)
  const serving = settings.instances.map(instance => new ServedInstance(instance, settings, { ...parts, observed }))
  for (const one of serving) one.begin()
  const ticker = setInterval(() => {
    for (const one of serving) one.announce()
  }, ANNOUNCE_EVERY_MS)
  return {
    async stop() {
      clearInterval(ticker)
      await Promise.all(serving.map(one => one.stop()))
    },
  }
}

/** One instance on the bus: its connections, its breaker, its models. */
class ServedInstance {
  readonly #instance: Instance
  readonly #bus: Bus
  readonly #upstream: Upstream
  readonly #breaker: Breaker
  readonly #models: ModelList
  readonly #served: Served
  #leaving = false

  constructor(instance: Instance, settings: WorkerSettings, { bus, log, tracing, observed }: InstanceParts) {
    const { name } = instance
    const provider = providerOf(instance)
    this.#instance = instance
    this.#bus = bus
    this.#upstream = new Upstream(name, instance.baseUrl, settings.connectTimeoutMs)
    this.#breaker = new Breaker(name, settings.breaker, {
      now: () => performance.now(),
      changed: () => {
        log.warn({ instance: name, breaker: this.#breaker.state }, 'the circuit breaker changed')
        this.announce()
      },
    })
    this.#models = new ModelList({
      instance,
      mode: settings.modelsMode,
      refreshIntervalMs: settings.modelRefreshIntervalMs,
      fetch: signal => listModels(provider, this.#upstream, signal),
      changed: () => this.announce(),
      log,
      random: Math.random,
    })
    const generator: Generator = {
      instance,
      provider,
      upstream: this.#upstream,
      breaker: this.#breaker,
      retry: settings.retry,
      firstTokenTimeoutMs: settings.firstTokenTimeoutMs,
      gapTimeoutMs: settings.gapTimeoutMs,
      log,
      tracing,
      metrics: observed(name, {
        breaker: () => this.#breaker.state,
        inFlight: () => this.#served.inFlight,
        queued: () => this.#upstream.queued,
        models: () => this.#models.models.length,
      }),
    }
    this.#served = bus.serveExchange(generate, { to: name, capacity: settings.capacity }, call => generateAnswer(generator, call))
  }

  begin(): void {
    this.#models.start()
    this.announce()
  }

  announce(): void {
    const { retryAfterMs } = this.#breaker
    this.#bus.emit(announced, {
      instance: this.#instance.name,
      worker: this.#served.worker,
      rank: this.#instance.rank,
      models: [...this.#models.models],
      breaker: this.#breaker.state,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
      leaving: this.#leaving,
    })
  }

  async stop(): Promise<void> {
    this.#leaving = true
    this.announce()
    await Promise.all([this.#models.stop(), this.#served.drain()])
    await this.#upstream.close()
  }
}
